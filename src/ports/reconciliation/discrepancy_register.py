"""Discrepancies inside a unit of work: read with their versions, written only if nobody else was faster."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import DiscrepancyKey


class DiscrepancyRegister(Protocol):
    """The part of a unit of work that reads and writes discrepancies; nothing is ever deleted."""

    async def for_run(
        self, keys: Collection[DiscrepancyKey]
    ) -> Mapping[DiscrepancyKey, Discrepancy]:
        """
        Return what a run has to know: every open discrepancy, and those of *keys* in any state.

        One that no run has found yet is left out.
        """
        ...

    async def by_ids(self, ids: Collection[DiscrepancyId]) -> Mapping[DiscrepancyId, Discrepancy]:
        """Return the discrepancies of *ids*; an id that nobody knows is left out."""
        ...

    def save(self, discrepancies: Iterable[Discrepancy]) -> None:
        """
        Collect new and changed discrepancies, each under the version with which it was read.

        All are written or none: one that was found, changed or stored by someone else meanwhile makes
        the unit end in ``ChangedMeanwhile``. None twice in one unit.
        """
        ...
