"""What lies at rest under a key: sealed for one place, opened there only, and whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType, Protocol

from domain.errors import DomainError

EncryptedText = NewType("EncryptedText", str)
"""Begins with the id of its key and a colon; the rest is the cipher's own affair."""


@dataclass(frozen=True, slots=True)
class CipherKeys:
    """Keys by their ids. *active* encrypts; every one of them decrypts."""

    active: str
    by_id: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a secret is kept. What was sealed for one place does not open at another."""

    table: str
    column: str
    row: str


class CannotDecrypt(DomainError):
    """A sealed text was changed, moved or cut; or its key is another one. Nothing of it was read."""

    def __init__(self, place: Place) -> None:
        self.place = place
        super().__init__(f"{place.table}.{place.column} of {place.row} does not open")


class KeyUnknown(CannotDecrypt):
    """The text names a key that this process was not given."""

    def __init__(self, place: Place, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(place)


class Cipher(Protocol):
    @property
    def active_key(self) -> str:
        """The id of the key under which everything new is sealed."""
        ...

    def seal(self, text: str, place: Place) -> EncryptedText:
        """Return *text* sealed for *place* under the active key; twice the same is never alike."""
        ...

    def open(self, sealed: EncryptedText, place: Place) -> str:
        """
        Return what was sealed for *place*, under whichever known key.

        Raises ``KeyUnknown``, or ``CannotDecrypt`` for what is not exactly what was sealed there.
        """
        ...


def key_of(sealed: EncryptedText) -> str:
    """Return the id of the key that *sealed* names."""
    return sealed.partition(":")[0]
