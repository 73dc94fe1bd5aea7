"""Resolutions of discrepancies inside a unit of work: every decision stays, whatever became of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from domain.identifiers import DiscrepancyId
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.resolution_context import DecidedAlone


class ResolutionRegister(Protocol):
    """The part of a unit of work that reads and writes resolutions; each is written with its discrepancy."""

    async def about(
        self, discrepancies: Collection[DiscrepancyId]
    ) -> Mapping[DiscrepancyId, Sequence[DiscrepancyResolution]]:
        """Return all resolutions of *discrepancies*, each in the order of their sequence; one without is left out."""
        ...

    async def releases(self) -> Sequence[DiscrepancyResolution]:
        """
        Return the releases of lines that are in force while their discrepancy is resolved, by its id.

        No run counts their lines yet: it opens the discrepancy again.
        """
        ...

    async def alone_on(self, person: str, day: date) -> DecidedAlone:
        """
        Return what *person* decided alone and within limits on *day* (IST).

        The count is of all, the total of those that are in force.
        """
        ...

    async def body_of(self, person: str, key: str) -> str | None:
        """Return the hash of the body that *person* sent with the idempotency key first, None for a new key."""
        ...

    def add(self, resolution: DiscrepancyResolution) -> None:
        """
        Collect a new resolution.

        The unit ends in ``ChangedMeanwhile`` when its sequence is taken, when another one awaits
        approval, or when the person decided something else alone meanwhile.
        """
        ...

    def save(self, resolution: DiscrepancyResolution) -> None:
        """Collect what became of a resolution: its state, who approved it, and who ended it."""
        ...
