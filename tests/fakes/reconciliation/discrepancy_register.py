"""Discrepancies inside a unit of work, in memory."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import DiscrepancyKey
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryDiscrepancies:
    store: Store
    changes: list[Change]

    async def for_run(
        self, keys: Collection[DiscrepancyKey]
    ) -> Mapping[DiscrepancyKey, Discrepancy]:
        await asyncio.sleep(0)
        return {
            each.key: each
            for each in self.store.discrepancies.values()
            if each.state.is_open or each.key in keys
        }

    async def by_ids(self, ids: Collection[DiscrepancyId]) -> Mapping[DiscrepancyId, Discrepancy]:
        await asyncio.sleep(0)
        kept = self.store.discrepancies
        return {each: kept[each] for each in ids if each in kept}

    def save(self, discrepancies: Iterable[Discrepancy]) -> None:
        told = tuple(discrepancies)

        def change(store: Store) -> None:
            for each in told:
                kept = store.discrepancies.get(each.id)
                if (kept.version if kept else 0) != each.version:
                    raise ChangedMeanwhile("a discrepancy")
                store.discrepancies[each.id] = replace(each, version=each.version + 1)

        self.changes.append(change)
