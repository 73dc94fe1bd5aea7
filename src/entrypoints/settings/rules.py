"""What settings must not say together, and what a demo may do but production never."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from entrypoints.settings.readers import hosts_of_database, sslmode_of_database
from entrypoints.settings.values import (
    Environment,
    Exemption,
    GatewayAuth,
    GatewayKind,
    JwtAlgorithm,
    MailEncryption,
    Wrong,
)

KEY_CHARACTERS_MIN: Final = 32
SECRET_CHARACTERS_MIN: Final = 16
DISTINCT_CHARACTERS_MIN: Final = 8
DISTINCT_BYTES_MIN: Final = 16
SESSION_SECONDS_MIN: Final = 60
KEYS_OF_AUTH: Final[Mapping[str, tuple[str, ...]]] = {
    GatewayAuth.API_KEY: ("api_key",),
    GatewayAuth.JWT: ("gateway_key_id", "gateway_private_key_file", "gateway_bank_key_file"),
}
PAIRS: Final = (
    ("webhook_next_user", "webhook_next_password"),
    ("webhook_header_name", "webhook_header_value"),
    ("webhook_signature_header", "webhook_signature_secret"),
    ("alert_webhook_url", "alert_webhook_secret"),
    ("consent_text", "consent_text_hindi"),
)
SECRETS: Final = (
    "api_key",
    "response_key",
    "webhook_password",
    "webhook_next_password",
    "webhook_header_value",
    "webhook_signature_secret",
    "webhook_signature_next_secret",
    "jwt_secret",
    "cookie_key",
    "files_secret_key",
)
DATABASES: Final = ("database_url", "migration_database_url")
OF_A_BUCKET: Final = ("files_region", "files_access_key", "files_secret_key")
ABOUT_A_BUCKET: Final = ("files_endpoint", *OF_A_BUCKET, "files_prefix")
KEYS_OF_PLATFORM: Final = ("jwt_jwks_file", "jwt_jwks_url")
CIPHER_KEYS: Final = ("cipher_keys", "cipher_keys_file")
GUESSABLE: Final = ("change-me", "changeme", "example", "password", "secret", "12345678")
STAND_INS: Final = ("simulator", "localhost", "mock", "fake")
RESERVED_ENDINGS: Final = (".test", ".example", ".invalid", ".localhost", ".local", "example.com")

PREFIX_MIN: Final[Mapping[int, int]] = {4: 8, 6: 16}
"""Fewer bits name a network that no operator owns; the largest private one has 8, those of clouds more."""

Values = Mapping[str, Any]


def contradictions(values: Values) -> Iterator[Wrong]:
    """Find what is wrong between *values*; a field that could not be read is not among them."""
    yield from _pairs(values)
    yield from _consent(values)
    yield from _signature(values)
    yield from _keys(values)
    yield from _files(values)
    yield from _approvals(values)
    if values.get("gateway") != GatewayKind.FAKE and _left_out(values, "gateway_url"):
        yield _wrong("gateway_url", "is missing; set the base address of the gateway")
    for name in KEYS_OF_AUTH.get(values.get("gateway_auth", ""), ()):
        if _left_out(values, name):
            yield _wrong(name, "is missing; the chosen SHULK_GATEWAY_AUTH needs it")
    if values.get("environment") is Environment.PRODUCTION:
        yield from _production(values)


def _approvals(values: Values) -> Iterator[Wrong]:
    reminder = values.get("refund_approval_reminder_hours")
    lapse = values.get("refund_approval_lapse_hours")
    if reminder is not None and lapse is not None and reminder >= lapse:
        yield _wrong(
            "refund_approval_reminder_hours", "is not before SHULK_REFUND_APPROVAL_LAPSE_HOURS"
        )


def _pairs(values: Values) -> Iterator[Wrong]:
    for pair in PAIRS:
        for name, other in (pair, pair[::-1]):
            if _left_out(values, name) and values.get(other) is not None:
                yield _wrong(name, f"is missing; it goes together with SHULK_{other.upper()}")


def _consent(values: Values) -> Iterator[Wrong]:
    if _left_out(values, "privacy_notice_url") and values.get("consent_text") is not None:
        what = "is missing; SHULK_CONSENT_TEXT says what students agree to, and this where they read of it"
        yield _wrong("privacy_notice_url", what)


def _signature(values: Values) -> Iterator[Wrong]:
    if values.get("webhook_signature_next_secret") is not None:
        for name in ("webhook_signature_header", "webhook_signature_secret"):
            if _left_out(values, name):
                yield _wrong(
                    name, "is missing; SHULK_WEBHOOK_SIGNATURE_NEXT_SECRET is only a second key"
                )
    header = values.get("webhook_signature_header")
    if header is not None and header.lower() == (values.get("webhook_header_name") or "").lower():
        yield _wrong("webhook_signature_header", "is the header that holds a fixed value already")


def _keys(values: Values) -> Iterator[Wrong]:
    if "jwt_algorithm" in values:
        yield from _platform_keys(values)
    if all(_left_out(values, name) for name in CIPHER_KEYS):
        yield _wrong("cipher_keys", "is missing; set it, or SHULK_CIPHER_KEYS_FILE")
    if all(values.get(name) for name in CIPHER_KEYS):
        yield _wrong("cipher_keys", "remove it, or SHULK_CIPHER_KEYS_FILE; one of them is enough")
    for name in ("jwt_secret", "cookie_key"):
        if 0 < len(values.get(name) or "") < KEY_CHARACTERS_MIN:
            yield _wrong(name, f"write at least {KEY_CHARACTERS_MIN} random characters")


def _platform_keys(values: Values) -> Iterator[Wrong]:
    shared = values["jwt_algorithm"] == (JwtAlgorithm.HS256,)
    wanted, refused = (
        (("jwt_secret",), KEYS_OF_PLATFORM) if shared else (KEYS_OF_PLATFORM, ("jwt_secret",))
    )
    if all(_left_out(values, name) for name in wanted):
        yield _wrong(wanted[0], "is missing; the chosen SHULK_JWT_ALGORITHM needs it")
    if all(values.get(name) is not None for name in KEYS_OF_PLATFORM):
        yield _wrong("jwt_jwks_url", "remove it, or SHULK_JWT_JWKS_FILE; one of them is enough")
    for name in refused:
        if values.get(name) is not None:
            yield _wrong(name, "remove it; the chosen SHULK_JWT_ALGORITHM does not use it")


def _files(values: Values) -> Iterator[Wrong]:
    if values.get("files_bucket") is not None:
        for name in OF_A_BUCKET:
            if _left_out(values, name):
                yield _wrong(name, "is missing; it goes together with SHULK_FILES_BUCKET")
    elif "files_bucket" in values:
        for name in ABOUT_A_BUCKET:
            if values.get(name) is not None:
                yield _wrong(name, "remove it, or set SHULK_FILES_BUCKET; it is about a bucket")


def _production(values: Values) -> Iterator[Wrong]:
    if values.get("gateway") in {GatewayKind.FAKE, GatewayKind.SIMULATOR}:
        yield _wrong("gateway", "production takes money only through smartgateway")
    if values.get("demo_sign_in"):
        yield _wrong("demo_sign_in", "production has no sign-in by picking a student; remove it")
    if values.get("demo_people_file") is not None:
        yield _wrong("demo_people_file", "production has no made-up people; remove it")
    if values.get("session_lifetime_seconds", SESSION_SECONDS_MIN) < SESSION_SECONDS_MIN:
        yield _wrong(
            "session_lifetime_seconds", f"production gives at least {SESSION_SECONDS_MIN} seconds"
        )
    for name in ("public_url", "gateway_url", "privacy_notice_url"):
        address = values.get(name)
        if address is not None and (urlsplit(address).scheme != "https" or _stands_in(address)):
            yield _wrong(name, "production needs an https:// address of the real thing")
    yield from _weak_secrets(values)
    allowed = values.get("allow_insecure", ())
    for exemption, name, what in (*_unencrypted(values), *_any_proxy(values), *_shared(values)):
        if exemption not in allowed:
            yield _wrong(name, f"{what}, or allow it: SHULK_ALLOW_INSECURE={exemption}")


def _unencrypted(values: Values) -> Iterator[tuple[Exemption, str, str]]:
    """Find what goes through a network without encryption, or to a server that nobody verified."""
    mail = values.get("smtp_url")
    for name in DATABASES:
        database = values.get(name)
        if (
            database
            and sslmode_of_database(database) != "verify-full"
            and not all(map(_is_here, hosts_of_database(database)))
        ):
            what = "production verifies the database's certificate: add ?sslmode=verify-full"
            yield Exemption.UNVERIFIED_DATABASE, name, what
    if mail and mail.encryption is MailEncryption.NONE and not _is_here(mail.host):
        what = "production sends mail encrypted: write smtps://, or add ?starttls=1"
        yield Exemption.PLAIN_SMTP, "smtp_url", what
    for exemption, name, scheme, better in (
        (Exemption.PLAIN_REDIS, "redis_url", "redis", "rediss"),
        (Exemption.PLAIN_STORAGE, "files_endpoint", "http", "https"),
    ):
        parts = urlsplit(values.get(name) or "")
        if parts.scheme == scheme and not _is_here(parts.hostname or ""):
            yield exemption, name, f"production speaks to it encrypted: write {better}://"


def _any_proxy(values: Values) -> Iterator[tuple[Exemption, str, str]]:
    if any(each.prefixlen < PREFIX_MIN[each.version] for each in values.get("trusted_proxies", ())):
        what = "name the networks of your proxies; so many addresses are not all yours"
        yield Exemption.ANY_PROXY, "trusted_proxies", what


def _shared(values: Values) -> Iterator[tuple[Exemption, str, str]]:
    """Find each secret that stands in more than one variable: who learns one of them has the other."""
    held: dict[str, str] = {}
    for name, secret in _secrets(values):
        if secret in held:
            what = f"is the same secret as SHULK_{held[secret].upper()}; draw one for each"
            yield Exemption.SHARED_SECRET, name, what
        held.setdefault(secret, name)


def _secrets(values: Values) -> Iterator[tuple[str, str]]:
    for name in SECRETS:
        if values.get(name):
            yield name, values[name]
    for name in (*DATABASES, "redis_url"):
        if password := urlsplit(values.get(name) or "").password:
            yield name, unquote(password)
    mail = values.get("smtp_url")
    if mail and mail.password:
        yield "smtp_url", mail.password


def _is_here(host: str) -> bool:
    """Whether *host* is this machine: a loopback address, its name, or a socket in a folder."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


def _weak_secrets(values: Values) -> Iterator[Wrong]:
    for name in SECRETS:
        if _weak(values.get(name)):
            yield _wrong(name, "is too weak for production; use a long random one")
    for name in CIPHER_KEYS:
        keys = values.get(name)
        if keys is not None and any(map(_drawn_by_hand, keys.by_id.values())):
            yield _wrong(name, "is too weak for production; draw it: openssl rand -base64 32")


def _stands_in(address: str) -> bool:
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host.endswith(RESERVED_ENDINGS) or any(word in host for word in STAND_INS)


def _weak(secret: str | None) -> bool:
    if secret is None:
        return False
    return (
        len(secret) < SECRET_CHARACTERS_MIN
        or len(set(secret)) < DISTINCT_CHARACTERS_MIN
        or any(word in secret.lower() for word in GUESSABLE)
    )


def _drawn_by_hand(key: bytes) -> bool:
    # Random bytes are as good as never all printable, or so few of a kind.
    return len(set(key)) < DISTINCT_BYTES_MIN or (key.isascii() and key.decode().isprintable())


def _left_out(values: Values, name: str) -> bool:
    return name in values and values[name] is None


def _wrong(name: str, what: str) -> Wrong:
    return Wrong(f"SHULK_{name.upper()}", what)
