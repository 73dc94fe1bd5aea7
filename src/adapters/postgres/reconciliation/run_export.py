"""What a run and its range came to: read through cursors, in one read-only transaction on one snapshot."""

# ruff: noqa: S608 - these texts hold only constants of this code

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.reconciliation.book_reads import PAYMENTS, REFUNDS, to_record
from adapters.postgres.reconciliation.discrepancy_rows import to_discrepancy
from adapters.postgres.reconciliation.resolution_register import to_resolution
from adapters.postgres.reconciliation.tables import resolution
from adapters.postgres.settlements.entry_rows import to_bank_entry
from adapters.postgres.settlements.line_rows import READ, to_line
from adapters.postgres.settlements.report_rows import to_totals
from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import Entry, JournalKey, JournalKind
from domain.money import Money
from domain.reconciliation.payout import CreditOutcome, CreditPart, PayoutOutcome
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.run import Run
from domain.settlements.settlement_report import ReportState
from ports.reconciliation.run_export import (
    ExportedCredit,
    ExportedDiscrepancy,
    ExportedExpectation,
    ExportedJournal,
    ExportedMatch,
    ExportedSettlement,
)

AT_A_TIME: Final = 500
TIME_LIMIT: Final = timedelta(seconds=120)
"""The server sorts a whole list before it returns the first row."""

_LINE: Final = ", ".join(f"l.{name} AS l_{name}" for name in READ)
_DECISION: Final = ", ".join(f"r.{each.name} AS r_{each.name}" for each in resolution.columns)

SCOPE: Final = """
    scope AS (
        SELECT s.*, f.sha256, f.name AS file_name
        FROM settlement s JOIN settlement_file f ON f.id = s.file_id
        WHERE s.state <> 'repeated' AND (
            EXISTS (SELECT FROM unnest(s.sales_days) AS d (day)
                    WHERE d.day BETWEEN CAST(:first AS date) AND CAST(:last AS date))
            OR (f.sha256, s.settlement) IN (
                SELECT * FROM unnest(CAST(:files AS text[]), CAST(:reported AS text[]))))
    )
"""
SEEN: Final = """
    seen AS (
        SELECT * FROM discrepancy
        WHERE CAST(:ended_at AS timestamptz) BETWEEN first_found_at AND last_found_at
    )
"""
PAID: Final = "c.settlement IN (SELECT settlement FROM scope)"
SETTLEMENTS: Final = prepare(
    text(f"""
        WITH {SCOPE}
        SELECT s.*, coalesce((
            SELECT sum(c.amount_paise) FROM settlement_credit c WHERE c.settlement = s.settlement
        ), 0)::bigint AS credited_paise
        FROM scope s ORDER BY s.settled_on, s.settlement, s.imported_at, s.sha256
    """)
)


def _books(which: str) -> Prepared:
    """Return the expectations, with their lines, that no discrepancy of the run is about."""
    sales = f"{PAYMENTS.format(join='JOIN')} WHERE {{which}}"
    refunds = f"{REFUNDS.format(join='JOIN')} WHERE x.refund_id <> '' AND {{which}}"
    days = (
        "((x.settled_file IS NULL AND x.business_date <= CAST(:last AS date))"
        " OR x.business_date BETWEEN CAST(:first AS date) AND CAST(:last AS date))"
    )
    return prepare(
        text(f"""
            WITH {SEEN}, books AS (
                {sales.format(which=days)} UNION ALL {refunds.format(which=days)}
            )
            SELECT b.*, f.sha256, {_LINE}
            FROM books b
            LEFT JOIN settlement_file f ON f.sha256 = b.settled_file
            LEFT JOIN settlement_line l ON l.file_id = f.id AND l.line_no = b.settled_line
            LEFT JOIN settlement s ON s.file_id = l.file_id AND s.settlement = l.settlement
            WHERE {which} AND b.id NOT IN (SELECT unnest(entries) FROM seen)
            ORDER BY b.business_date, b.payment_id, b.id
        """)
    )


MATCHED: Final = _books("s.posted_at <= CAST(:ended_at AS timestamptz)")
EXPECTED: Final = _books(
    "b.at <= CAST(:as_of AS timestamptz)"
    " AND (b.settled_file IS NULL OR s.posted_at > CAST(:ended_at AS timestamptz))"
)
DISCREPANCIES: Final = prepare(
    text(f"""
        WITH {SEEN}
        SELECT d.*, f.sha256, {_LINE}, {_DECISION}, b.of_payment, p.client_reference
        FROM seen d
        LEFT JOIN settlement_file f ON f.sha256 = d.lines -> 0 ->> 0
        LEFT JOIN settlement_line l
            ON l.file_id = f.id AND l.line_no = CAST(d.lines -> 0 ->> 1 AS integer)
        LEFT JOIN LATERAL (
            SELECT * FROM resolution o WHERE o.discrepancy_id = d.id ORDER BY o.sequence DESC LIMIT 1
        ) r ON true
        LEFT JOIN LATERAL (
            SELECT payment_id AS of_payment FROM refund WHERE d.subject = 'refund' AND id = d.ref LIMIT 1
        ) b ON true
        LEFT JOIN payment p ON p.id = CASE d.subject WHEN 'payment' THEN d.ref
            ELSE coalesce(b.of_payment, l.payment_id) END
        ORDER BY d.first_found_at, d.id
    """)
)
ENTRY_ID: Final = (
    "to_char(e.booked_on, 'YYYY-MM-DD') || '/' || left(encode(e.entry_key, 'hex'), 12)"
)
CREDITS: Final = prepare(
    text(f"""
        WITH {SCOPE}, {SEEN}
        SELECT e.*, c.entry, c.settlement, c.amount_paise AS part_paise, c.rounding_paise
        FROM bank_entry e LEFT JOIN settlement_credit c ON c.entry = {ENTRY_ID}
        WHERE {PAID} OR {ENTRY_ID} IN (SELECT ref FROM seen WHERE subject = 'bank_credit') OR (
            e.booked_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
            AND e.outcome IS DISTINCT FROM 'not_ours')
        ORDER BY e.booked_on, e.account, e.entry_key, c.settlement
    """)
)
JOURNALS: Final = prepare(
    text(f"""
        WITH {SCOPE}, {SEEN}, subjects AS (
            SELECT settlement AS subject FROM scope
            UNION SELECT c.entry FROM settlement_credit c WHERE {PAID}
            UNION SELECT id FROM seen
        ), posted AS (
            SELECT j.id FROM subjects u JOIN journal j ON j.subject = u.subject
            WHERE j.kind = ANY(CAST(:kinds AS text[]))
        ), wanted AS (
            SELECT id FROM posted UNION SELECT m.id FROM journal m JOIN posted p ON m.reverses = p.id
        )
        SELECT j.*, (
            SELECT json_agg(json_build_array(e.account, e.amount_paise, e.payment_id, e.settlement,
                                             e.discrepancy) ORDER BY e.line)
            FROM entry e WHERE e.journal_id = j.id) AS entries
        FROM wanted w JOIN journal j ON j.id = w.id ORDER BY j.business_date, j.id
    """)
)
KINDS: Final = sorted(
    each.value
    for each in (
        JournalKind.SETTLEMENT,
        JournalKind.PAYOUT_FEE,
        JournalKind.BANK_CREDIT,
        JournalKind.DIFFERENCE,
        JournalKind.ACCEPTED,
        JournalKind.MATCH,
        JournalKind.CHARGEBACK_LOST,
    )
)


@dataclass(frozen=True, slots=True)
class PostgresRunExport:
    connection: Connection
    wanted: Mapping[str, object]

    async def settlements(self) -> AsyncIterator[ExportedSettlement]:
        async for row in self._rows(SETTLEMENTS):
            payout = row["payout"]
            yield ExportedSettlement(
                file=row["sha256"],
                file_name=row["file_name"],
                totals=to_totals(row),
                state=ReportState(row["state"]),
                net=Money(row["net_paise"]),
                credited=Money(row["credited_paise"]),
                payout=None if payout is None else PayoutOutcome(payout),
                posted_at=row["posted_at"],
            )

    async def matched(self) -> AsyncIterator[ExportedMatch]:
        async for row in self._rows(MATCHED):
            if line := _line(row):
                yield ExportedMatch(record=to_record(row), day=row["business_date"], line=line)

    async def expected(self) -> AsyncIterator[ExportedExpectation]:
        async for row in self._rows(EXPECTED):
            yield ExportedExpectation(record=to_record(row), day=row["business_date"])

    async def discrepancies(self) -> AsyncIterator[ExportedDiscrepancy]:
        async for row in self._rows(DISCREPANCIES):
            payment = row["of_payment"]
            decision = _part(row, "r_")
            yield ExportedDiscrepancy(
                discrepancy=to_discrepancy(row),
                decision=to_resolution(decision) if decision["sequence"] else None,
                line=_line(row),
                payment=None if payment is None else PaymentId(payment),
                client_reference=row["client_reference"],
            )

    async def credits(self) -> AsyncIterator[ExportedCredit]:
        async for row in self._rows(CREDITS):
            outcome = row["outcome"]
            yield ExportedCredit(
                account=row["account"],
                entry=to_bank_entry(row),
                outcome=None if outcome is None else CreditOutcome(outcome),
                part=_credit_part(row),
            )

    async def journals(self) -> AsyncIterator[ExportedJournal]:
        async for row in self._rows(JOURNALS):
            yield ExportedJournal(
                number=row["id"],
                key=JournalKey(JournalKind(row["kind"]), row["subject"], row["sequence"]),
                day=row["fact_date"],
                posted_on=row["business_date"],
                reference=row["reference"],
                reverses=row["reverses"],
                entries=tuple(_entry(*each) for each in _decoded(row["entries"])),
            )

    def _rows(self, statement: Prepared) -> AsyncIterator[Mapping[str, Any]]:
        return self.connection.stream(TIME_LIMIT, AT_A_TIME, statement, **self.wanted)


@dataclass(frozen=True, slots=True)
class PostgresRunExports:
    database: Database

    @asynccontextmanager
    async def __call__(self, run: Run) -> AsyncIterator[PostgresRunExport]:
        files = run.summary.files if run.summary else ()
        wanted: dict[str, object] = {
            "first": run.first,
            "last": run.last,
            "as_of": run.as_of,
            "ended_at": run.ended_at,
            "files": [each.sha256 for each in files],
            "reported": [each.settlement for each in files],
            "kinds": KINDS,
        }
        async with (
            self.database.borrow() as connection,
            connection.transaction(limit=TIME_LIMIT, on_one_snapshot=True),
        ):
            yield PostgresRunExport(connection, wanted)


def _line(row: Mapping[str, Any]) -> ReportedLine | None:
    told = _part(row, "l_")
    if told["line_no"] is None:
        return None
    return ReportedLine(file=row["sha256"], line=to_line(told))


def _part(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the columns of *row* whose names begin with *prefix*, without it."""
    return {
        name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)
    }


def _credit_part(row: Mapping[str, Any]) -> CreditPart | None:
    if row["entry"] is None:
        return None
    return CreditPart(
        entry=row["entry"],
        settlement=row["settlement"],
        amount_paise=row["part_paise"],
        rounding_paise=row["rounding_paise"],
    )


def _decoded(told: Any) -> Any:
    return json.loads(told) if isinstance(told, str) else told


def _entry(
    account: str, paise: int, payment: str | None, settlement: str | None, discrepancy: str | None
) -> Entry:
    about = None if payment is None else PaymentId(payment)
    return Entry(Account(account), Money(paise), about, settlement, discrepancy)
