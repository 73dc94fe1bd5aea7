"""Parts of the sealed audit log in rows, read by their leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.audit.sealed_log import ENTRY_COLUMNS, sealed_bytes, to_state
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import prepare
from domain.audit.trail import SealedBatch
from ports.audit.sealed_log import SealState

# ruff: noqa: S608 - these texts hold only constants of this code
_STATE: Final = "SELECT size, subtrees, note, tx, entry, moved FROM audit_checkpoint"
_SPAN: Final = "leaf_index >= CAST(:first AS bigint) AND leaf_index < CAST(:stop AS bigint)"
NEXT: Final = prepare(
    text("SELECT sealed_at FROM audit_checkpoint WHERE size > :size ORDER BY size LIMIT 1")
)
BEFORE: Final = prepare(text(f"{_STATE} WHERE sealed_at < :at ORDER BY size DESC LIMIT 1"))
OF_SIZE: Final = prepare(text(f"{_STATE} WHERE size = :size"))
# Without statistics, and as a plan that is kept, nothing knows how few leaves a span has, and the whole table would be
# read for each span. What has an offset is not joined in another way than as it stands: entry by entry, by their keys.
OF_SPAN: Final = prepare(
    text(f"""
        SELECT l.leaf_sha256, l.origin_sha256, o.salt, a.* FROM (
            SELECT leaf_index, audit_id, leaf_sha256, origin_sha256 FROM audit_leaf
            WHERE {_SPAN} ORDER BY leaf_index OFFSET 0
        ) l
        LEFT JOIN LATERAL (SELECT {ENTRY_COLUMNS} FROM audit_log a WHERE a.id = l.audit_id OFFSET 0) a ON true
        LEFT JOIN LATERAL (SELECT salt FROM audit_origin WHERE audit_id = l.audit_id OFFSET 0) o ON true
        ORDER BY l.leaf_index
    """)
)
LEAVES: Final = prepare(
    text(f"SELECT leaf_sha256 FROM audit_leaf WHERE {_SPAN} ORDER BY leaf_index")
)


@dataclass(frozen=True, slots=True)
class PostgresSealedSpans:
    database: Database

    async def next_sealed(self, size: int) -> datetime | None:
        rows = await self.database.fetch(NEXT, size=size)
        return rows[0]["sealed_at"] if rows else None

    async def last_before(self, at: datetime) -> SealState:
        rows = await self.database.fetch(BEFORE, at=at)
        return to_state(rows[0]) if rows else SealState()

    async def state_of(self, size: int) -> SealState:
        if not size:
            return SealState()
        (row,) = await self.database.fetch(OF_SIZE, size=size)
        return to_state(row)

    async def lines(self, span: range) -> SealedBatch:
        rows = await self.database.fetch(OF_SPAN, first=span.start, stop=span.stop)
        return SealedBatch(
            note="", leaves=[row["leaf_sha256"] for row in rows], lines=[_line(row) for row in rows]
        )

    async def leaves(self, span: range) -> Sequence[bytes]:
        rows = await self.database.fetch(LEAVES, first=span.start, stop=span.stop)
        return [row["leaf_sha256"] for row in rows]


def _line(row: Record) -> bytes | None:
    return None if row["id"] is None else sealed_bytes(row)
