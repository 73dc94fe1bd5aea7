"""What an operator writes is read once, wholly, and without repeating a secret."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path

import pytest

from domain.documents.invoicing import DatedBy, DocumentPolicy
from domain.payments.adjustment import AdjustmentKind
from domain.tax.gstin import Gstin
from domain.tax.tax_tables import NOTIFIED
from entrypoints.settings import readers as read
from entrypoints.settings.settings import (
    VARIABLES,
    Environment,
    GatewayAuth,
    GatewayKind,
    JwtAlgorithm,
    MailEncryption,
    MailServer,
    Rate,
    Settings,
    SettingsWrong,
    load_settings,
    secrets_of,
)
from entrypoints.settings.values import SettingUnreadable
from entrypoints.wiring.documents import company, document_policy, file_store
from samples.hdfc.jwe import key_files
from text_vectors import (
    ADDRESSES,
    BLANK_NAMES,
    CARD_NUMBERS,
    EMAILS,
    NAMES,
    NO_EMAILS,
    UNPRINTABLE_NAMES,
)
from worlds.settings import settings_with

EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
STRONG = {
    "SHULK_API_KEY": "4F9C1E0B7A6D4D0E9B8A2C3D5E6F7081",
    "SHULK_RESPONSE_KEY": "9A8B7C6D5E4F30211203F4E5D6C7B8A9",
    "SHULK_WEBHOOK_PASSWORD": "kTq8vXw2rNf6hLs4pZb9",
    "SHULK_JWT_SECRET": "Jm3Qx9Vt5Hc7Rk1Wz8Ld2Pg6Ys4Nb0Fa",
    "SHULK_COOKIE_KEY": "Zp7Rt2Kx5Wm9Qc4Hv8Jb1Ng6Ld3Sf0Ya",
    "SHULK_CIPHER_KEYS": "2026:B2mN0b7kqJ3o9S8t4WcXlYhRzEuVfGdIpQaLsKjTnMo=",
}
PRODUCTION = (
    EXAMPLE
    | STRONG
    | {
        "SHULK_ENVIRONMENT": "production",
        "SHULK_PUBLIC_URL": "https://fees.learn.in",
        "SHULK_GATEWAY": "smartgateway",
        "SHULK_GATEWAY_URL": "https://smartgateway.hdfcuat.bank.in",
    }
)


def refused(environ: Mapping[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsWrong) as refusal:
        load_settings(environ)
    return {each.name: each.what for each in refusal.value.wrong}


def test_the_example_is_a_working_development_setup() -> None:
    """
    Whoever copies the example file starts with something that is accepted.
    """
    settings = load_settings(EXAMPLE)

    assert settings.environment is Environment.DEVELOPMENT
    assert settings.gateway is GatewayKind.SIMULATOR
    assert settings.session_lifetime == timedelta(minutes=15)
    assert settings.status_read_interval == timedelta(seconds=3)
    assert settings.limit_initiate == Rate(times=5, seconds=60)
    assert isinstance(settings.seller_gstin, Gstin)
    assert not settings.is_production


def test_production_accepts_the_real_thing() -> None:
    """
    The strict rules leave a way through.
    """
    assert load_settings(PRODUCTION).is_production


def test_nothing_said_is_production() -> None:
    """
    Whoever forgets the environment gets the strict rules, not the lax ones.
    """
    said = {name: value for name, value in EXAMPLE.items() if name != "SHULK_ENVIRONMENT"}

    assert "SHULK_GATEWAY" in refused(said)


def test_all_that_is_missing_is_named_at_once() -> None:
    """
    Nobody starts the server eighteen times to learn eighteen names.
    """
    needed = {each.name for each in VARIABLES if each.needed}

    for_some = {"SHULK_API_KEY", "SHULK_JWT_SECRET", "SHULK_GATEWAY_URL", "SHULK_CIPHER_KEYS"}
    assert needed | for_some == set(refused({}))


def test_missing_and_wrong_and_unknown_are_named_together() -> None:
    """
    One look shows all three kinds of mistakes.
    """
    environ = EXAMPLE | {"SHULK_PORT": "http", "SHULK_PROT": "80", "SHULK_SELLER_NAME": ""}

    wrong = refused(environ)

    assert set(wrong) == {"SHULK_PORT", "SHULK_PROT", "SHULK_SELLER_NAME"}
    assert "SHULK_PORT" in wrong["SHULK_PROT"]


def test_an_unknown_name_like_no_other_is_to_be_removed() -> None:
    """
    A setting that it cannot have meant is not proposed.
    """
    wrong = refused(EXAMPLE | {"SHULK_FOO": "1"})

    assert wrong == {"SHULK_FOO": "is no setting of this version; remove it"}


@pytest.mark.parametrize("name", ["SELLER_NAME", "SELLER_ADDRESS", "SELLER_GRIEVANCE_OFFICER"])
def test_what_stands_on_documents_is_printable(name: str) -> None:
    """
    By the rule of every entrance.
    """
    variable = f"SHULK_{name}"
    for text in (*BLANK_NAMES, *UNPRINTABLE_NAMES, *CARD_NUMBERS):
        assert set(refused(EXAMPLE | {variable: text})) == {variable}
    for text in (*NAMES, *ADDRESSES):
        load_settings(EXAMPLE | {variable: text})


def test_where_students_turn_to_is_an_address_that_mail_can_go_to() -> None:
    """
    By the rule of every entrance.
    """
    variable = "SHULK_SELLER_SUPPORT_EMAIL"
    for text in NO_EMAILS:
        assert set(refused(EXAMPLE | {variable: text})) == {variable}
    for text in EMAILS:
        load_settings(EXAMPLE | {variable: text, "SHULK_MAIL_FROM": f"Fees, of Shulk <{text}>"})


def test_other_programs_variables_are_left_alone() -> None:
    """
    Only names with our prefix are ours to judge.
    """
    assert load_settings(EXAMPLE) == load_settings(EXAMPLE | {"PATH": "/bin", "SHULKY": "x"})


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ENVIRONMENT", "staging"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "-1"),
        ("PORT", "9" * 5000),
        ("PUBLIC_URL", "ftp://fees.example.com"),
        ("PUBLIC_URL", "https://fees.example.com/?a=1"),
        ("PUBLIC_URL", "https://user:pass@fees.example.com"),
        ("PUBLIC_URL", "https://"),
        ("TERMS_URL", "terms"),
        ("TERMS_URL", "https://user:pass@learn.example.com"),
        ("TERMS_URL", 'https://learn.example.com/"onclick'),
        ("PRIVACY_URL", "javascript:alert(1)"),
        ("REFUND_POLICY_URL", "https://learn.example.com/{x}"),
        ("COURSE_URL", "https://learn.example.com/courses"),
        ("COURSE_URL", "https://{course_id}.example.com"),
        ("COURSE_URL", "https://learn.example.com/{course_id}/{course_id}"),
        ("SIGN_IN_URL", "https://learn.example.com/{course_id}"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "https://fees.example.com:99999"),
        ("DATABASE_URL", "mysql://127.0.0.1/shulk"),
        ("DATABASE_URL", "postgresql://127.0.0.1"),
        ("DATABASE_URL", "postgresql+asyncpg://127.0.0.1/shulk"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.com?starttls=0"),
        ("SMTP_URL", "smtps://mail.example.com?starttls=1"),
        ("SMTP_URL", "smtp://mail.example.com/inbox"),
        ("GST_SACS", "123456"),
        ("GST_SACS", "9992"),
        ("GST_RATES", "12%"),
        ("GST_RATES", "101"),
        ("GST_RATES", "1e1"),
        ("MAIL_FROM", "fees"),
        ("MAIL_FROM", "fees@example.com, Ravi <ravi@example.com>"),
        ("MAIL_FROM", "\u3164 <fees@example.com>"),
        ("SELLER_NAME", "\u200d"),
        ("SELLER_NAME", "x" * 201),
        ("SELLER_TRADE_NAME", "Shulk\ufdd0"),
        ("SELLER_ADDRESS", "1 Fee Street 4111.1111.1111.1111"),
        ("SELLER_SUPPORT_EMAIL", "Support <support@example.com>"),
        ("SELLER_SUPPORT_EMAIL", "a..b@example.com"),
        ("MAIL_FROM", "fees@example.com\nBcc: ravi@example.com"),
        ("FILES_FOLDER", "files"),
        ("FILES_FOLDER", "/dev/null"),
        ("FILES_BUCKET", "Fees"),
        ("FILES_ENDPOINT", "s3.example.com"),
        ("FILES_PREFIX", "/documents"),
        ("FILES_PREFIX", "../documents"),
        ("GATEWAY", "stripe"),
        ("GATEWAY_VERSION", "2023-02-30"),
        ("API_KEY", " padded-with-blanks-and-long-enough "),
        ("API_KEY_COLON", "maybe"),
        ("WEBHOOK_HEADER_NAME", "Authorization"),
        ("WEBHOOK_HEADER_NAME", "X Header"),
        ("WEBHOOK_SIGNATURE_HEADER", "Authorization"),
        ("WEBHOOK_PROOFS", "none"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_SECRET", "short"),
        ("COOKIE_KEY", "short"),
        ("CIPHER_KEYS", "today:c2hvcnQ="),
        ("CIPHER_KEYS", "without-an-id"),
        ("CIPHER_KEYS_FILE", "/nowhere/keys"),
        ("TOTP_ATTEMPTS", "2"),
        ("SELLER_GSTIN", "29AABCE5678K1Z3"),
        ("GST_DOCUMENT_DATE", "settlement"),
        ("GST_SAC_DIGITS", "8"),
        ("GST_CREDIT_NOTES_UNTIL", "12-01"),
        ("GST_CREDIT_NOTES_UNTIL", "03-31"),
        ("GST_CREDIT_NOTES_UNTIL", "06-31"),
        ("GST_CREDIT_NOTES_UNTIL", "30 November"),
        ("SESSION_LIFETIME_SECONDS", "901"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "everyone"),
        ("LIMIT_INITIATE", "10 per minute"),
        ("LIMIT_INITIATE", "0/minute"),
        ("DEMO_SIGN_IN", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, written: str) -> None:
    """
    A mistake is found before the first request, under its name.
    """
    assert f"SHULK_{name}" in refused(EXAMPLE | {f"SHULK_{name}": written})


def test_a_refusal_repeats_no_value() -> None:
    """
    A value in the wrong variable may be a secret: the refusal says what to write, not what was.
    """
    canary = " Jm3Qx9Vt5Hc7\x07"

    wrong = refused({each.name: canary for each in VARIABLES} | {f"SHULK_{canary}": canary})

    assert len(wrong) > len(VARIABLES) // 2
    assert canary.strip() not in "".join(wrong.values())


@pytest.mark.parametrize(
    ("written", "server"),
    [
        (
            "smtp://mail.example.com",
            MailServer(host="mail.example.com", port=25, encryption=MailEncryption.NONE),
        ),
        (
            "smtps://asha:p%40ss@mail.example.com",
            MailServer(
                host="mail.example.com",
                port=465,
                encryption=MailEncryption.IMPLICIT,
                user="asha",
                password="p@ss",
            ),
        ),
        (
            "smtp://mail.example.com:587?starttls=1",
            MailServer(host="mail.example.com", port=587, encryption=MailEncryption.STARTTLS),
        ),
    ],
)
def test_a_mail_server_is_one_address(written: str, server: MailServer) -> None:
    """
    Host, port, encryption and credentials are read from one variable.
    """
    assert server == load_settings(EXAMPLE | {"SHULK_SMTP_URL": written}).smtp_url


def test_proxies_are_networks() -> None:
    """
    Several may be trusted, of both families.
    """
    settings = load_settings(EXAMPLE | {"SHULK_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})

    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    "change",
    [
        {"SHULK_GATEWAY": "simulator"},
        {"SHULK_GATEWAY": "fake"},
        {"SHULK_DEMO_SIGN_IN": "true"},
        {"SHULK_DEMO_PEOPLE_FILE": __file__},
        {"SHULK_PUBLIC_URL": "http://fees.learn.in"},
        {"SHULK_PUBLIC_URL": "https://127.0.0.1:8000"},
        {"SHULK_GATEWAY_URL": "https://simulator.learn.in"},
        {"SHULK_GATEWAY_URL": "https://localhost"},
        {"SHULK_GATEWAY_URL": "https://10.1.2.3"},
        {"SHULK_GATEWAY_URL": "https://bank.example.com."},
        {"SHULK_PRIVACY_NOTICE_URL": "http://learn.in/notice"},
        {"SHULK_PRIVACY_NOTICE_URL": "https://learn.example.com/notice"},
        {"SHULK_SESSION_LIFETIME_SECONDS": "59"},
        {"SHULK_JWT_SECRET": "a" * 40},
        {"SHULK_COOKIE_KEY": "change-me-to-32-other-random-characters"},
        {"SHULK_WEBHOOK_PASSWORD": "Xy12"},
        {"SHULK_RESPONSE_KEY": "my-secret-response-key-2026"},
        {"SHULK_CIPHER_KEYS": EXAMPLE["SHULK_CIPHER_KEYS"]},
        {"SHULK_CIPHER_KEYS": f"zeros:{'A' * 43}="},
    ],
)
def test_production_refuses_what_belongs_to_a_demo(change: dict[str, str]) -> None:
    """
    Each of these would take money without a bank, or trust a key anybody can guess.
    """
    assert set(change) == set(refused(PRODUCTION | change))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SHULK_WEBHOOK_NEXT_USER": "next"}, "SHULK_WEBHOOK_NEXT_PASSWORD"),
        ({"SHULK_CONSENT_TEXT": "I agree."}, "SHULK_CONSENT_TEXT_HINDI"),
        ({"SHULK_CONSENT_TEXT": "I agree."}, "SHULK_PRIVACY_NOTICE_URL"),
        ({"SHULK_WEBHOOK_NEXT_PASSWORD": "next-password"}, "SHULK_WEBHOOK_NEXT_USER"),
        ({"SHULK_WEBHOOK_HEADER_NAME": "X-Shulk"}, "SHULK_WEBHOOK_HEADER_VALUE"),
        ({"SHULK_WEBHOOK_SIGNATURE_HEADER": "X-Signature"}, "SHULK_WEBHOOK_SIGNATURE_SECRET"),
        ({"SHULK_WEBHOOK_SIGNATURE_NEXT_SECRET": "next"}, "SHULK_WEBHOOK_SIGNATURE_HEADER"),
        ({"SHULK_WEBHOOK_SIGNATURE_NEXT_SECRET": "next"}, "SHULK_WEBHOOK_SIGNATURE_SECRET"),
        (
            {
                "SHULK_WEBHOOK_HEADER_NAME": "X-Signature",
                "SHULK_WEBHOOK_HEADER_VALUE": "a-value",
                "SHULK_WEBHOOK_SIGNATURE_HEADER": "x-signature",
                "SHULK_WEBHOOK_SIGNATURE_SECRET": "a-key",
            },
            "SHULK_WEBHOOK_SIGNATURE_HEADER",
        ),
        ({"SHULK_JWT_ALGORITHM": "RS256"}, "SHULK_JWT_JWKS_FILE"),
        ({"SHULK_JWT_ALGORITHM": "ES256"}, "SHULK_JWT_SECRET"),
        ({"SHULK_JWT_SECRET": ""}, "SHULK_JWT_SECRET"),
        ({"SHULK_GATEWAY_URL": ""}, "SHULK_GATEWAY_URL"),
        ({"SHULK_CIPHER_KEYS": ""}, "SHULK_CIPHER_KEYS"),
    ],
)
def test_what_belongs_together_is_set_together(change: dict[str, str], named: str) -> None:
    """
    Half of a pair, or a key for another algorithm, is a mistake and not a preference.
    """
    assert named in refused(EXAMPLE | change)


def test_one_algorithm_has_one_kind_of_key(tmp_path: Path) -> None:
    """
    With a file of public keys there is no shared secret a token could be forged with.
    """
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}', encoding="utf-8")
    environ = EXAMPLE | {"SHULK_JWT_ALGORITHM": "RS256", "SHULK_JWT_JWKS_FILE": str(keys)}

    assert set(refused(environ)) == {"SHULK_JWT_SECRET"}

    settings = load_settings(environ | {"SHULK_JWT_SECRET": ""})

    assert (settings.jwt_algorithm, settings.jwt_jwks_file) == ((JwtAlgorithm.RS256,), keys)


def test_public_keys_come_from_one_place(tmp_path: Path) -> None:
    """
    A file or an address, and one of them; a shared secret needs neither.
    """
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}', encoding="utf-8")
    address = {"SHULK_JWT_JWKS_URL": "https://platform.example.com/keys"}
    both = EXAMPLE | address | {"SHULK_JWT_JWKS_FILE": str(keys), "SHULK_JWT_SECRET": ""}

    settings = load_settings(
        EXAMPLE | address | {"SHULK_JWT_ALGORITHM": "ES256, RS256", "SHULK_JWT_SECRET": ""}
    )

    assert settings.jwt_algorithm == (JwtAlgorithm.ES256, JwtAlgorithm.RS256)
    assert settings.jwt_jwks_url == "https://platform.example.com/keys"
    assert set(refused(both | {"SHULK_JWT_ALGORITHM": "RS256"})) == {"SHULK_JWT_JWKS_URL"}
    assert set(refused(EXAMPLE | address)) == {"SHULK_JWT_JWKS_URL"}


@pytest.mark.parametrize("written", ["RS256,HS256", "RS256,RS256", "RS512", "RS256,"])
def test_algorithms_that_do_not_go_together(written: str) -> None:
    """
    A shared secret beside public keys would let anybody sign with what is published.
    """
    with pytest.raises(SettingUnreadable):
        read.jwt_algorithms(written)


@pytest.mark.parametrize(
    "written",
    [
        "https://platform.example.com/keys",
        "http://127.0.0.1:8080/keys",
        "http://[::1]/keys",
        "http://localhost/keys",
    ],
)
def test_keys_are_fetched_where_nobody_can_exchange_them(written: str) -> None:
    """
    Over TLS, or without leaving this machine.
    """
    assert read.key_address(written) == written


@pytest.mark.parametrize("written", ["http://platform.example.com/keys", "http://10.0.0.8/keys"])
def test_keys_are_not_fetched_in_the_clear(written: str) -> None:
    """
    Whoever could exchange a key on the way could sign in as anybody.
    """
    with pytest.raises(SettingUnreadable, match="https"):
        read.key_address(written)


def test_an_account_has_one_mode_and_its_keys(tmp_path: Path) -> None:
    """
    An API key, or an id and both halves; a key file that is none, or the wrong half, is named.
    """
    files = key_files(tmp_path)
    jwt_mode = {
        "SHULK_GATEWAY_AUTH": "jwt",
        "SHULK_GATEWAY_KEY_ID": "key_0a1b",
        "SHULK_GATEWAY_PRIVATE_KEY_FILE": str(files["merchant_private"]),
        "SHULK_GATEWAY_BANK_KEY_FILE": str(files["bank_public"]),
    }
    without = EXAMPLE | {"SHULK_API_KEY": ""}

    settings = load_settings(without | jwt_mode)
    assert (settings.gateway_auth, settings.api_key) == (GatewayAuth.JWT, None)
    assert settings.gateway_private_key_file == files["merchant_private"]
    assert set(refused(without)) == {"SHULK_API_KEY"}
    assert set(refused(EXAMPLE | {"SHULK_GATEWAY_AUTH": "jwt"})) == set(jwt_mode) - {
        "SHULK_GATEWAY_AUTH"
    }
    swapped = {
        "SHULK_GATEWAY_PRIVATE_KEY_FILE": str(files["bank_public"]),
        "SHULK_GATEWAY_BANK_KEY_FILE": str(files["merchant_private"]),
        "SHULK_GATEWAY_KEY_ID": "key 1",
    }
    wrong = refused(EXAMPLE | jwt_mode | swapped)
    assert set(wrong) == set(swapped)
    assert "RSA private key" in wrong["SHULK_GATEWAY_PRIVATE_KEY_FILE"]
    assert "RSA public key" in wrong["SHULK_GATEWAY_BANK_KEY_FILE"]
    missing = jwt_mode | {"SHULK_GATEWAY_BANK_KEY_FILE": str(tmp_path / "none.pem")}
    assert set(refused(EXAMPLE | missing)) == {"SHULK_GATEWAY_BANK_KEY_FILE"}


def test_keys_at_rest_come_from_a_file_as_well(tmp_path: Path) -> None:
    """
    One a line, the active one first; a file beside the variable is one too many.
    """
    keys = tmp_path / "keys"
    today, old = (f"{name}:{letter * 42}A=" for name, letter in (("today", "B"), ("old", "C")))
    keys.write_text(f"{today}\n{old}\n", encoding="ascii")
    environ = EXAMPLE | {"SHULK_CIPHER_KEYS": "", "SHULK_CIPHER_KEYS_FILE": str(keys)}

    settings = load_settings(environ)

    assert (settings.keys_at_rest.active, set(settings.keys_at_rest.by_id)) == (
        "today",
        {"today", "old"},
    )
    assert {"B" * 42 + "A="} < secrets_of(settings)
    assert "B" * 42 not in repr(settings)
    assert set(refused(environ | {"SHULK_CIPHER_KEYS": today})) == {"SHULK_CIPHER_KEYS"}
    keys.write_text("कुंजी", encoding="utf-8")
    assert set(refused(environ)) == {"SHULK_CIPHER_KEYS_FILE"}


def test_a_fake_gateway_needs_no_address() -> None:
    """
    Developers' tests run without any bank.
    """
    environ = EXAMPLE | {"SHULK_GATEWAY": "fake", "SHULK_GATEWAY_URL": ""}

    assert load_settings(environ).gateway_url is None


def test_no_secret_shows_in_the_representation() -> None:
    """
    Settings end up in error reports; keys and passwords must not.
    """
    settings = load_settings(
        PRODUCTION
        | {
            "SHULK_DATABASE_URL": "postgresql://shulk:Tm8rBq2d@db.learn.in/shulk?sslmode=verify-full",
            "SHULK_SMTP_URL": "smtps://asha:Wn5kHv7c@mail.learn.in",
        }
    )

    shown = repr(settings) + str(settings) + repr(settings.smtp_url)

    assert not [each for each in secrets_of(settings) if each in shown]
    written = {each.removeprefix("2026:") for each in STRONG.values()}
    assert {"Tm8rBq2d", "Wn5kHv7c", *written} <= secrets_of(settings)


@pytest.mark.parametrize(
    ("name", "plain", "safe", "exemption"),
    [
        (
            "DATABASE_URL",
            "postgresql://s:Tm8rBq2d@db1,db2:5433/shulk?sslmode=require&target_session_attrs=read-write",
            "postgresql://s:Tm8rBq2d@db1,db2:5433/shulk?sslmode=verify-full",
            "unverified-database",
        ),
        (
            "DATABASE_URL",
            "postgresql://s@127.0.0.1,db2/shulk",
            "postgresql://s@[::1]:5433,127.0.0.1,localhost/shulk",
            "unverified-database",
        ),
        (
            "DATABASE_URL",
            "postgresql:///shulk?host=10.0.0.7",
            "postgresql:///shulk?host=/run/postgresql",
            "unverified-database",
        ),
        ("SMTP_URL", "smtp://mail.learn.in", "smtp://mail.learn.in?starttls=1", "plain-smtp"),
        ("SMTP_URL", "smtp://10.0.0.7", "smtp://127.0.0.1:25", "plain-smtp"),
        ("REDIS_URL", "redis://cache.learn.in:6379/0", "rediss://cache.learn.in/0", "plain-redis"),
        ("REDIS_URL", "redis://10.0.0.7:6379/0", "redis://localhost:6379/0", "plain-redis"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "10.0.0.0/8", "any-proxy"),
        ("TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1", "173.245.48.0/20", "any-proxy"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::/0", "2400:cb00::/32", "any-proxy"),
        ("COOKIE_KEY", STRONG["SHULK_JWT_SECRET"], STRONG["SHULK_COOKIE_KEY"], "shared-secret"),
    ],
)
def test_production_is_safe_off_loopback_or_says_by_name_what_is_not(
    name: str, plain: str, safe: str, exemption: str
) -> None:
    """
    Another exemption is of no use, and development may do as it likes.
    """
    variable = f"SHULK_{name}"
    others = "plain-smtp" if exemption != "plain-smtp" else "plain-redis"
    (told,) = refused(PRODUCTION | {variable: plain, "SHULK_ALLOW_INSECURE": others}).values()

    assert f"SHULK_ALLOW_INSECURE={exemption}" in told
    load_settings(PRODUCTION | {variable: safe})
    load_settings(PRODUCTION | {variable: plain, "SHULK_ALLOW_INSECURE": exemption})
    load_settings(EXAMPLE | {variable: plain})


def test_storage_is_spoken_to_encrypted() -> None:
    """
    Documents hold names and addresses.
    """
    plain = PRODUCTION | BUCKET | {"SHULK_FILES_ENDPOINT": "http://files.learn.in"}
    assert set(refused(plain)) == {"SHULK_FILES_ENDPOINT"}
    load_settings(plain | {"SHULK_ALLOW_INSECURE": "plain-storage"})
    load_settings(PRODUCTION | BUCKET | {"SHULK_FILES_ENDPOINT": "https://files.learn.in"})


@pytest.mark.parametrize(
    "password", ["DATABASE_URL=postgresql://s:{}@127.0.0.1/x", "REDIS_URL=redis://:{}@127.0.0.1/0"]
)
def test_a_password_in_an_address_is_a_secret_like_others(password: str) -> None:
    """
    Who may read the address would have the other key too.
    """
    name, _, address = password.partition("=")
    shared = STRONG["SHULK_COOKIE_KEY"].replace(":", "%3A")
    (told,) = refused(PRODUCTION | {f"SHULK_{name}": address.format(shared)}).values()

    assert "SHULK_COOKIE_KEY" in told


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u@h/db?sslmode=verified",
        "postgresql://u@h/db?target_session_attrs=writable",
        "postgresql://u@h/db?sslrootcert=/no/such/file",
        "postgresql://u@h/db?channel_binding=require",
        "postgresql://u@[::1/db",
        "postgresql://u@h1,/db",
        "postgresql://u@h1:99999,h2/db",
    ],
)
def test_a_word_of_an_address_is_honoured_or_refused(address: str) -> None:
    """
    None is passed over in silence.
    """
    assert set(refused(EXAMPLE | {"SHULK_DATABASE_URL": address})) == {"SHULK_DATABASE_URL"}


def test_each_variable_is_a_field() -> None:
    """
    The documents are printed from the same table the loader reads.
    """
    fields = [f"SHULK_{each.name.upper()}" for each in dataclasses.fields(Settings)]

    assert fields == [each.name for each in VARIABLES]
    assert all(each.says.endswith(".") for each in VARIABLES)


def test_payment_hosts_are_hosts_and_nothing_more() -> None:
    """
    A page may be shown where an operator says so; an address with a path is no host.
    """
    assert read.hosts("pay.example.com, pay.example.com:8443") == (
        "pay.example.com",
        "pay.example.com:8443",
    )
    with pytest.raises(SettingUnreadable, match="write hosts"):
        read.hosts("https://pay.example.com/page")


def test_platform_origins_are_addresses() -> None:
    """
    Whose pages may sign a student in is written like any other address.
    """
    assert read.origins("https://a.example.com, https://b.example.com") == (
        "https://a.example.com",
        "https://b.example.com",
    )
    with pytest.raises(SettingUnreadable):
        read.origins("platform.example.com")


def test_the_seller_stands_on_documents_as_set() -> None:
    """
    What was left out is empty there; what an accountant decides has the law's own defaults.
    """
    settings = load_settings(EXAMPLE)

    said = company(settings)

    assert said.legal_name == settings.seller_name
    assert said.address == "1 Fee Street, Bengaluru 560001"
    assert (said.trade_name, said.cin, said.support_phone, said.grievance_officer) == ("",) * 4
    assert document_policy(settings) == DocumentPolicy(
        dated_by=DatedBy.CAPTURE, sac_digits=6, credits_until=(11, 30)
    )


def test_an_accountant_may_decide_otherwise() -> None:
    """
    Within what the law leaves.
    """
    decided = load_settings(
        EXAMPLE
        | {
            "SHULK_GST_DOCUMENT_DATE": "issue",
            "SHULK_GST_SAC_DIGITS": "4",
            "SHULK_GST_CREDIT_NOTES_UNTIL": "09-30",
            "SHULK_SELLER_TRADE_NAME": "Fees",
        }
    )

    assert document_policy(decided) == DocumentPolicy(
        dated_by=DatedBy.ISSUE, sac_digits=4, credits_until=(9, 30)
    )
    assert company(decided).trade_name == "Fees"


BUCKET = {
    "SHULK_FILES_BUCKET": "fees-of-2026",
    "SHULK_FILES_REGION": "ap-south-1",
    "SHULK_FILES_ACCESS_KEY": "Kc5Vn8Rt2Wq9Zx4Lm7Hd",
    "SHULK_FILES_SECRET_KEY": "Rw6Yk3Tn9Bv1Xz8Pq4Mc7Js2Gd5Hf0La",
}


def test_files_lie_in_a_folder_unless_a_bucket_is_named() -> None:
    """
    One place or the other, and the same for every process.
    """
    assert file_store(load_settings(EXAMPLE)).get_store.__qualname__.startswith("in_folder")
    assert file_store(load_settings(EXAMPLE | BUCKET)).get_store.__qualname__.startswith(
        "in_bucket"
    )


@pytest.mark.parametrize("name", sorted(BUCKET.keys() - {"SHULK_FILES_BUCKET"}))
def test_a_bucket_comes_with_its_keys(name: str) -> None:
    """
    And what is about a bucket comes with one.
    """
    said = EXAMPLE | BUCKET

    assert set(refused({each: said[each] for each in said if each != name})) == {name}
    assert set(refused(EXAMPLE | {name: BUCKET[name]})) == {name}


def test_a_buckets_keys_are_secrets() -> None:
    """
    Kept out of logs, and not weak in production.
    """
    settings = load_settings(EXAMPLE | BUCKET)

    assert {BUCKET["SHULK_FILES_ACCESS_KEY"], BUCKET["SHULK_FILES_SECRET_KEY"]} <= secrets_of(
        settings
    )
    assert "Kc5Vn8" not in repr(settings)
    weak = PRODUCTION | BUCKET | {"SHULK_FILES_SECRET_KEY": "password-of-the-bucket"}
    assert set(refused(weak)) == {"SHULK_FILES_SECRET_KEY"}


def test_the_lists_of_codes_and_rates_may_be_extended() -> None:
    """
    What is notified stays in them.
    """
    extended = EXAMPLE | {"SHULK_GST_SACS": "996111, 998599", "SHULK_GST_RATES": "12,7.5"}
    lists = load_settings(extended).accepted_tax

    assert {"996111", "998599", "999293"} <= lists.codes
    assert {Decimal(12), Decimal("7.5"), Decimal(18)} <= lists.rates
    assert load_settings(EXAMPLE).accepted_tax == NOTIFIED


@pytest.mark.parametrize(("reminder", "lapse", "wrong"), [("1", "2", False), ("2", "2", True)])
def test_approvers_are_reminded_before_a_request_lapses(
    reminder: str, lapse: str, *, wrong: bool
) -> None:
    """
    Or the reminder would come too late for anybody.
    """
    said = EXAMPLE | {
        "SHULK_REFUND_APPROVAL_REMINDER_HOURS": reminder,
        "SHULK_REFUND_APPROVAL_LAPSE_HOURS": lapse,
    }

    if wrong:
        assert "SHULK_REFUND_APPROVAL_REMINDER_HOURS" in refused(said)
    else:
        assert load_settings(said).refund_approval_lapses_after == timedelta(hours=2)


@pytest.mark.parametrize(
    ("written", "borne"),
    [
        ({}, set()),
        ({"surcharge_borne_by": "student"}, {AdjustmentKind.SURCHARGE}),
        ({"offer_borne_by": "bank"}, {AdjustmentKind.OFFER}),
        (
            {"surcharge_borne_by": "merchant", "offer_borne_by": "merchant"},
            {AdjustmentKind.SURCHARGE, AdjustmentKind.OFFER},
        ),
    ],
)
def test_who_bears_an_adjustment_is_said_or_unknown(
    written: dict[str, str], borne: set[AdjustmentKind]
) -> None:
    """
    Only a bearer that somebody has set is agreed on.
    """
    assert settings_with(**written).borne == borne


def test_links_to_the_platform_are_made_of_what_is_put_in() -> None:
    """
    Nothing that is put in can leave its place in the address.
    """
    settings = load_settings(
        EXAMPLE
        | {
            "SHULK_COURSE_URL": "https://learn.example.com/c/{course_id}?from=fees#top",
            "SHULK_SIGN_IN_URL": "https://learn.example.com/pay?next={next}",
        }
    )

    assert settings.course_link("algebra") == "https://learn.example.com/c/algebra?from=fees#top"
    assert (
        settings.sign_in_link("/payments/SK1?a=b&c#d")
        == "https://learn.example.com/pay?next=%2Fpayments%2FSK1%3Fa%3Db%26c%23d"
    )


def test_without_their_addresses_there_are_no_links() -> None:
    """
    The pages offer none then.
    """
    settings = load_settings(EXAMPLE | {"SHULK_COURSE_URL": "", "SHULK_SIGN_IN_URL": ""})

    assert settings.course_link("algebra") is None
    assert settings.sign_in_link("/") is None
