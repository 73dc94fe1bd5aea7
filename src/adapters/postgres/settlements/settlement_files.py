"""Settlement files in rows: received once by their hash, read by one worker at a time, shown in pages."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.engine.database import Connection, Database, Record
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.settlements.file_rows import from_received, to_file
from adapters.postgres.settlements.report_rows import to_report
from adapters.postgres.settlements.settlement_import import LIMIT, PostgresFileImport
from domain.errors import ChangedMeanwhile, NotFound
from domain.settlements.file_state import SettlementFileEvent, SettlementFileState, file_after
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.settlement_files import (
    READING_MAX,
    FileReport,
    ReceivedFile,
    Refusal,
    SettlementFile,
    SettlementFileImport,
)

RECEIVE: Final = prepare(
    text("""
        INSERT INTO settlement_file (sha256, name, size, origin, day, wanted_preset, wanted_mid,
                                     received_at, received_by, state)
        VALUES (:sha256, :name, :size, :origin, :day, :wanted_preset, :wanted_mid,
                :received_at, :received_by, 'received')
        ON CONFLICT DO NOTHING RETURNING id
    """)
)
CLAIM: Final = prepare(
    text("""
        UPDATE settlement_file SET state = 'reading', attempts = attempts + 1, lease_until = :until
        WHERE sha256 = :sha256
          AND (state = 'received' OR (state = 'reading' AND lease_until <= :at))
        RETURNING attempts
    """)
)
REFUSE: Final = prepare(
    text("""
        UPDATE settlement_file SET state = :state, refusal = CAST(:refusal AS jsonb),
               lease_until = NULL, read_at = :at
        WHERE sha256 = :sha256 AND state = 'reading' AND attempts = :attempt RETURNING 1
    """)
)
REOPEN: Final = prepare(
    text("""
        UPDATE settlement_file SET state = :state, refusal = NULL, read_at = NULL,
               wanted_preset = :preset, wanted_mid = :mid
        WHERE sha256 = :sha256 AND state = 'refused' RETURNING 1
    """)
)
UNREAD: Final = prepare(
    text("""
        WITH lost AS (
            UPDATE settlement_file SET state = 'received', lease_until = NULL
            WHERE state = 'reading' AND lease_until <= :at RETURNING id, sha256)
        SELECT id, sha256 FROM settlement_file WHERE state = 'received'
        UNION ALL SELECT id, sha256 FROM lost ORDER BY id LIMIT :at_most
    """)
)
GET: Final = prepare(text("SELECT * FROM settlement_file WHERE sha256 = :sha256"))
LOCKED: Final = prepare(text("SELECT * FROM settlement_file WHERE sha256 = :sha256 FOR UPDATE"))
PAGE: Final = prepare(
    text("""
        SELECT * FROM settlement_file
        WHERE (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
          AND (NOT CAST(:waiting AS boolean) OR id IN (
               SELECT file_id FROM settlement WHERE posted_at IS NULL AND state = 'waiting'))
          AND (CAST(:at AS timestamptz) IS NULL
               OR (received_at, sha256) < (CAST(:at AS timestamptz), CAST(:last AS text)))
        ORDER BY received_at DESC, sha256 DESC LIMIT :at_most
    """)
)
REPORTS: Final = prepare(
    text("""
        SELECT * FROM settlement WHERE file_id = ANY(CAST(:files AS bigint[]))
        ORDER BY file_id, settled_on, settlement
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresSettlementFiles:
    database: Database

    async def receive(self, file: ReceivedFile, audit: AuditEntry) -> SettlementFile:
        async with self.database.borrow() as connection:
            async with connection.transaction():
                if await connection.fetch(RECEIVE, **from_received(file)):
                    await connection.apply([to_write(audit)])
            return await _get(connection, file.sha256)

    async def claim(self, file: FileHash, at: datetime) -> int | None:
        rows = await self.database.fetch(CLAIM, sha256=file, at=at, until=at + READING_MAX)
        return int(rows[0]["attempts"]) if rows else None

    @asynccontextmanager
    async def importing(
        self, file: FileHash, attempt: int | None = None
    ) -> AsyncIterator[SettlementFileImport]:
        async with self.database.borrow() as connection, connection.long_transaction(LIMIT):
            rows = await connection.fetch_within(LIMIT, LOCKED, sha256=file)
            if not rows:
                raise NotFound("settlement file", file)
            row = rows[0]
            if attempt is not None and (row["state"], row["attempts"]) != ("reading", attempt):
                raise ChangedMeanwhile("the settlement file")
            reports = await _reports(connection, [row])
            yield PostgresFileImport(connection, row["id"], to_file(row, reports[row["id"]]))

    async def refuse(
        self, file: FileHash, attempt: int, refusal: Refusal, audit: AuditEntry
    ) -> None:
        state = file_after(SettlementFileState.READING, SettlementFileEvent.REFUSED)
        values = {
            "sha256": file,
            "attempt": attempt,
            "at": audit.at,
            "state": state.value,
            "refusal": json.dumps(
                {
                    "reason": refusal.reason.value,
                    "detail": refusal.detail,
                    "line_no": refusal.line_no,
                }
            ),
        }
        async with self.database.borrow() as connection, connection.transaction():
            if await connection.fetch(REFUSE, **values):
                await connection.apply([to_write(audit)])

    async def reopen(
        self, file: FileHash, preset: str | None, mid: str | None, audit: AuditEntry
    ) -> None:
        state = file_after(SettlementFileState.REFUSED, SettlementFileEvent.NAMED_OTHERWISE)
        values = {"sha256": file, "state": state.value, "preset": preset, "mid": mid}
        async with self.database.borrow() as connection:
            await connection.apply([Write(REOPEN, values, "a settlement file"), to_write(audit)])

    async def unread(self, at: datetime, *, at_most: int) -> Sequence[FileHash]:
        rows = await self.database.fetch(UNREAD, at=at, at_most=at_most)
        return [FileHash(row["sha256"]) for row in rows]

    async def get(self, file: FileHash) -> SettlementFile:
        async with self.database.borrow() as connection:
            return await _get(connection, file)

    async def page(
        self,
        *,
        state: SettlementFileState | None = None,
        waiting: bool = False,
        before: tuple[datetime, FileHash] | None = None,
        at_most: int,
    ) -> Sequence[SettlementFile]:
        async with self.database.borrow() as connection:
            rows = await connection.fetch(
                PAGE,
                state=None if state is None else state.value,
                waiting=waiting,
                at=None if before is None else before[0],
                last=None if before is None else before[1],
                at_most=at_most,
            )
            reports = await _reports(connection, rows)
        return [to_file(row, reports[row["id"]]) for row in rows]


async def _get(connection: Connection, file: FileHash) -> SettlementFile:
    rows = await connection.fetch(GET, sha256=file)
    if not rows:
        raise NotFound("settlement file", file)
    reports = await _reports(connection, rows)
    return to_file(rows[0], reports[rows[0]["id"]])


async def _reports(
    connection: Connection, rows: Sequence[Record]
) -> Mapping[int, list[FileReport]]:
    found: dict[int, list[FileReport]] = defaultdict(list)
    files: list[Any] = [row["id"] for row in rows]
    for row in await connection.fetch(REPORTS, files=files) if files else ():
        found[row["file_id"]].append(to_report(row))
    return found
