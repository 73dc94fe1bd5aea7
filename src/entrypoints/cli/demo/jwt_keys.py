"""Keys for JWT mode, made for one demo: programs that test against its simulator sign and encrypt with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

KEY_BITS: Final = 2048
PUBLIC_EXPONENT: Final = 65537


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtKeys:
    """The id of the keys, and the PEM file of each half."""

    key_id: str
    merchant_private_key: Path
    merchant_public_key: Path
    bank_private_key: Path
    bank_public_key: Path

    def simulator_options(self) -> Mapping[str, str]:
        return {
            "--jwt-key-id": self.key_id,
            "--jwt-merchant-public-key": str(self.merchant_public_key),
            "--jwt-bank-private-key": str(self.bank_private_key),
        }

    def announced(self) -> Mapping[str, str]:
        """Return the keys of the merchant's side: never the bank's private key."""
        return {
            "jwt_key_id": self.key_id,
            "jwt_private_key": str(self.merchant_private_key),
            "jwt_public_key": str(self.merchant_public_key),
            "jwt_bank_public_key": str(self.bank_public_key),
        }


def fresh_jwt_keys(folder: Path) -> JwtKeys:
    """Make both key pairs, and write them into *folder*, readable by this user only."""
    merchant_private, merchant_public = _pair(folder, "merchant")
    bank_private, bank_public = _pair(folder, "bank")
    return JwtKeys(
        key_id=f"key_{token_hex(16)}",
        merchant_private_key=merchant_private,
        merchant_public_key=merchant_public,
        bank_private_key=bank_private,
        bank_public_key=bank_public,
    )


def _pair(folder: Path, whose: str) -> tuple[Path, Path]:
    key = generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=KEY_BITS)
    private, public = (folder / f"{whose}-{half}.pem" for half in ("private", "public"))
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public
