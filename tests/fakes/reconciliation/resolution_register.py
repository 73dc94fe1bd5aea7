"""Resolutions of discrepancies, in memory."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.identifiers import DiscrepancyId
from domain.money import ZERO
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionState,
)
from domain.reconciliation.resolution_context import DecidedAlone
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryResolutions:
    store: Store
    changes: list[Change]

    async def about(
        self, discrepancies: Collection[DiscrepancyId]
    ) -> Mapping[DiscrepancyId, Sequence[DiscrepancyResolution]]:
        await asyncio.sleep(0)
        return {
            each: found for each in discrepancies if (found := resolutions_of(self.store, each))
        }

    async def releases(self) -> Sequence[DiscrepancyResolution]:
        await asyncio.sleep(0)
        found = [
            each
            for each in self.store.resolutions.values()
            if (each.action, each.state)
            == (ResolutionAction.RELEASE_LINE, ResolutionState.IN_FORCE)
            and self.store.discrepancies[each.discrepancy].state is DiscrepancyState.RESOLVED
        ]
        return sorted(found, key=lambda each: (each.discrepancy, each.sequence))

    async def alone_on(self, person: str, day: date) -> DecidedAlone:
        await asyncio.sleep(0)
        alone = [
            each
            for each in self.store.resolutions.values()
            if each.alone is not None
            and (each.decided_by, business_day_of(each.decided_at)) == (person, day)
        ]
        standing = (each.amount for each in alone if each.state is ResolutionState.IN_FORCE)
        return DecidedAlone(len(alone), sum(standing, ZERO))

    async def body_of(self, person: str, key: str) -> str | None:
        await asyncio.sleep(0)
        return next(
            (
                each.key.body_sha256
                for each in self.store.resolutions.values()
                if each.decided_by == person and each.key is not None and each.key.key == key
            ),
            None,
        )

    def add(self, resolution: DiscrepancyResolution) -> None:
        def change(store: Store) -> None:
            if any(_meet(resolution, each) for each in store.resolutions.values()):
                raise ChangedMeanwhile("a resolution")
            store.resolutions[resolution.discrepancy, resolution.sequence] = resolution

        self.changes.append(change)

    def save(self, resolution: DiscrepancyResolution) -> None:
        def change(store: Store) -> None:
            place = (resolution.discrepancy, resolution.sequence)
            if place not in store.resolutions:
                raise ChangedMeanwhile("a resolution")
            store.resolutions[place] = resolution

        self.changes.append(change)


def resolutions_of(store: Store, discrepancy: DiscrepancyId) -> Sequence[DiscrepancyResolution]:
    """Return the resolutions of *discrepancy* in the order of their sequence."""
    found = (each for each in store.resolutions.values() if each.discrepancy == discrepancy)
    return sorted(found, key=lambda each: each.sequence)


def _meet(one: DiscrepancyResolution, other: DiscrepancyResolution) -> bool:
    """Whether the database would keep no more than one of the two."""
    of_one = one.discrepancy == other.discrepancy
    both_wait = one.state is other.state is ResolutionState.PROPOSED
    by_one = one.decided_by == other.decided_by and one.alone is not None
    same_day = business_day_of(one.decided_at) == business_day_of(other.decided_at)
    return (of_one and (one.sequence == other.sequence or both_wait)) or (
        by_one and same_day and one.alone == other.alone
    )
