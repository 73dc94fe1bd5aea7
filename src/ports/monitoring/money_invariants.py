"""What must be true of the books at every moment: asked of everything that is kept, not of one payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

SHOWN_MAX: Final = 20
"""Of everything that breaks an invariant, at most so many are named; the count is of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """*means* tells what a broken one says about the money, *mends* what a person does about it."""

    name: str
    means: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """*subjects* are ids of payments, refunds, lines or documents that break it, never personal data."""

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
        Return those that do not hold at the instant *at* (UTC); empty when all is well.

        Each is looked at in a moment of its own. Raises ``StorageUnavailable``.
        """
        ...
