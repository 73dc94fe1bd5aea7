"""The key files of JWT mode, checked as the settings are read: each holds an RSA key that is long enough."""

import re
from pathlib import Path
from typing import Final

from entrypoints.settings.values import SettingUnreadable

KEY_BITS_MIN: Final = 2048
AUDIT_KEY: Final = re.compile(r"PRIVATE\+KEY\+[^\s+]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"


def check_private_key(path: Path) -> None:
    """Return when *path* holds our private key, or raise ``SettingUnreadable``."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError):
        raise _wanted("an unencrypted RSA private key in PEM form") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS_MIN:
        raise _wanted(f"an RSA private key of at least {KEY_BITS_MIN} bits")


def check_public_key(path: Path) -> None:
    """Return when *path* holds the bank's public key or its certificate, or raise ``SettingUnreadable``."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    pem = _read(path)
    try:
        key = (
            load_pem_x509_certificate(pem).public_key()
            if CERTIFICATE in pem
            else load_pem_public_key(pem)
        )
    except ValueError:
        raise _wanted("an RSA public key or a certificate in PEM form") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise _wanted(f"an RSA public key of at least {KEY_BITS_MIN} bits")


def check_audit_key(path: Path) -> None:
    """Return when *path* holds keys that seal the audit log, one a line, or raise ``SettingUnreadable``."""
    lines = _read(path).decode(errors="replace").split()
    if not lines or not all(AUDIT_KEY.fullmatch(line) for line in lines):
        raise _wanted("a key that seals the audit log; make one: shulk audit key")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise SettingUnreadable("name a file that exists and can be read") from None


def _wanted(key: str) -> SettingUnreadable:
    return SettingUnreadable(f"name a file that holds {key}")
