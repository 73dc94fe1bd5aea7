"""Discrepancies for staff, by pages: the open ones are few, and only those are sorted by priority."""

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
from adapters.postgres.reconciliation.tables import OPEN, SEEN, discrepancy
from domain.errors import NotFound
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import CLOSED_WEIGHT, Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
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
    "seen_at": f"{SEEN} @> CAST(:seen_at AS timestamptz)",
    "proposed": "id IN (SELECT discrepancy_id FROM resolution WHERE state = 'proposed')",
    "search": "ids @> ARRAY[CAST(:search AS text)]",
}
RANKS: Final = {
    DiscrepancyOrder.PRIORITY: ("overdue", "weight", "first_found_at", "id"),
    DiscrepancyOrder.FOUND: ("first_found_at", "id"),
}
BEHIND: Final = {
    "overdue": "CAST(:overdue AS boolean)",
    "weight": "CAST(:weight AS bigint)",
    "first_found_at": "CAST(:found_at AS timestamptz)",
    "id": "CAST(:id AS text)",
}
OPEN_ONES: Final = f"""
    SELECT * FROM (
        SELECT *, CAST(:at AS timestamptz) > due_at AS overdue,
               abs(difference_paise) * (1 + CAST(floor(
                   extract(epoch FROM CAST(:at AS timestamptz) - first_found_at) / 86400
               ) AS bigint)) AS weight
        FROM discrepancy WHERE {OPEN}
"""
CLOSED_RANK: Final = f", false AS overdue, CAST({CLOSED_WEIGHT} AS bigint) AS weight"
# The place of an open one is before all that are closed.
_OPEN_PLACE: Final = f"(CAST(:overdue AS boolean) OR CAST(:weight AS bigint) > {CLOSED_WEIGHT})"
CLOSED_BEHIND: Final = f"""
    ({_OPEN_PLACE} OR (first_found_at, id) < (CAST(:found_at AS timestamptz), CAST(:id AS text)))
    AND first_found_at <= CASE WHEN {_OPEN_PLACE} THEN CAST('infinity' AS timestamptz)
                               ELSE CAST(:found_at AS timestamptz) END
"""
NEWEST: Final = "ORDER BY first_found_at DESC, id DESC LIMIT :at_most"
KIND: Final = {"types": "type", "causes": "cause", "states": "state", "owners": "owner"}
"""The filters by what a discrepancy is; of its kinds there are a hundred or so, at any number of them."""

INDEXED: Final = frozenset({"search", "proposed", "seen_at"})
"""The filters that find few discrepancies by an index of their own."""

_KIND: Final = ", ".join(KIND.values())
KINDS: Final = f"""
    WITH RECURSIVE kind AS (
        (SELECT {_KIND} FROM discrepancy ORDER BY {_KIND} LIMIT 1)
        UNION ALL
        SELECT n.* FROM kind k, LATERAL (
            SELECT {_KIND} FROM discrepancy
            WHERE ({_KIND}) > ({", ".join(f"k.{each}" for each in KIND.values())}) ORDER BY {_KIND} LIMIT 1) n
    )
"""
"""Every kind that there is, each found by one look into the index of kinds."""

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
        groups = frozenset(each.is_open for each in wanted.states or DiscrepancyState)
        statement = _page(order, frozenset(chosen), groups, follows=after is not None)
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
        "proposed": wanted.proposed or None,
        "search": wanted.search,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


@lru_cache(maxsize=256)
def _page(
    order: DiscrepancyOrder, chosen: frozenset[str], groups: frozenset[bool], *, follows: bool
) -> Prepared:
    """
    Return the statement that asks by what is *chosen* alone, so that its plan can use an index.

    *groups* says whether open ones, closed ones or both may be among them. By priority they are read apart: of
    the closed ones no more than a page, as their index has it.
    """
    ranks = RANKS[order]
    by_rank = f"ORDER BY {', '.join(f'{each} DESC' for each in ranks)} LIMIT :at_most"
    conditions = " AND ".join(CHOICES[each] for each in sorted(chosen)) or "true"
    behind = f"({', '.join(ranks)}) < ({', '.join(BEHIND[each] for each in ranks)})"
    if order is DiscrepancyOrder.FOUND:
        return prepare(text(_newest("", chosen, behind if follows else "true")))
    parts = {
        True: f"{OPEN_ONES} AND {conditions}) o WHERE {behind if follows else 'true'} {by_rank}",
        False: _newest(
            CLOSED_RANK, chosen, f"NOT ({OPEN}) AND {CLOSED_BEHIND if follows else 'true'}"
        ),
    }
    both = " UNION ALL ".join(f"({parts[each]})" for each in sorted(groups))
    return prepare(text(f"SELECT * FROM ({both}) AS ranked {by_rank}"))


def _newest(more: str, chosen: frozenset[str], where: str) -> str:
    """
    Return the query of the newest of what is *chosen*, with *more* columns; bounded whatever the filter leaves.

    By their age alone all would be read where nothing fits. So the newest of each kind that fits are read.
    """
    of_kind = [CHOICES[each] for each in sorted(chosen & KIND.keys())]
    others = [CHOICES[each] for each in sorted(chosen - KIND.keys())]
    if not of_kind or chosen & INDEXED:
        conditions = " AND ".join([*of_kind, *others, where])
        return f"SELECT *{more} FROM discrepancy WHERE {conditions} {NEWEST}"
    same = " AND ".join(f"d.{each} = k.{each}" for each in KIND.values())
    return f"""
        {KINDS} SELECT newest.*{more} FROM (SELECT * FROM kind WHERE {" AND ".join(of_kind)}) k, LATERAL (
            SELECT * FROM discrepancy d WHERE {same} AND {" AND ".join([*others, where])} {NEWEST}) newest {NEWEST}
    """
