"""AES-256-GCM: each text under a random nonce of its own, bound to its key and to its place."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ports.cipher import CannotDecrypt, CipherKeys, EncryptedText, KeyUnknown, Place

NONCE_BYTES: Final = 12
"""96 bits, drawn anew for each text: safe for 2**32 texts under one key (NIST SP 800-38D, 8.3)."""

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class AesGcmCipher:
    active_key: str
    by_id: Mapping[str, AESGCM] = field(repr=False)

    @classmethod
    def under(cls, keys: CipherKeys) -> Self:
        return cls(keys.active, {name: AESGCM(key) for name, key in keys.by_id.items()})

    def seal(self, text: str, place: Place) -> EncryptedText:
        nonce = secrets.token_bytes(NONCE_BYTES)
        aes = self.by_id[self.active_key]
        sealed = nonce + aes.encrypt(nonce, text.encode(), _bound_to(place, self.active_key))
        return EncryptedText(f"{self.active_key}:{VERSION}:{base64.b64encode(sealed).decode()}")

    def open(self, sealed: EncryptedText, place: Place) -> str:
        key_id, _, rest = sealed.partition(":")
        version, _, text = rest.partition(":")
        aes = self.by_id.get(key_id)
        if aes is None:
            raise KeyUnknown(place, key_id)
        if version != VERSION:
            raise CannotDecrypt(place)
        try:
            raw = base64.b64decode(text.encode("ascii"), validate=True)
            if base64.b64encode(raw).decode() != text:
                # The decoder looks over the last bits; a changed text is a changed text.
                raise CannotDecrypt(place)
            opened = aes.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(place, key_id))
        except (InvalidTag, ValueError, binascii.Error):
            raise CannotDecrypt(place) from None
        return opened.decode()


def _bound_to(place: Place, key_id: str) -> bytes:
    """Return what the seal vouches for besides the text; lengths keep neighbours from running together."""
    parts = ("shulk", VERSION, key_id, place.table, place.column, place.row)
    return b"".join(
        len(part).to_bytes(4, "big") + part for part in (each.encode() for each in parts)
    )
