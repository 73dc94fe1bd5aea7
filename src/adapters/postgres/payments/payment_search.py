"""Payments found for staff: a term by one index for each thing it may name, a period by the time of opening."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.documents.tables import tax_document
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.refunds.tables import OURS, refund
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.tax.gstin import Gstin
from domain.text.email_address import masked_email
from ports.payments.payment_queries import HistoryCursor
from ports.payments.payment_search import FOUND_MAX, FoundPayment, FoundPayments, PaymentFilter

EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
NEWEST_FIRST: Final = (payment.c.opened_at.desc(), payment.c.id.desc())

_state = bindparam("in_state", type_=String())
_lowest = bindparam("lowest", type_=BigInteger())
_highest = bindparam("highest", type_=BigInteger())
_behind = tuple_(bindparam("behind", type_=payment.c.opened_at.type), bindparam("last"))
WANTED: Final = (
    tuple_(payment.c.opened_at, payment.c.id) < _behind,
    payment.c.opened_at >= bindparam("opened_from", type_=payment.c.opened_at.type),
    or_(_state.is_(None), payment.c.state == _state),
    or_(_lowest.is_(None), payment.c.payable_paise >= _lowest),
    or_(_highest.is_(None), payment.c.payable_paise <= _highest),
)
"""The filters; before the first page nothing is left out, since no payment is behind the end of the period."""

COLUMNS: Final = (
    payment.c.id,
    payment.c.student_id,
    payment.c.student_name,
    payment.c.student_email,
    payment.c.course_id,
    payment.c.course_title,
    payment.c.state,
    payment.c.payable_paise,
    payment.c.refunded_paise,
    payment.c.refunding_paise,
    payment.c.method,
    payment.c.failure,
    payment.c.review_since,
    payment.c.opened_at,
    payment.c.closed_at,
    payment.c.client_reference,
)
_text = bindparam("text", type_=String())
_phones = bindparam("phones", type_=ARRAY(String()))


def _newest(condition: ColumnElement[bool]) -> Select[Any]:
    # A number that stands in the statement, so that the plan for all values counts on it too.
    most: ColumnElement[int] = literal_column(str(FOUND_MAX + 1))
    page = select(payment.c.id).where(condition, *WANTED).order_by(*NEWEST_FIRST).limit(most)
    return select(page.subquery().c.id)


_named = union(
    _newest(payment.c.id == _text),
    _newest(payment.c.client_reference == _text),
    _newest(payment.c.bank_txn_id == _text),
    _newest(payment.c.bank_reference == _text),
    _newest(payment.c.student_id == _text),
    _newest(func.lower(payment.c.student_email) == bindparam("email", type_=String())),
    _newest(
        and_(
            payment.c.student_phone == any_(_phones),
            payment.c.student_phone != literal_column("''"),
        )
    ),
    select(refund.c.payment_id).where(refund.c.id == _text, OURS),
    select(refund.c.payment_id).where(refund.c.arn == _text, refund.c.arn != literal_column("''")),
    select(refund.c.payment_id).where(
        refund.c.bank_reference == _text, refund.c.bank_reference != literal_column("''")
    ),
    select(tax_document.c.payment_id).where(
        tax_document.c.gstin == bindparam("gstin"), tax_document.c.number == _text
    ),
).subquery("named")
BY_TERM: Final = prepare(
    select(*COLUMNS)
    .where(payment.c.id.in_(select(_named.c[0])), *WANTED)
    .order_by(*NEWEST_FIRST)
    .limit(bindparam("at_most"))
)
BY_TIME: Final = prepare(
    select(*COLUMNS).where(*WANTED).order_by(*NEWEST_FIRST).limit(bindparam("at_most"))
)


@dataclass(frozen=True, slots=True)
class PostgresPaymentSearch:
    """Documents are those under *gstin*, the seller's own."""

    database: Database
    gstin: Gstin

    async def find(
        self, wanted: PaymentFilter, *, after: HistoryCursor | None = None, at_most: int
    ) -> FoundPayments:
        end = HistoryCursor(wanted.opened_before or NEVER, PaymentId(""))
        behind = min(end, after or end, key=lambda each: (each.opened_at, each.payment))
        values: dict[str, object] = {
            "behind": behind.opened_at,
            "last": behind.payment,
            "opened_from": wanted.opened_from or EVER,
            "in_state": wanted.state,
            "lowest": wanted.lowest.paise if wanted.lowest is not None else None,
            "highest": wanted.highest.paise if wanted.highest is not None else None,
            "at_most": at_most + 1,
        }
        statement = BY_TIME
        if (term := wanted.term) is not None:
            statement = BY_TERM
            values |= {
                "text": term.text,
                "email": term.email,
                "phones": list(term.phones),
                "gstin": str(self.gstin),
            }
        rows = await self.database.fetch(statement, **values)
        shown = rows[:at_most]
        last = shown[-1] if len(rows) > at_most else None
        return FoundPayments(
            items=[_to_found(row) for row in shown],
            next=HistoryCursor(last["opened_at"], PaymentId(last["id"])) if last else None,
        )


def _to_found(row: Record) -> FoundPayment:
    return FoundPayment(
        transaction_id=row["id"],
        student_id=row["student_id"],
        student_name=row["student_name"],
        student_email=masked_email(row["student_email"]),
        course_id=row["course_id"],
        course_title=row["course_title"],
        status=State(row["state"]),
        payable=Money(row["payable_paise"]).plain(),
        refunded=Money(row["refunded_paise"]).plain(),
        refunding=Money(row["refunding_paise"]).plain(),
        method=row["method"] or None,
        failure_reason=FailureReason(row["failure"]) if row["failure"] else None,
        under_review=row["review_since"] is not None,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        client_reference=row["client_reference"],
    )
