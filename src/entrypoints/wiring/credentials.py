"""Which keys, passwords and certificates this process holds, as the monitoring watches them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.x509 import load_pem_x509_certificates

from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.monitoring.credential import Credential
from entrypoints.settings.settings import PREFIX, VARIABLES, Settings

FINGERPRINT_BYTES: Final = 6
"""Enough to tell one version from the next, and too little to say anything of a secret of 16 random characters."""

KEY_FILES: Final = ("gateway_private_key_file", "gateway_bank_key_file")
OF_DATABASE: Final = ("sslcert", "sslrootcert")
"""The words of PostgreSQL's address that name a file with a certificate."""


def held_credentials(
    settings: Settings, configuration: Callable[[], GatewayConfiguration]
) -> Callable[[], Sequence[Credential]]:
    """
    Return what tells them all, each by the name of its setting; files that cannot be read are left out.

    Files are read once, as all else of the settings is. The bank's secrets are those of the *configuration* in
    effect, which people change while the process runs.
    """
    files = [*_files(settings)]

    def held() -> Sequence[Credential]:
        configured = {each.value: value for each, value in configuration().secrets.known().items()}
        return [*_secrets(settings, configured), *files]

    return held


def credential_age_max(settings: Settings) -> timedelta:
    """Return for how long one may be used that states no end."""
    return timedelta(days=settings.credential_age_days)


def _secrets(settings: Settings, configured: Mapping[str, str]) -> Iterator[Credential]:
    for variable in VARIABLES:
        name = variable.name.removeprefix(PREFIX).lower()
        value = configured.get(name, getattr(settings, name)) if variable.secret else None
        # An address is no secret as a whole: it changes when a server moves.
        if value and isinstance(value, str) and not name.endswith("_url"):
            yield _credential(name, value.encode())
    # Older keys only decrypt what was encrypted before: the active one alone has to be replaced in time.
    keys = settings.keys_at_rest
    yield _credential(f"cipher_keys {keys.active}", keys.by_id[keys.active])


def _files(settings: Settings) -> Iterator[Credential]:
    for name in KEY_FILES:
        if (path := getattr(settings, name)) is not None:
            yield from _file(name, path)
    if settings.audit_key_file is not None:
        yield from _first_line("audit_key_file", settings.audit_key_file)
    words = parse_qs(urlsplit(settings.database_url).query)
    for word in OF_DATABASE:
        for path in words.get(word, ()):
            yield from _file(f"database_url {word}", Path(path))


def _file(name: str, path: Path) -> Iterator[Credential]:
    try:
        content = path.read_bytes()
    except OSError:
        return
    yield _credential(name, content, _end_of(content))


def _first_line(name: str, path: Path) -> Iterator[Credential]:
    """Yield the key in the first line alone: the one behind it only proves what was sealed before."""
    try:
        first, _, _ = path.read_bytes().strip().partition(b"\n")
    except OSError:
        return
    yield _credential(name, first.strip())


def _end_of(content: bytes) -> datetime | None:
    """Return the end of the one certificate in *content*; a bundle of several has none that would matter."""
    try:
        found = load_pem_x509_certificates(content)
    except ValueError:
        return None
    return found[0].not_valid_after_utc.astimezone(UTC) if len(found) == 1 else None


def _credential(name: str, value: bytes, ends_at: datetime | None = None) -> Credential:
    setting, _, part = name.partition(" ")
    told = f"{PREFIX}{setting.upper()} {part}".strip()
    digest = hashlib.blake2b(value, digest_size=FINGERPRINT_BYTES, person=b"credential")
    return Credential(name=told, fingerprint=digest.hexdigest(), ends_at=ends_at)
