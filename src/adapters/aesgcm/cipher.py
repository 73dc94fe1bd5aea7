"""AES-256-GCM: each text has a random nonce of its own and is bound to its key and its location."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ports.cipher import CannotDecrypt, CipherKeys, EncryptedText, KeyUnknown, SecretLocation

NONCE_BYTES: Final = 12
"""96 bits, random for each text: safe for 2**32 texts under one key (NIST SP 800-38D, 8.3)."""

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class AesGcmCipher:
    active_key: str
    by_id: Mapping[str, AESGCM] = field(repr=False)

    @classmethod
    def under(cls, keys: CipherKeys) -> Self:
        return cls(keys.active, {name: AESGCM(key) for name, key in keys.by_id.items()})

    def encrypt(self, text: str, location: SecretLocation) -> EncryptedText:
        nonce = secrets.token_bytes(NONCE_BYTES)
        aes = self.by_id[self.active_key]
        encrypted = nonce + aes.encrypt(nonce, text.encode(), _bound_to(location, self.active_key))
        return EncryptedText(f"{self.active_key}:{VERSION}:{base64.b64encode(encrypted).decode()}")

    def decrypt(self, encrypted: EncryptedText, location: SecretLocation) -> str:
        key_id, _, rest = encrypted.partition(":")
        version, _, text = rest.partition(":")
        aes = self.by_id.get(key_id)
        if aes is None:
            raise KeyUnknown(location, key_id)
        if version != VERSION:
            raise CannotDecrypt(location)
        try:
            raw = base64.b64decode(text.encode("ascii"), validate=True)
            if base64.b64encode(raw).decode() != text:
                # The decoder ignores the unused last bits, and a changed text must not decrypt.
                raise CannotDecrypt(location)
            decrypted = aes.decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(location, key_id)
            )
        except (InvalidTag, ValueError, binascii.Error):
            raise CannotDecrypt(location) from None
        return decrypted.decode()


def _bound_to(location: SecretLocation, key_id: str) -> bytes:
    """Return the authenticated data; each part has its length ahead, so that ``ab, c`` differs from ``a, bc``."""
    parts = ("shulk", VERSION, key_id, location.table, location.column, location.row)
    return b"".join(
        len(part).to_bytes(4, "big") + part for part in (each.encode() for each in parts)
    )
