"""The invariants of the money: what must always be true of all stored payments and documents together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

SHOWN_MAX: Final = 20
"""At most so many subjects of a breach are named; its count is of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """*means* tells what a breach says about the money, *mends* what a person does to repair it."""

    name: str
    means: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """*subjects* are ids of what breaks *invariant*, never personal data; *count* is how many there are."""

    invariant: Invariant
    count: int
    subjects: Sequence[str]


class MoneyInvariants(Protocol):
    @property
    def known(self) -> Sequence[Invariant]:
        """Every invariant, in the order in which they are checked."""
        ...

    async def breaches(self, at: datetime) -> Sequence[Breach]:
        """
        Return the breaches at the instant *at* (UTC); empty when every invariant holds.

        Each invariant is read in a transaction of its own. Raises ``StorageUnavailable``.
        """
        ...
