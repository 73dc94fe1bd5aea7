"""Every encrypted text in the database, for the rotation of keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ports.cipher import EncryptedText, SecretLocation


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """An encrypted text and where it is stored."""

    location: SecretLocation
    text: EncryptedText


class EncryptedSecrets(Protocol):
    async def by_key(self) -> Mapping[str, int]:
        """Return the number of texts under each key, by the key's id; a key without texts is left out."""
        ...

    async def not_under(
        self, key: str, *, after: SecretLocation | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        """Return at most *at_most* texts under other keys than *key*, in a stable order, those after *after*."""
        ...

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        """Write *text* over *secret* unless that changed meanwhile; return whether it was written."""
        ...
