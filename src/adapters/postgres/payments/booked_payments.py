"""Payments beside what they were decided on: a batch is one statement, found by the newest basis of each."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments.basis_rows import to_kept
from adapters.postgres.payments.payments import COLUMNS, to_payment
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.rebuild.booked_payment import BookedDocument, BookedPayment, EnrolmentState
from ports.notifications.outbox import OutboxTask
from ports.rebuild.booked_payments import BookedPage

CLOCKS_APART: Final = 1_000
"""Processes write at one time by clocks that differ a little: so many of the first rows are looked through."""

TASKS: Final = ", ".join(
    f"'{each.value}'" for each in (OutboxTask.TAX_DOCUMENT, OutboxTask.CREDIT_NOTE)
)
BOOKED: Final = f"""
    {", ".join(f"p.{each.name}" for each in COLUMNS)},
    (SELECT json_agg(row_to_json(r)) FROM refund r WHERE r.payment_id = p.id) AS refunds,
    (SELECT json_agg(json_build_object('id', b.id, 'version', b.version, 'kind', b.kind, 'told', b.told))
     FROM decision_basis b WHERE b.payment_id = p.id) AS kept,
    (SELECT CASE WHEN e.until IS NULL THEN 'open' ELSE 'ended' END
     FROM enrolment e WHERE e.payment_id = p.id) AS enrolment,
    (SELECT json_agg(json_build_object('number', d.number, 'refund', d.refund_id, 'total',
                                       d.taxable_paise + d.cgst_paise + d.sgst_paise + d.igst_paise))
     FROM tax_document d WHERE d.payment_id = p.id AND d.state = 'issued') AS documents,
    -- A task that waits or was given up, or that a person ended; and an invoice that a person cancelled.
    (EXISTS (SELECT FROM outbox o WHERE o.payment_id = p.id AND o.errand IN ({TASKS})
             AND (o.state <> 'done' OR o.why IS NOT NULL))
     OR EXISTS (SELECT FROM tax_document d WHERE d.payment_id = p.id AND d.state = 'cancelled')) AS awaits
"""
KEPT_SINCE: Final = prepare(text("SELECT min(at) AS at FROM decision_basis"))
FIRST_CHANGE: Final = prepare(
    text(f"""
        SELECT min(id) AS id FROM (
            SELECT id FROM decision_basis WHERE at >= :since ORDER BY at LIMIT {CLOCKS_APART}
        ) first
    """)
)
CHANGED: Final = prepare(
    text(f"""
        WITH changed AS MATERIALIZED (
            SELECT b.id, b.payment_id FROM decision_basis b
            WHERE b.id > :after AND NOT EXISTS (
                SELECT FROM decision_basis newer WHERE newer.payment_id = b.payment_id AND newer.id > b.id)
            ORDER BY b.id LIMIT :at_most
        )
        SELECT changed.id AS place, {BOOKED}
        FROM changed JOIN payment p ON p.id = changed.payment_id ORDER BY changed.id
    """)
)
NAMED: Final = prepare(
    text(f"""
        SELECT 0 AS place, {BOOKED} FROM payment p WHERE p.id = ANY(CAST(:ids AS text[])) ORDER BY p.id
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresBookedPayments:
    database: Database

    async def kept_since(self) -> datetime | None:
        rows = await self.database.fetch(KEPT_SINCE)
        since: datetime | None = rows[0]["at"]
        return since

    async def changed_since(self, since: datetime, *, after: int = 0, at_most: int) -> BookedPage:
        if not after:
            first = (await self.database.fetch(FIRST_CHANGE, since=since))[0]["id"]
            if first is None:
                return BookedPage(items=())
            after = first - 1
        rows = await self.database.fetch(CHANGED, after=after, at_most=at_most)
        return _page(rows, following=rows[-1]["place"] if len(rows) == at_most else None)

    async def named(self, payments: Sequence[PaymentId]) -> BookedPage:
        return _page(await self.database.fetch(NAMED, ids=list(payments)))


def _page(rows: Sequence[Record], following: int | None = None) -> BookedPage:
    items, unreadable = [], []
    for row in rows:
        try:
            items.append(_to_booked(row))
        except (DomainError, ValueError, TypeError, KeyError):
            unreadable.append(PaymentId(row["id"]))
    return BookedPage(items=items, unreadable=unreadable, next=following)


def _to_booked(row: Mapping[str, Any]) -> BookedPayment:
    kept = sorted(row["kept"] or (), key=itemgetter("version", "id"))
    return BookedPayment(
        payment=to_payment(row),
        refunded=Money(row["refunded_paise"]),
        refunding=Money(row["refunding_paise"]),
        enrolment=EnrolmentState(row["enrolment"] or EnrolmentState.NONE),
        documents=tuple(
            BookedDocument(
                number=each["number"],
                total=Money(each["total"]),
                refund=RefundId(each["refund"]) if each["refund"] else None,
            )
            for each in row["documents"] or ()
        ),
        awaits_documents=row["awaits"],
        kept=tuple(to_kept(each) for each in kept),
    )
