"""Sales and refunds out of their tables, with what the bank is expected to settle of them."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.reported import LineRef
from ports.reconciliation.book_reads import BookRecord

PAYMENTS: Final = """
    SELECT p.id, p.id AS payment_id, coalesce(p.captured_paise, p.payable_paise) AS amount_paise,
           coalesce(p.captured_at, p.closed_at, p.opened_at) AS at, p.state, 'payment' AS kind,
           nullif(p.method, '') AS method, nullif(p.bank_reference, '') AS rrn, NULL AS arn,
           x.payment_id IS NOT NULL AS expected, x.settled_file, x.settled_line, x.business_date,
           p.client_reference
    FROM payment p {join} expectation x ON x.payment_id = p.id AND x.refund_id = ''
"""
REFUNDS: Final = """
    SELECT r.id, r.payment_id, r.amount_paise,
           coalesce(r.closed_at, r.accepted_at, r.asked_at) AS at, r.state, 'refund' AS kind,
           nullif(p.method, '') AS method, nullif(r.bank_reference, '') AS rrn, nullif(r.arn, '') AS arn,
           x.payment_id IS NOT NULL AS expected, x.settled_file, x.settled_line, x.business_date,
           p.client_reference
    FROM refund r JOIN payment p ON p.id = r.payment_id
    {join} expectation x ON x.payment_id = r.payment_id AND x.refund_id = r.id
"""
OPEN_PAYMENTS: Final = PAYMENTS.format(
    join="JOIN open_expectation o ON o.payment_id = p.id AND o.refund_id = '' JOIN"
)
OPEN_REFUNDS: Final = REFUNDS.format(
    join="JOIN open_expectation o"
    " ON o.payment_id = r.payment_id AND o.refund_id = r.id AND o.refund_id <> '' JOIN"
)
BOOKS: Final = """
    SELECT * FROM (
        {payments} WHERE {which}
        UNION ALL
        {refunds} WHERE x.refund_id <> '' AND {which}
    ) books ORDER BY payment_id, id
"""
SETTLEABLE: Final = prepare(
    text(
        BOOKS.format(
            payments=PAYMENTS.format(join="JOIN"),
            refunds=REFUNDS.format(join="JOIN"),
            which="x.business_date BETWEEN :first AND :last",
        )
    )
)
UNSETTLED: Final = prepare(
    text(
        BOOKS.format(
            payments=OPEN_PAYMENTS,
            refunds=OPEN_REFUNDS,
            which="x.settled_file IS NULL AND x.business_date <= :last",
        )
    )
)
SETTLED_IN: Final = prepare(
    text(
        "WITH expectation AS MATERIALIZED (SELECT * FROM shulk_settled_in(CAST(:files AS text[])))"
        + BOOKS.format(
            payments=PAYMENTS.format(join="JOIN"),
            refunds=REFUNDS.format(join="JOIN"),
            which="true",
        )
    )
)
"""The expectations that these files settled stand for the table: a function finds the pages that hold them."""

NAMED: Final = prepare(
    text(f"""
        WITH wanted AS (
            SELECT unnest(CAST(:payments AS text[])) AS id
            UNION SELECT payment_id FROM refund WHERE id = ANY(CAST(:refunds AS text[]))
        )
        SELECT * FROM (
            {PAYMENTS.format(join="LEFT JOIN")} JOIN wanted w ON w.id = p.id
            UNION ALL
            {REFUNDS.format(join="LEFT JOIN")} JOIN wanted w ON w.id = p.id
        ) books WHERE amount_paise > 0 ORDER BY payment_id, id
    """)
)

RESERVE: Final = prepare(
    text("""
        SELECT l.mid, sum(CASE l.direction WHEN 'DR' THEN l.gross_paise ELSE -l.gross_paise END) AS held
        FROM settlement_line l
        JOIN settlement s ON s.file_id = l.file_id AND s.settlement = l.settlement
        JOIN settlement_file f ON f.id = l.file_id
        WHERE l.line_type IN ('reserve_hold', 'reserve_release') AND l.state = 'live' AND NOT l.on_hold
          AND s.state = 'live' AND s.posted_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM unnest(CAST(:files AS text[]), CAST(:numbers AS integer[])) AS w (sha256, line_no)
            WHERE w.sha256 = f.sha256 AND w.line_no = l.line_no)
        GROUP BY l.mid
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresBookReads:
    database: Database

    async def settleable(self, first: date, last: date) -> Sequence[BookRecord]:
        rows = await self.database.fetch(SETTLEABLE, first=first, last=last)
        return [to_record(row) for row in rows]

    async def unsettled(self, last: date) -> Sequence[BookRecord]:
        rows = await self.database.fetch(UNSETTLED, last=last)
        return [to_record(row) for row in rows]

    async def settled_in(self, files: Collection[str]) -> Sequence[BookRecord]:
        if not files:
            return []
        rows = await self.database.fetch(SETTLED_IN, files=sorted(files))
        return [to_record(row) for row in rows]

    async def named(
        self, payments: Collection[PaymentId], refunds: Collection[RefundId]
    ) -> Sequence[BookRecord]:
        rows = await self.database.fetch(NAMED, payments=sorted(payments), refunds=sorted(refunds))
        return [to_record(row) for row in rows]

    async def reserve_held(self, apart_from: Collection[LineRef]) -> Mapping[str, int]:
        files, numbers = [each.file for each in apart_from], [each.line_no for each in apart_from]
        rows = await self.database.fetch(RESERVE, files=files, numbers=numbers)
        return {row["mid"]: int(row["held"]) for row in rows}


def to_record(row: Mapping[str, Any]) -> BookRecord:
    """Return the record of a row of ``PAYMENTS`` or ``REFUNDS``."""
    state: type[State | RefundState] = RefundState if row["kind"] == "refund" else State
    return BookRecord(
        id=row["id"],
        payment_id=PaymentId(row["payment_id"]),
        amount=Money(row["amount_paise"]),
        at=row["at"],
        state=state(row["state"]),
        method=row["method"],
        rrn=row["rrn"],
        arn=row["arn"],
        expected=row["expected"],
        settled_by=LineRef(row["settled_file"], row["settled_line"])
        if row["settled_file"]
        else None,
        client_reference=row["client_reference"],
    )
