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
OF_SPAN: Final = prepare(
    text(f"""
        SELECT leaf_index, audit_id, leaf_sha256, origin_sha256 FROM audit_leaf
        WHERE {_SPAN} ORDER BY leaf_index
    """)
)
# Joined to numbers that are given, and not to a span of leaves: a plan that is kept does not know how few these are,
# and would read the whole table for each part of it.
ENTRIES: Final = prepare(
    text(f"""
        SELECT o.salt, {ENTRY_COLUMNS} FROM unnest(CAST(:entries AS bigint[])) AS e (id)
        JOIN audit_log a ON a.id = e.id
        LEFT JOIN audit_origin o ON o.audit_id = e.id
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
        leaves = await self.database.fetch(OF_SPAN, first=span.start, stop=span.stop)
        rows = await self.database.fetch(ENTRIES, entries=[leaf["audit_id"] for leaf in leaves])
        entries = {row["id"]: row for row in rows}
        return SealedBatch(
            note="",
            leaves=[leaf["leaf_sha256"] for leaf in leaves],
            lines=[_line(leaf, entries.get(leaf["audit_id"])) for leaf in leaves],
        )

    async def leaves(self, span: range) -> Sequence[bytes]:
        rows = await self.database.fetch(LEAVES, first=span.start, stop=span.stop)
        return [row["leaf_sha256"] for row in rows]


def _line(leaf: Record, entry: Record | None) -> bytes | None:
    return None if entry is None else sealed_bytes(entry, entry["salt"], leaf["origin_sha256"])
