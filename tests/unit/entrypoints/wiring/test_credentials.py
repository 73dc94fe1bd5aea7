"""What a process holds that ends: every secret of the settings, and certificates in files."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.hdfc.auth.jose import public_key_in
from domain.monitoring.credential import Credential
from entrypoints.settings.key_files import check_public_key
from entrypoints.settings.settings import VARIABLES, Settings
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration
from entrypoints.wiring.credentials import held_credentials
from fakes.clock import NOON
from worlds.settings import settings_with

ENDS = NOON + timedelta(days=40)
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "The bank")])


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(ENDS)
        .sign(key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def public_pem() -> bytes:
    return key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def in_use(settings: Settings) -> Sequence[Credential]:
    """Return what a process holds whose configuration is that of its settings."""
    return held_credentials(settings, lambda: bootstrap_configuration(settings))()


def test_every_secret_is_watched() -> None:
    """
    A setting that is added later is as well, but for addresses; of the keys at rest the active one is.
    """
    secrets = {each.name for each in VARIABLES if each.secret and not each.name.endswith("_URL")}
    chosen = {
        "SHULK_CIPHER_KEYS": f"new:{'A' * 43}=,old:{'B' * 43}=",
        "SHULK_ALERT_WEBHOOK_SECRET": f"whsec_{'A' * 40}",
        "SHULK_ALERT_WEBHOOK_URL": "https://hooks.example.com/",
    }
    left = {"SHULK_CIPHER_KEYS_FILE", "SHULK_FILES_ACCESS_KEY", "SHULK_FILES_SECRET_KEY"}
    others = {name: f"{name} 0123456789abcdef" for name in secrets - left - set(chosen)}
    pairs = {
        "SHULK_WEBHOOK_NEXT_USER": "next",
        "SHULK_WEBHOOK_HEADER_NAME": "x-a",
        "SHULK_WEBHOOK_SIGNATURE_HEADER": "x-b",
    }
    written = chosen | others | pairs
    settings = settings_with(
        **{name.removeprefix("SHULK_").lower(): value for name, value in written.items()}
    )

    found = {each.name for each in in_use(settings)}
    assert found >= (secrets - left - {"SHULK_CIPHER_KEYS"}) | {"SHULK_CIPHER_KEYS new"}
    assert "SHULK_CIPHER_KEYS old" not in found


def test_a_fingerprint_changes_with_the_secret_and_does_not_tell_it() -> None:
    """
    Two processes with the same secret see the same one.
    """

    def one(value: str) -> str:
        held = in_use(settings_with(api_key=value))
        return next(each.fingerprint for each in held if each.name == "SHULK_API_KEY")

    first = one("0123456789abcdef")
    assert first == one("0123456789abcdef") != one("0123456789abcdeg")
    assert len(first) == 12


def test_the_banks_secrets_are_those_in_effect() -> None:
    """
    Whatever the settings say: a version that was approved in the console takes their place while the process runs.
    """
    settings = settings_with(api_key="0123456789abcdef")
    bootstrap = bootstrap_configuration(settings)
    changed = replace(
        bootstrap, number=1, secrets=replace(bootstrap.secrets, api_key="fedcba9876543210")
    )
    current = [bootstrap]
    held = held_credentials(settings, lambda: current[-1])

    before = {each.name: each.fingerprint for each in held()}
    current.append(changed)
    after = {each.name: each.fingerprint for each in held()}

    differ = {name for name in after if before[name] != after[name]}
    assert differ == {"SHULK_API_KEY"}
    other = {each.name: each for each in in_use(settings_with(api_key="fedcba9876543210"))}
    assert after["SHULK_API_KEY"] == other["SHULK_API_KEY"].fingerprint


def test_the_key_that_seals_the_audit_log_has_its_age(tmp_path: Path) -> None:
    """
    Another one begins anew; the key before it, in the second line, is of no account, nor is a file that is gone.
    """
    path = tmp_path / "audit.key"
    first, second = ("A" * 43 + "=", "B" * 43 + "=")

    def held(*lines: str) -> list[str]:
        path.write_text("\n".join(lines))
        found = in_use(replace(settings_with(), audit_key_file=path))
        return [each.fingerprint for each in found if each.name == "SHULK_AUDIT_KEY_FILE"]

    (alone,) = held(first)
    assert held(first, second) == [alone] != held(second, first)
    gone = in_use(replace(settings_with(), audit_key_file=tmp_path / "gone"))
    assert "SHULK_AUDIT_KEY_FILE" not in {each.name for each in gone}


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        (certificate, ENDS),
        (lambda: certificate() * 2, None),
        (public_pem, None),
        (lambda: b"nothing", None),
    ],
    ids=["certificate", "bundle", "key", "nonsense"],
)
def test_a_certificate_in_a_file_states_its_end(
    content: Callable[[], bytes], ends: datetime | None, tmp_path: Path
) -> None:
    """
    A bundle holds many, of which some have always ended; a key states no end.
    """
    path = tmp_path / "root.pem"
    path.write_bytes(content())
    url = f"postgresql://shulk@db.example.com/shulk?sslmode=verify-full&sslrootcert={quote(str(path))}"
    held = {each.name: each for each in in_use(settings_with(database_url=url))}

    assert held["SHULK_DATABASE_URL sslrootcert"].ends_at == ends


def test_the_bank_may_give_a_certificate_for_its_key(tmp_path: Path) -> None:
    """
    The key in it is the bank's key.
    """
    path = tmp_path / "bank.pem"
    for content in (certificate(), public_pem()):
        path.write_bytes(content)
        check_public_key(path)
        assert public_key_in(content) == key().public_key()
