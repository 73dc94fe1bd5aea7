"""Discrepancies for staff, out of memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import NotFound
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution import DiscrepancyResolution, ResolutionState
from fakes.reconciliation.resolution_register import resolutions_of
from fakes.store import Store
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyCursor,
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyPage,
)


@dataclass(frozen=True, slots=True)
class MemoryDiscrepancyQueries:
    store: Store

    async def page(
        self,
        wanted: DiscrepancyFilter,
        *,
        order: DiscrepancyOrder,
        at: datetime,
        after: DiscrepancyCursor | None = None,
        at_most: int,
    ) -> DiscrepancyPage:
        await asyncio.sleep(0)
        at = at if after is None else after.at
        ranked = sorted(
            (
                (_rank(DiscrepancyCursor.behind(each, at), order), each)
                for each in self.store.discrepancies.values()
                if wanted.lets_through(each) and (not wanted.proposed or self._is_proposed(each.id))
            ),
            key=lambda pair: pair[0],
            reverse=True,
        )
        behind = [each for rank, each in ranked if after is None or rank < _rank(after, order)]
        return DiscrepancyPage.of(behind, at=at, at_most=at_most)

    async def get(self, discrepancy: DiscrepancyId) -> Discrepancy:
        await asyncio.sleep(0)
        try:
            return self.store.discrepancies[discrepancy]
        except KeyError:
            raise NotFound("discrepancy", discrepancy) from None

    async def resolutions(self, discrepancy: DiscrepancyId) -> Sequence[DiscrepancyResolution]:
        await asyncio.sleep(0)
        return resolutions_of(self.store, discrepancy)

    def _is_proposed(self, discrepancy: DiscrepancyId) -> bool:
        known = resolutions_of(self.store, discrepancy)
        return any(each.state is ResolutionState.PROPOSED for each in known)


def _rank(place: DiscrepancyCursor, order: DiscrepancyOrder) -> tuple[object, ...]:
    if order is DiscrepancyOrder.FOUND:
        return (place.found_at, place.id)
    return (place.overdue, place.weight, place.found_at, place.id)
