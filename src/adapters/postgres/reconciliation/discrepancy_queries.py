"""Discrepancies for staff, by pages: the open ones are few, and those are what is sorted by priority."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import bindparam, select, text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.reconciliation.discrepancy_rows import to_discrepancy
from adapters.postgres.reconciliation.resolution_register import ABOUT, by_discrepancy
from adapters.postgres.reconciliation.tables import OPEN, discrepancy
from domain.errors import NotFound
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution import DiscrepancyResolution
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyCursor,
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyPage,
)

CHOICES: Final = {
    "types": "type = ANY(CAST(:types AS text[]))",
    "causes": "cause = ANY(CAST(:causes AS text[]))",
    "states": "state = ANY(CAST(:states AS text[]))",
    "owners": "owner = ANY(CAST(:owners AS text[]))",
    "found_before": "first_found_at < CAST(:found_before AS timestamptz)",
    "seen_at": "CAST(:seen_at AS timestamptz) BETWEEN first_found_at AND last_found_at",
    "search": "ids @> ARRAY[CAST(:search AS text)]",
}
RANKS: Final = {
    DiscrepancyOrder.PRIORITY: ("overdue", "weight", "id"),
    DiscrepancyOrder.FOUND: ("first_found_at", "id"),
}
BEHIND: Final = {
    "overdue": "CAST(:overdue AS boolean)",
    "weight": "CAST(:weight AS bigint)",
    "first_found_at": "CAST(:found_at AS timestamptz)",
    "id": "CAST(:id AS text)",
}
ONE: Final = prepare(select(discrepancy).where(discrepancy.c.id == bindparam("id")))


@dataclass(frozen=True, slots=True)
class PostgresDiscrepancyQueries:
    database: Database

    async def page(
        self,
        wanted: DiscrepancyFilter,
        *,
        order: DiscrepancyOrder,
        at: datetime,
        after: DiscrepancyCursor | None = None,
        at_most: int,
    ) -> DiscrepancyPage:
        at = at if after is None else after.at
        chosen = _chosen(wanted)
        values: dict[str, object] = {**chosen, "at": at, "at_most": at_most + 1}
        if after is not None:
            values |= {
                "overdue": after.overdue,
                "weight": after.weight,
                "found_at": after.found_at,
                "id": after.id,
            }
        statement = _page(order, frozenset(chosen), follows=after is not None)
        rows = await self.database.fetch(statement, **values)
        return DiscrepancyPage.of([to_discrepancy(row) for row in rows], at=at, at_most=at_most)

    async def get(self, discrepancy: DiscrepancyId) -> Discrepancy:
        for row in await self.database.fetch(ONE, id=discrepancy):
            return to_discrepancy(row)
        raise NotFound("discrepancy", discrepancy)

    async def resolutions(self, discrepancy: DiscrepancyId) -> Sequence[DiscrepancyResolution]:
        rows = await self.database.fetch(ABOUT, ids=[discrepancy])
        return by_discrepancy(rows).get(discrepancy, ())


def _chosen(wanted: DiscrepancyFilter) -> Mapping[str, object]:
    told = {
        "types": [each.value for each in sorted(wanted.types)],
        "causes": [each.value for each in sorted(wanted.causes)],
        "states": [each.value for each in sorted(wanted.states)],
        "owners": [each.value for each in sorted(wanted.owners)],
        "found_before": wanted.found_before,
        "seen_at": wanted.seen_at,
        "search": wanted.search,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


@lru_cache(maxsize=256)
def _page(order: DiscrepancyOrder, chosen: frozenset[str], *, follows: bool) -> Prepared:
    """Return the statement that asks by what is *chosen* alone, so that its plan can use an index."""
    conditions = " AND ".join(CHOICES[each] for each in sorted(chosen)) or "true"
    ranks = RANKS[order]
    behind = f"({', '.join(ranks)}) < ({', '.join(BEHIND[each] for each in ranks)})"
    return prepare(
        text(f"""
            SELECT * FROM (
                SELECT *, ({OPEN} AND CAST(:at AS timestamptz) > due_at) AS overdue,
                       abs(difference_paise) * (1 + CAST(floor(
                           extract(epoch FROM CAST(:at AS timestamptz) - first_found_at) / 86400
                       ) AS bigint)) AS weight
                FROM discrepancy WHERE {conditions}
            ) AS ranked WHERE {behind if follows else "true"}
            ORDER BY {", ".join(f"{each} DESC" for each in ranks)} LIMIT :at_most
        """)
    )
