"""Sales and refunds out of their tables, for the matching of settlement lines."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.business_day import business_day_start
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from ports.reconciliation.book_reads import BookRecord

PAYMENTS: Final = """
    SELECT p.id, p.id AS payment_id, coalesce(p.captured_paise, p.payable_paise) AS amount_paise,
           coalesce(p.captured_at, p.closed_at, p.opened_at) AS at, p.state, 'payment' AS kind,
           nullif(p.method, '') AS method, nullif(p.bank_reference, '') AS rrn, NULL AS arn
    FROM payment p
"""
REFUNDS: Final = """
    SELECT r.id, r.payment_id, r.amount_paise,
           coalesce(r.closed_at, r.accepted_at, r.asked_at) AS at, r.state, 'refund' AS kind,
           nullif(p.method, '') AS method, nullif(r.bank_reference, '') AS rrn, nullif(r.arn, '') AS arn
    FROM refund r JOIN payment p ON p.id = r.payment_id
"""
SETTLEABLE: Final = prepare(
    text(f"""
        SELECT * FROM (
            {PAYMENTS} WHERE p.state IN ('success', 'partially_refunded', 'refunded')
                AND p.captured_at >= :since AND p.captured_at < :until
            UNION ALL
            {REFUNDS} WHERE r.state = 'success'
                AND coalesce(r.closed_at, r.accepted_at, r.asked_at) >= :since
                AND coalesce(r.closed_at, r.accepted_at, r.asked_at) < :until
        ) books WHERE amount_paise > 0 ORDER BY payment_id, id
    """)
)
NAMED: Final = prepare(
    text(f"""
        WITH wanted AS (
            SELECT unnest(CAST(:payments AS text[])) AS id
            UNION SELECT payment_id FROM refund WHERE id = ANY(CAST(:refunds AS text[]))
        )
        SELECT * FROM (
            {PAYMENTS} JOIN wanted w ON w.id = p.id
            UNION ALL
            {REFUNDS} JOIN wanted w ON w.id = p.id
        ) books WHERE amount_paise > 0 ORDER BY payment_id, id
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresBookReads:
    database: Database

    async def settleable(self, first: date, last: date) -> Sequence[BookRecord]:
        rows = await self.database.fetch(
            SETTLEABLE,
            since=business_day_start(first),
            until=business_day_start(last + timedelta(days=1)),
        )
        return [_record(row) for row in rows]

    async def named(
        self, payments: Collection[PaymentId], refunds: Collection[RefundId]
    ) -> Sequence[BookRecord]:
        rows = await self.database.fetch(NAMED, payments=sorted(payments), refunds=sorted(refunds))
        return [_record(row) for row in rows]


def _record(row: Mapping[str, Any]) -> BookRecord:
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
    )
