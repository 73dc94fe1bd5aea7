"""
The seal of the audit log in rows.

A number that a transaction has is smaller than those of all that begin later, and a snapshot says up to which
number all have ended: entries below it are in their final order. A database that was restored from a dump counts
anew: its entries may bear numbers that it has not come to, and then those are sealed first, once.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import text

from adapters.postgres.engine.database import Connection, Database, Record
from adapters.postgres.engine.statements import prepare
from domain.audit.audit_line import SALT_BYTES, line_parts
from domain.audit.logged_line import LoggedLine
from domain.audit.merkle_proofs import Span, SpanLeaves
from domain.audit.merkle_tree import HASH_BYTES, CompactRange
from domain.audit.trail import BATCH_LINES_MAX, SealedBatch
from ports.audit.sealed_log import LogPosition, NewLeaf, SealState, Unsealed

TIME_LIMIT: Final = timedelta(seconds=120)
AT_A_TIME: Final = 1_000
TEXTS: Final = msgspec.json.Decoder(dict[str, str])
_OLDEST: Final = "CAST(pg_snapshot_xmin(pg_current_snapshot())::text AS bigint)"
_NEWEST: Final = "CAST(pg_snapshot_xmax(pg_current_snapshot())::text AS bigint)"
# The instant is written here as a line holds it, in a third of the time that it takes to be written in Python.
ENTRY_COLUMNS: Final = (
    "a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at, a.actor, a.source, a.action,"
    " a.subject, a.from_state, a.to_state, a.ip, a.user_agent, a.correlation_id, CAST(a.facts AS text) AS facts, a.tx"
)
# ruff: noqa: S608 - these texts hold only constants of this code
STATE: Final = prepare(
    text("""
        SELECT size, subtrees, note, tx, entry, moved FROM audit_checkpoint ORDER BY size DESC LIMIT 1
    """)
)
CLOCK: Final = prepare(
    text(
        f"SELECT {_NEWEST} AS newest, (SELECT max(tx) FROM audit_log WHERE tx IS NOT NULL) AS latest"
    )
)
EARLIER: Final = prepare(
    text(f"""
        SELECT {ENTRY_COLUMNS} FROM audit_log a WHERE a.tx IS NULL AND a.id > :entry ORDER BY a.id LIMIT :at_most
    """)
)
# Whoever plans takes a limit that it does not see for a small one, and reads along the index. When it sees one that is
# larger than what it takes the backlog for, it sorts all of the backlog for each batch.
NEXT: Final = prepare(
    text(f"""
        SELECT {ENTRY_COLUMNS} FROM audit_log a
        WHERE a.tx IS NOT NULL AND (a.tx, a.id) > (CAST(:tx AS bigint), CAST(:entry AS bigint))
          AND a.tx < {_OLDEST} AND a.id > :moved
        ORDER BY a.tx, a.id LIMIT (SELECT CAST(:at_most AS bigint))
    """)
)
RESTORED: Final = prepare(
    text(f"""
        SELECT {ENTRY_COLUMNS} FROM audit_log a
        WHERE a.tx >= {_NEWEST} AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.audit_id = a.id)
        ORDER BY a.tx, a.id LIMIT :at_most
    """)
)
MOVED: Final = prepare(
    text(f"SELECT coalesce(max(id), 0) AS entry FROM audit_log WHERE tx >= {_NEWEST}")
)
# Hashes and salts come as one run of bytes each: of an array the driver would look at each element by itself.
APPEND: Final = prepare(
    text(f"""
        WITH entries AS (
            SELECT e.entry, CAST(e.number AS integer) - 1 AS place
            FROM unnest(CAST(CAST(:entries AS text) AS bigint[])) WITH ORDINALITY AS e (entry, number)
        ), leaves AS (
            INSERT INTO audit_leaf (leaf_index, audit_id, leaf_sha256, origin_sha256)
            SELECT CAST(:first AS bigint) + e.place, e.entry,
                   substr(CAST(:leaves AS bytea), e.place * {HASH_BYTES} + 1, {HASH_BYTES}),
                   substr(CAST(:digests AS bytea), e.place * {HASH_BYTES} + 1, {HASH_BYTES})
            FROM entries e
        ), origins AS (
            INSERT INTO audit_origin (audit_id, salt)
            SELECT e.entry, substr(CAST(:salts AS bytea), e.place * {SALT_BYTES} + 1, {SALT_BYTES}) FROM entries e
        )
        INSERT INTO audit_checkpoint (size, subtrees, note, sealed_at, tx, entry, moved)
        VALUES (:size, :subtrees, :note, :at, :tx, :entry, :moved)
    """)
)
NOTES: Final = prepare(text("SELECT size, note FROM audit_checkpoint ORDER BY size"))
LEAVES: Final = prepare(
    text(f"""
        SELECT l.leaf_index, l.leaf_sha256, l.origin_sha256, o.salt, {ENTRY_COLUMNS}
        FROM audit_leaf l
        LEFT JOIN audit_log a ON a.id = l.audit_id
        LEFT JOIN audit_origin o ON o.audit_id = l.audit_id
        ORDER BY l.leaf_index
    """)
)
LINES: Final = prepare(
    text(f"""
        SELECT l.leaf_index, l.origin_sha256, o.salt, {ENTRY_COLUMNS}
        FROM audit_leaf l
        JOIN audit_log a ON a.id = l.audit_id
        LEFT JOIN audit_origin o ON o.audit_id = l.audit_id
        WHERE l.leaf_index = ANY(CAST(:indices AS bigint[]))
    """)
)
LEAVES_OF: Final = prepare(
    text(f"""
        SELECT c.size, c.subtrees, (
            SELECT string_agg(l.leaf_sha256, ''::bytea ORDER BY l.leaf_index) FROM (
                SELECT leaf_index, leaf_sha256 FROM audit_leaf
                WHERE leaf_index >= coalesce(c.size, w.start) AND leaf_index < w.stop
                ORDER BY leaf_index LIMIT {BATCH_LINES_MAX}) l
        ) AS leaves
        FROM unnest(CAST(:starts AS bigint[]), CAST(:stops AS bigint[])) WITH ORDINALITY AS w (start, stop, place)
        LEFT JOIN LATERAL (
            SELECT size, subtrees FROM audit_checkpoint
            WHERE size > w.start AND size < w.stop ORDER BY size DESC LIMIT 1) c ON true
        ORDER BY w.place
    """)
)
STRAYS: Final = prepare(
    text("""
        SELECT a.id FROM audit_log a
        WHERE (a.tx IS NULL AND (CAST(:tx AS bigint) IS NOT NULL OR a.id <= :entry)
               OR (a.tx, a.id) <= (CAST(:tx AS bigint), CAST(:entry AS bigint))
               OR a.id <= :moved)
          AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.audit_id = a.id)
        ORDER BY a.id LIMIT :at_most
    """)
)
ABOUT: Final = prepare(
    text("""
        SELECT l.leaf_index FROM audit_log a JOIN audit_leaf l ON l.audit_id = a.id
        WHERE a.subject = :subject ORDER BY l.leaf_index LIMIT :at_most
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresSealedLog:
    database: Database

    async def state(self) -> SealState:
        rows = await self.database.fetch(STATE)
        return to_state(rows[0]) if rows else SealState()

    async def unsealed(self, state: SealState, *, at_most: int) -> Unsealed:
        position = state.position
        async with self.database.borrow() as connection:
            if position.transaction is None:
                rows = await connection.fetch(EARLIER, entry=position.entry, at_most=at_most)
                if rows:
                    return Unsealed(lines=_lines(rows), position=_behind(position, rows))
                position = LogPosition(transaction=0)
            if await _is_of_another(connection, position):
                async with connection.transaction(limit=TIME_LIMIT):
                    rows = await connection.fetch_within(TIME_LIMIT, RESTORED, at_most=at_most)
                if rows:
                    return Unsealed(lines=_lines(rows), position=position)
                (row,) = await connection.fetch(MOVED)
                position = LogPosition(transaction=0, moved=row["entry"])
            rows = await connection.fetch(
                NEXT,
                tx=position.transaction,
                entry=position.entry,
                moved=position.moved,
                at_most=at_most,
            )
        return Unsealed(lines=_lines(rows), position=_behind(position, rows))

    async def append(
        self, state: SealState, leaves: Sequence[NewLeaf], sealed: SealState, at: datetime
    ) -> None:
        await self.database.fetch(
            APPEND,
            first=state.tree.size,
            entries=f"{{{','.join([str(each.entry) for each in leaves])}}}",
            leaves=b"".join([each.leaf for each in leaves]),
            digests=bytes.fromhex("".join([each.digest for each in leaves])),
            salts=b"".join([each.salt for each in leaves]),
            size=sealed.tree.size,
            subtrees=b"".join(sealed.tree.hashes),
            note=sealed.note,
            at=at,
            tx=sealed.position.transaction,
            entry=sealed.position.entry,
            moved=sealed.position.moved,
        )

    @asynccontextmanager
    async def batches(self) -> AsyncIterator[AsyncIterator[SealedBatch]]:
        async with (
            self.database.borrow() as connection,
            connection.transaction(limit=TIME_LIMIT, on_one_snapshot=True),
        ):
            yield _batches(connection)

    async def strays(self, state: SealState, *, at_most: int) -> Sequence[int]:
        position = state.position
        async with self.database.borrow() as connection:
            # Entries of this database bear small numbers again, and are none.
            another = await _is_of_another(connection, position)
        rows = await self.database.read_within(
            TIME_LIMIT,
            STRAYS,
            tx=-1 if another else position.transaction,
            entry=position.entry,
            moved=position.moved,
            at_most=at_most,
        )
        return [row["id"] for row in rows]

    async def lines(self, indices: Sequence[int]) -> Mapping[int, bytes]:
        rows = await self.database.fetch(LINES, indices=list(indices))
        found = {row["leaf_index"]: sealed_bytes(row) for row in rows}
        return {index: line for index, line in found.items() if line is not None}

    async def leaves_of(self, spans: Sequence[Span]) -> Sequence[SpanLeaves]:
        rows = await self.database.fetch(
            LEAVES_OF,
            starts=[each.start for each in spans],
            stops=[each.stop for each in spans],
        )
        return [_to_parts(row) for row in rows]

    async def leaves_about(self, subject: str, *, at_most: int) -> Sequence[int]:
        rows = await self.database.fetch(ABOUT, subject=subject, at_most=at_most)
        return [row["leaf_index"] for row in rows]


async def _is_of_another(connection: Connection, position: LogPosition) -> bool:
    """Whether the entries up to *position*, or all where none is sealed, bear numbers that are still to come here."""
    (row,) = await connection.fetch(CLOCK)
    known: int = position.transaction or row["latest"] or 0
    return known >= int(row["newest"])


async def _batches(connection: Connection) -> AsyncIterator[SealedBatch]:
    leaves = connection.stream(TIME_LIMIT, AT_A_TIME, LEAVES)
    first = 0
    async for row in connection.stream(TIME_LIMIT, AT_A_TIME, NOTES):
        # A checkpoint that says more is broken, and is seen to be after so many.
        wanted = min(max(row["size"] - first, 0), BATCH_LINES_MAX + 1)
        rows = await _next(leaves, wanted)
        batch = _batch(row["note"], first, rows)
        # Lines that the row of the checkpoint counts and nobody has are gone.
        gone = [None] * (wanted - len(rows))
        yield replace(batch, lines=[*batch.lines, *gone])
        first = row["size"]
    if left := await _next(leaves, 1):
        yield _batch("", first, left)


async def _next(rows: AsyncIterator[Record], wanted: int) -> Sequence[Record]:
    found: list[Record] = []
    while len(found) < wanted:
        row = await anext(rows, None)
        if row is None:
            break
        found.append(row)
    return found


def _lines(rows: Sequence[Record]) -> Sequence[LoggedLine]:
    return [_to_line(row) for row in rows]


def _behind(position: LogPosition, rows: Sequence[Record]) -> LogPosition:
    """Return the position of the last of *rows*, or *position* where there is none."""
    if not rows:
        return position
    return replace(position, transaction=rows[-1]["tx"], entry=rows[-1]["id"])


def _batch(note: str, first: int, rows: Sequence[Record]) -> SealedBatch:
    return SealedBatch(
        note=note,
        leaves=[row["leaf_sha256"] for row in rows],
        lines=[
            sealed_bytes(row)
            if row["id"] is not None and row["leaf_index"] == first + place
            else None
            for place, row in enumerate(rows)
        ],
    )


def sealed_bytes(row: Record) -> bytes | None:
    return _to_line(row).again(row["salt"], row["origin_sha256"].hex())


def _to_parts(row: Record) -> SpanLeaves:
    tree = CompactRange()
    # A checkpoint whose row is damaged is as if it were not there: then leaves are missing.
    with suppress(ValueError):
        tree = CompactRange(row["size"] or 0, _hashes(row["subtrees"] or b""))
    return SpanLeaves(tree, _hashes(row["leaves"] or b""))


def _hashes(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))


def to_state(row: Record) -> SealState:
    return SealState(
        tree=CompactRange(row["size"], _hashes(row["subtrees"])),
        note=row["note"],
        position=LogPosition(transaction=row["tx"], entry=row["entry"], moved=row["moved"]),
    )


def _to_line(row: Record) -> LoggedLine:
    before, behind = line_parts(
        entry=row["id"],
        at=row["at"],
        actor=row["actor"],
        source=row["source"],
        action=row["action"],
        subject=row["subject"],
        from_state=row["from_state"] or "",
        to_state=row["to_state"] or "",
        correlation_id=row["correlation_id"],
        facts=_facts(row["facts"]),
    )
    return LoggedLine(row["id"], before, behind, row["ip"], row["user_agent"])


def _facts(written: str) -> Mapping[str, str | int]:
    """Return the facts of an entry. Nearly all are texts, which are read in an eighth of the time of others."""
    try:
        return TEXTS.decode(written)
    except msgspec.ValidationError:
        return _other_facts(written)


def _other_facts(written: str) -> Mapping[str, str | int]:
    """Return facts that are not all texts; what we never write, another kind of value, is sealed as its JSON text."""
    found: Any = json.loads(written)
    if not isinstance(found, dict):
        return {"": json.dumps(found, sort_keys=True)}
    return {
        name: value
        if isinstance(value, str | int) and not isinstance(value, bool)
        else json.dumps(value, sort_keys=True)
        for name, value in found.items()
    }
