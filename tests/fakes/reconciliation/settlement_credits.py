"""Which bank credit pays which settlement, in memory."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import ChangedMeanwhile
from domain.reconciliation.payout import CreditPart
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemorySettlementCredits:
    store: Store

    async def paid(self, settlements: Collection[str]) -> Mapping[str, int]:
        await asyncio.sleep(0)
        sums: Counter[str] = Counter()
        for each in self.store.credits.values():
            if each.settlement in settlements:
                sums[each.settlement] += each.amount_paise + each.rounding_paise
        return dict(sums)


@dataclass(frozen=True, slots=True)
class MemorySettlementCreditWrites:
    changes: list[Change]

    def add(self, parts: Iterable[CreditPart], at: datetime) -> None:
        del at
        told = tuple(parts)

        def change(store: Store) -> None:
            for each in told:
                if (each.entry, each.settlement) in store.credits:
                    raise ChangedMeanwhile("a bank credit")
                store.credits[each.entry, each.settlement] = each

        self.changes.append(change)

    def remove(self, entry: str) -> None:
        def change(store: Store) -> None:
            store.credits = {key: each for key, each in store.credits.items() if key[0] != entry}

        self.changes.append(change)
