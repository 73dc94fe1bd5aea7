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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """It is not known whether *invariant* holds; *why* says what came in the way, never with data."""

    invariant: Invariant
    why: str


class MoneyInvariants(Protocol):
    """
    A full check reads everything that is stored. An incremental one reads what has changed since the
    watermark of its invariant, and what was broken or not finished before: it costs the same however
    much is stored. A change that no use case made is found by the full check alone.
    """

    @property
    def known(self) -> Sequence[Invariant]:
        """Every invariant, in the order in which they are checked."""
        ...

    async def check(
        self, invariant: Invariant, at: datetime, *, full: bool
    ) -> Sequence[Breach | Unchecked]:
        """
        Return what is wrong with *invariant* at the instant *at* (UTC); empty when it holds.

        Each invariant has a time limit of its own. Where that has passed an ``Unchecked`` is
        returned, beside the breach that had been found. Raises ``StorageUnavailable``.
        """
        ...

    async def not_checked_in_full(self, since: datetime) -> Sequence[Invariant]:
        """
        Return the invariants that had no full check since that instant (UTC), in the order of ``known``.

        Those that cost so little that each check of them is a full one are left out. Raises
        ``StorageUnavailable``.
        """
        ...
