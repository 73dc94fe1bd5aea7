"""Every sealed text there is, wherever it is kept, for those who change keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ports.cipher import EncryptedText, Place


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """A sealed text and where it lies."""

    place: Place
    text: EncryptedText


class EncryptedSecrets(Protocol):
    async def by_key(self) -> Mapping[str, int]:
        """Return how many texts are sealed under each key, by the keys' ids; none under others."""
        ...

    async def not_under(
        self, key: str, *, after: Place | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        """Return texts sealed under other keys than *key*, in one lasting order, those behind *after*."""
        ...

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        """Put *text* in the place of *secret* unless that changed meanwhile; return whether it was put."""
        ...
