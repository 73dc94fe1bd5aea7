"""What a run reads of settlement files, by indexes that hold only what is not concluded yet."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.settlements.line_rows import READ, to_stored_line
from adapters.postgres.settlements.report_rows import to_stored_settlement
from domain.identifiers import PaymentId
from domain.reconciliation.reported import LineRef, UnreadableRow
from ports.file_store import FileHash
from ports.settlements.settlement_reads import StoredLine, StoredSettlement

_LINE: Final = ", ".join(f"l.{name}" for name in READ)
LINES: Final = f"SELECT f.sha256, l.state, l.cause, {_LINE} FROM"
IN_ORDER: Final = "ORDER BY l.settled_on, l.settlement, f.sha256, l.line_no"


def _reports(which: str) -> Prepared:
    return prepare(
        text(f"""
            SELECT f.sha256, f.line_count, f.declared, s.*, coalesce((
                SELECT max(o.journal) FROM settlement o WHERE o.settlement = s.settlement), 0) + 1
                AS next_journal
            FROM settlement s JOIN settlement_file f ON f.id = s.file_id
            WHERE {which} ORDER BY s.settled_on, s.settlement, f.sha256
        """)
    )


UNPOSTED: Final = _reports("s.posted_at IS NULL AND s.state IN ('live', 'held', 'waiting')")
UNREVERSED: Final = _reports(
    "s.state = 'superseded' AND s.posted_at IS NOT NULL AND s.reversed_at IS NULL"
)
UNCREDITED: Final = _reports(
    "s.state = 'live' AND s.posted_at IS NOT NULL AND (s.payout IS NULL OR s.payout <> 'credited')"
)
LINES_OF: Final = prepare(
    text(f"""
        WITH wanted AS (
            SELECT s.file_id, s.settlement, s.state
            FROM unnest(CAST(:files AS text[]), CAST(:settlements AS text[])) AS w (sha256, settlement)
            JOIN settlement_file f ON f.sha256 = w.sha256
            JOIN settlement s ON s.file_id = f.id AND s.settlement = w.settlement
        ), own AS (
            SELECT l.*, w.state AS report
            FROM settlement_line l JOIN wanted w ON w.file_id = l.file_id AND w.settlement = l.settlement
            WHERE l.state <> 'superseded' AND l.cause IS DISTINCT FROM 'reported_before'
        ), places AS (
            SELECT file_id, line_no FROM own
            UNION
            SELECT o.file_id, o.line_no FROM own n JOIN settlement_line o
                ON o.payment_id = n.payment_id AND o.line_type = n.line_type
               AND o.event_key = n.event_key AND o.state = 'live'
            WHERE n.report = 'live' AND n.state = 'held' AND n.payment_id IS NOT NULL
            UNION
            SELECT o.file_id, o.line_no FROM own n JOIN settlement_line o
                ON o.event_key = n.event_key AND o.payment_id IS NULL AND o.state = 'live'
            WHERE n.report = 'live' AND n.state = 'held' AND n.payment_id IS NULL
        )
        {LINES} places p JOIN settlement_line l USING (file_id, line_no)
        JOIN settlement_file f ON f.id = l.file_id {IN_ORDER}
    """)
)
LINES_ABOUT: Final = prepare(
    text(f"""
        {LINES} settlement_line l JOIN settlement_file f ON f.id = l.file_id
        WHERE l.payment_id = ANY(CAST(:payments AS text[]))
          AND l.state <> 'superseded' AND l.cause IS DISTINCT FROM 'reported_before' {IN_ORDER}
    """)
)
LINES_AT: Final = prepare(
    text(f"""
        {LINES} unnest(CAST(:files AS text[]), CAST(:numbers AS integer[])) AS w (sha256, line_no)
        JOIN settlement_file f ON f.sha256 = w.sha256
        JOIN settlement_line l ON l.file_id = f.id AND l.line_no = w.line_no {IN_ORDER}
    """)
)
REJECTED: Final = prepare(
    text("""
        SELECT f.sha256, r.line_no, r.reason
        FROM settlement_file f JOIN rejected_row r ON r.file_id = f.id
        WHERE f.sha256 = ANY(CAST(:files AS text[])) ORDER BY f.sha256, r.line_no
    """)
)
COMPLETE: Final = prepare(
    text("""
        SELECT s.mid, max(s.settled_on) AS until
        FROM (
            SELECT mid, settled_on FROM settlement WHERE state = 'live'
            UNION ALL SELECT mid, day FROM report_answer WHERE answer = 'nothing_settled'
        ) s
        LEFT JOIN (
            SELECT h.mid, min(h.settled_on) AS first FROM settlement h
            WHERE h.state = 'held' AND h.posted_at IS NULL AND NOT EXISTS (
                SELECT FROM settlement o WHERE o.settlement = h.settlement AND o.state = 'live')
            GROUP BY h.mid
        ) held ON held.mid = s.mid
        WHERE held.first IS NULL OR s.settled_on < held.first
        GROUP BY s.mid
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresSettlementReads:
    database: Database

    async def unposted(self) -> Sequence[StoredSettlement]:
        return await self._reports(UNPOSTED)

    async def unreversed(self) -> Sequence[StoredSettlement]:
        return await self._reports(UNREVERSED)

    async def uncredited(self) -> Sequence[StoredSettlement]:
        return await self._reports(UNCREDITED)

    async def lines_of(self, reports: Collection[tuple[FileHash, str]]) -> Sequence[StoredLine]:
        files, settlements = [file for file, _ in reports], [each for _, each in reports]
        return await self._lines(LINES_OF, files=files, settlements=settlements)

    async def lines_about(self, payments: Collection[PaymentId]) -> Sequence[StoredLine]:
        return await self._lines(LINES_ABOUT, payments=list(payments))

    async def lines_at(self, places: Collection[LineRef]) -> Sequence[StoredLine]:
        wanted = set(places)
        return await self._lines(
            LINES_AT,
            files=[each.file for each in wanted],
            numbers=[each.line_no for each in wanted],
        )

    async def rejected_rows(self, files: Collection[FileHash]) -> Sequence[UnreadableRow]:
        rows = await self.database.fetch(REJECTED, files=list(files))
        return [
            UnreadableRow(file=row["sha256"], line_no=row["line_no"], reason=row["reason"])
            for row in rows
        ]

    async def complete_until(self) -> Mapping[str, date]:
        return {row["mid"]: row["until"] for row in await self.database.fetch(COMPLETE)}

    async def _reports(self, statement: Prepared) -> list[StoredSettlement]:
        return [to_stored_settlement(row) for row in await self.database.fetch(statement)]

    async def _lines(self, statement: Prepared, **values: object) -> list[StoredLine]:
        return [to_stored_line(row) for row in await self.database.fetch(statement, **values)]
