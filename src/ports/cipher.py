"""Secrets at rest: each is encrypted for the location where it is stored, and decrypts only there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType, Protocol

from domain.errors import DomainError

EncryptedText = NewType("EncryptedText", str)
"""Begins with the id of its key and a colon; the format of the rest belongs to the adapter."""


@dataclass(frozen=True, slots=True)
class CipherKeys:
    """Keys by their ids. *active* encrypts; every one of them decrypts."""

    active: str
    by_id: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretLocation:
    """Where a secret is stored. A text that was encrypted for one location does not decrypt at another."""

    table: str
    column: str
    row: str


class CannotDecrypt(DomainError):
    """The encrypted text was changed, moved or cut, or its key is another one; nothing is decrypted."""

    def __init__(self, location: SecretLocation) -> None:
        self.location = location
        super().__init__(f"{location.table}.{location.column} of {location.row} does not decrypt")


class KeyUnknown(CannotDecrypt):
    """The text names a key that this process was not given."""

    def __init__(self, location: SecretLocation, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(location)


class Cipher(Protocol):
    @property
    def active_key(self) -> str:
        """The id of the key that encrypts every new text."""
        ...

    def encrypt(self, text: str, location: SecretLocation) -> EncryptedText:
        """
        Return *text* encrypted for *location* under the active key.

        Two calls with the same text give two different results.
        """
        ...

    def decrypt(self, encrypted: EncryptedText, location: SecretLocation) -> str:
        """
        Return the text that was encrypted for *location*, under whichever known key.

        Raises ``KeyUnknown`` when the key is not known, and ``CannotDecrypt`` when *encrypted* is not exactly
        what was encrypted for *location*.
        """
        ...


def key_of(encrypted: EncryptedText) -> str:
    """Return the id of the key that *encrypted* names."""
    return encrypted.partition(":")[0]
