"""Discrepancies in rows, inside a unit of work: many are written by one part of its statement."""

# ruff: noqa: S608 - these texts hold only constants of this code

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import bindparam, or_, select, text

from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import DIALECT, Prepared, Write, prepare
from adapters.postgres.reconciliation.discrepancy_rows import to_columns, to_discrepancy
from adapters.postgres.reconciliation.tables import OPEN, discrepancy
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import DiscrepancyKey

NAMES: Final = tuple(column.name for column in discrepancy.columns)
TYPED: Final = ", ".join(
    f"{each.name} {each.type.compile(DIALECT)}" for each in discrepancy.columns
)
IDS: Final = bindparam("ids", type_=discrepancy.c.ids.type)
FOR_RUN: Final = prepare(select(discrepancy).where(or_(text(OPEN), discrepancy.c.id == IDS.any_())))
BY_IDS: Final = prepare(select(discrepancy).where(discrepancy.c.id == IDS.any_()))
SAVE: Final = prepare(
    text(f"""
        INSERT INTO discrepancy AS kept ({", ".join(NAMES)})
        SELECT {", ".join(NAMES)} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told ({TYPED})
        ON CONFLICT (id) DO UPDATE
        SET ({", ".join(NAMES)}) = ROW ({", ".join(f"excluded.{name}" for name in NAMES)})
        WHERE kept.version = excluded.version - 1
        RETURNING 1
    """)
)
ALL_SAVED: Final = "SELECT 1 FROM (SELECT count(*) AS saved FROM {name}) AS s WHERE saved = :wanted"


@dataclass(frozen=True, slots=True)
class PostgresDiscrepancies:
    connection: Connection
    writes: list[Write]

    async def for_run(
        self, keys: Collection[DiscrepancyKey]
    ) -> Mapping[DiscrepancyKey, Discrepancy]:
        rows = await self.connection.fetch(FOR_RUN, ids=[key.id for key in keys])
        return {each.key: each for each in map(to_discrepancy, rows)}

    async def by_ids(self, ids: Collection[DiscrepancyId]) -> Mapping[DiscrepancyId, Discrepancy]:
        rows = await self.connection.fetch(BY_IDS, ids=list(ids))
        return {each.id: each for each in map(to_discrepancy, rows)}

    def save(self, discrepancies: Iterable[Discrepancy]) -> None:
        rows = [to_columns(each) for each in discrepancies]
        if not rows:
            return
        name = f"discrepancies{len(self.writes)}"
        self.writes.append(Write(SAVE, {"rows": json.dumps(rows)}, name=name))
        self.writes.append(Write(_all_saved(name), {"wanted": len(rows)}, expects="a discrepancy"))


@lru_cache(maxsize=256)
def _all_saved(name: str) -> Prepared:
    return prepare(text(ALL_SAVED.format(name=name)))
