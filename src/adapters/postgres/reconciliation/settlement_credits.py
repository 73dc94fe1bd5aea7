"""Which bank credit pays which settlement, in rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, Write, prepare
from domain.reconciliation.payout import CreditPart

PAID: Final = prepare(
    text("""
        SELECT settlement, sum(amount_paise + rounding_paise)::bigint AS paise FROM settlement_credit
        WHERE settlement = ANY(CAST(:settlements AS text[])) GROUP BY settlement
    """)
)
ADD: Final = prepare(
    text("""
        INSERT INTO settlement_credit (entry, settlement, amount_paise, rounding_paise, matched_at)
        SELECT p.entry, p.settlement, p.amount, p.rounding, CAST(:at AS timestamptz)
        FROM unnest(CAST(:entries AS text[]), CAST(:settlements AS text[]),
                    CAST(:amounts AS bigint[]), CAST(:roundings AS bigint[]))
             AS p (entry, settlement, amount, rounding)
        ON CONFLICT DO NOTHING RETURNING 1
    """)
)
ALL_ADDED: Final = "SELECT 1 FROM (SELECT count(*) AS added FROM {name}) AS a WHERE added = :wanted"
REMOVE: Final = prepare(text("DELETE FROM settlement_credit WHERE entry = :entry RETURNING 1"))


@dataclass(frozen=True, slots=True)
class PostgresSettlementCredits:
    database: Database

    async def paid(self, settlements: Collection[str]) -> Mapping[str, int]:
        rows = await self.database.fetch(PAID, settlements=sorted(settlements))
        return {row["settlement"]: row["paise"] for row in rows}


@dataclass(frozen=True, slots=True)
class PostgresSettlementCreditWrites:
    writes: list[Write]

    def add(self, parts: Iterable[CreditPart], at: datetime) -> None:
        told = list(parts)
        if not told:
            return
        name = f"credits{len(self.writes)}"
        values = {
            "entries": [each.entry for each in told],
            "settlements": [each.settlement for each in told],
            "amounts": [each.amount_paise for each in told],
            "roundings": [each.rounding_paise for each in told],
            "at": at,
        }
        self.writes.append(Write(ADD, values, name=name))
        self.writes.append(Write(_all_added(name), {"wanted": len(told)}, expects="a bank credit"))

    def remove(self, entry: str) -> None:
        self.writes.append(Write(REMOVE, {"entry": entry}))


@lru_cache(maxsize=256)
def _all_added(name: str) -> Prepared:
    return prepare(text(ALL_ADDED.format(name=name)))
