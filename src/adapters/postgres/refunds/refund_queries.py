"""Views of refunds for staff, each read from the rows in one query with an index of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Text, bindparam, exists, false, func, select, tuple_

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.payments.consent_columns import to_consent
from adapters.postgres.payments.tables import enrolment, payment
from adapters.postgres.refunds.dispute_columns import to_disputes
from adapters.postgres.refunds.refunds import refunds_of, to_refunds
from adapters.postgres.refunds.tables import ENDED, OPEN, refund
from adapters.postgres.reviews.review_columns import to_review
from domain.errors import NotFound
from domain.identifiers import PaymentId, RefundId
from domain.money import CURRENCY, ZERO, Money
from domain.payments.dispute import undisputed
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from ports.refunds.refund_queries import (
    DisputeCursor,
    DisputedPayment,
    DisputePage,
    DisputeView,
    EndedRefund,
    EndedRefundPage,
    OpenRefund,
    RefundCursor,
    RefundPage,
    StaffPaymentView,
    StaffRefundView,
)

IN_ORDER: Final = (refund.c.asked_at, refund.c.payment_id, refund.c.id)


def _open(*, after: bool, filtered: bool) -> Prepared:
    page = (
        select(
            refund.c.id,
            refund.c.payment_id,
            refund.c.amount_paise,
            refund.c.state,
            refund.c.reason,
            refund.c.revokes,
            refund.c.asked_by,
            refund.c.asked_at,
            refund.c.decided_by,
            refund.c.decided_at,
            refund.c.arn,
            payment.c.student_id,
            payment.c.course_title,
        )
        .join(payment, payment.c.id == refund.c.payment_id)
        .where(OPEN)
        .order_by(*IN_ORDER)
        .limit(bindparam("at_most"))
    )
    if after:
        behind = tuple_(
            bindparam("asked_at", type_=refund.c.asked_at.type),
            bindparam("of_payment"),
            bindparam("last"),
        )
        page = page.where(tuple_(*IN_ORDER) > behind)
    if filtered:
        page = page.where(refund.c.state == bindparam("in_state"))
    return prepare(page)


REFUNDS: Final = {
    (after, filtered): _open(after=after, filtered=filtered)
    for after in (False, True)
    for filtered in (False, True)
}


def _ended(*, after: bool, filtered: bool) -> Prepared:
    newest = [column.desc() for column in IN_ORDER]
    page = (
        select(
            refund.c.id,
            refund.c.payment_id,
            refund.c.amount_paise,
            refund.c.state,
            refund.c.reason,
            refund.c.outside,
            refund.c.asked_by,
            refund.c.asked_at,
            refund.c.decided_by,
            refund.c.decided_at,
            refund.c.closed_at,
            refund.c.arn,
            payment.c.student_id,
            payment.c.course_title,
        )
        .join(payment, payment.c.id == refund.c.payment_id)
        .where(ENDED)
        .order_by(*newest)
        .limit(bindparam("at_most"))
    )
    if after:
        behind = tuple_(
            bindparam("asked_at", type_=refund.c.asked_at.type),
            bindparam("of_payment"),
            bindparam("last"),
        )
        page = page.where(tuple_(*IN_ORDER) < behind)
    if filtered:
        page = page.where(refund.c.state == bindparam("in_state"))
    return prepare(page)


ENDED_REFUNDS: Final = {
    (after, filtered): _ended(after=after, filtered=filtered)
    for after in (False, True)
    for filtered in (False, True)
}


def _disputed(*, after: bool, filtered: bool) -> Prepared:
    order = (payment.c.dispute_respond_by, payment.c.id)
    page = (
        select(
            payment.c.id,
            payment.c.student_id,
            payment.c.course_title,
            payment.c.captured_paise,
            payment.c.dispute_respond_by,
            payment.c.disputes,
        )
        .where(payment.c.dispute_respond_by.is_not(None))
        .order_by(*order)
        .limit(bindparam("at_most"))
    )
    if after:
        behind = tuple_(
            bindparam("respond_by", type_=payment.c.dispute_respond_by.type), bindparam("last")
        )
        page = page.where(tuple_(*order) > behind)
    if filtered:
        in_state = func.jsonb_build_array(
            func.jsonb_build_object("state", bindparam("in_state", type_=Text))
        )
        page = page.where(payment.c.disputes.op("@>")(in_state))
    return prepare(page)


DISPUTED: Final = {
    (after, filtered): _disputed(after=after, filtered=filtered)
    for after in (False, True)
    for filtered in (False, True)
}
OF_PAYMENT: Final = prepare(
    select(
        payment.c.id,
        payment.c.student_id,
        payment.c.student_name,
        payment.c.course_id,
        payment.c.course_title,
        payment.c.state,
        payment.c.payable_paise,
        payment.c.client_reference,
        payment.c.consent_version,
        payment.c.consent_notice_url,
        payment.c.consent_at,
        payment.c.captured_paise,
        payment.c.captured_currency,
        payment.c.refunded_paise,
        payment.c.refunding_paise,
        payment.c.review,
        payment.c.review_accepted,
        payment.c.failure,
        payment.c.bank_txn_id,
        payment.c.bank_reference,
        payment.c.effective_paise,
        payment.c.disputes,
        payment.c.surcharge_paise,
        payment.c.offer_paise,
        payment.c.opened_at,
        payment.c.closed_at,
        exists()
        .where(enrolment.c.payment_id == payment.c.id, enrolment.c.until.is_(None))
        .label("opens_course"),
        refunds_of(payment.c.id).label("refunds"),
    ).where(payment.c.id == bindparam("wanted"))
)
REQUESTED_SINCE: Final = prepare(
    select(refund.c.asked_at)
    .where(
        refund.c.asked_by == bindparam("by"),
        refund.c.asked_at > bindparam("since"),
        refund.c.outside == false(),
    )
    .order_by(refund.c.asked_at)
)
DECIDED_SINCE: Final = prepare(
    select(refund.c.decided_at)
    .where(refund.c.decided_by == bindparam("by"), refund.c.decided_at > bindparam("since"))
    .order_by(refund.c.decided_at)
)
PAYMENT_OF: Final = prepare(
    select(refund.c.payment_id).where(
        refund.c.id == bindparam("wanted"), refund.c.outside == false()
    )
)


@dataclass(frozen=True, slots=True)
class PostgresRefundQueries:
    database: Database

    async def in_flight(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> RefundPage:
        values = _page_values(after, state, at_most)
        rows = await self.database.fetch(REFUNDS[after is not None, state is not None], **values)
        shown = rows[:at_most]
        return RefundPage(
            items=[_to_view(row) for row in shown],
            next=_cursor(shown[-1]) if len(rows) > at_most else None,
        )

    async def ended(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> EndedRefundPage:
        statement = ENDED_REFUNDS[after is not None, state is not None]
        rows = await self.database.fetch(statement, **_page_values(after, state, at_most))
        shown = rows[:at_most]
        return EndedRefundPage(
            items=[_to_ended(row) for row in shown],
            next=_cursor(shown[-1]) if len(rows) > at_most else None,
        )

    async def of_payment(self, payment: PaymentId) -> StaffPaymentView:
        rows = await self.database.fetch(OF_PAYMENT, wanted=payment)
        if not rows:
            raise NotFound("payment", payment)
        row = rows[0]
        captured, refunded = Money(row["captured_paise"] or 0), Money(row["refunded_paise"])
        refunding, review = Money(row["refunding_paise"]), to_review(row)
        currency = row["captured_currency"] or CURRENCY
        sold, matches = State(row["state"]).is_sold, captured.paise == row["payable_paise"]
        ours = sold or (currency == CURRENCY and not matches)
        disputes = to_disputes(row["disputes"])
        left = undisputed(disputes, captured - refunded - refunding) if ours else ZERO
        return StaffPaymentView(
            transaction_id=row["id"],
            student_id=row["student_id"],
            student_name=row["student_name"],
            course_id=row["course_id"],
            course_title=row["course_title"],
            status=State(row["state"]),
            payable=Money(row["payable_paise"]).plain(),
            captured=captured.plain(),
            captured_currency=CURRENCY if sold else currency,
            refunded=refunded.plain(),
            refunding=refunding.plain(),
            refundable=left.plain(),
            opens_course=row["opens_course"],
            attention=review.gravest,
            review_reasons=[each.reason for each in review.known],
            failure_reason=FailureReason(row["failure"]) if row["failure"] else None,
            bank_txn_id=row["bank_txn_id"] or None,
            bank_reference=row["bank_reference"] or None,
            effective_amount=_plain(row["effective_paise"]),
            surcharge=_plain(row["surcharge_paise"]),
            offer=_plain(row["offer_paise"]),
            opened_at=row["opened_at"],
            closed_at=row["closed_at"],
            refunds=[StaffRefundView.of(each) for each in to_refunds(row["refunds"])],
            client_reference=row["client_reference"],
            consent=to_consent(row),
            disputes=[DisputeView.of(each) for each in disputes],
        )

    async def disputed(
        self, *, after: DisputeCursor | None = None, state: DisputeState | None = None, at_most: int
    ) -> DisputePage:
        values: dict[str, object] = {"at_most": at_most + 1}
        if after is not None:
            values |= {"respond_by": after.respond_by, "last": after.payment}
        if state is not None:
            values |= {"in_state": state.value}
        rows = await self.database.fetch(DISPUTED[after is not None, state is not None], **values)
        return DisputePage.of([_to_disputed(row) for row in rows], at_most=at_most)

    async def requested_since(self, by: str, since: datetime) -> Sequence[datetime]:
        rows = await self.database.fetch(REQUESTED_SINCE, by=by, since=since)
        return [row["asked_at"] for row in rows]

    async def decided_since(self, by: str, since: datetime) -> Sequence[datetime]:
        rows = await self.database.fetch(DECIDED_SINCE, by=by, since=since)
        return [row["decided_at"] for row in rows]

    async def payment_of(self, refund: RefundId) -> PaymentId:
        rows = await self.database.fetch(PAYMENT_OF, wanted=refund)
        if not rows:
            raise NotFound("refund", refund)
        return PaymentId(rows[0]["payment_id"])


def _page_values(
    after: RefundCursor | None, state: RefundState | None, at_most: int
) -> dict[str, object]:
    values: dict[str, object] = {"at_most": at_most + 1}
    if after is not None:
        values |= {"asked_at": after.asked_at, "of_payment": after.payment, "last": after.refund}
    if state is not None:
        values |= {"in_state": state}
    return values


def _to_ended(row: Record) -> EndedRefund:
    return EndedRefund(
        refund_id=row["id"],
        transaction_id=row["payment_id"],
        student_id=row["student_id"],
        course_title=row["course_title"],
        amount=Money(row["amount_paise"]).plain(),
        status=RefundState(row["state"]),
        reason=row["reason"],
        made_outside=row["outside"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        decided_by=row["decided_by"] or None,
        decided_at=row["decided_at"],
        closed_at=row["closed_at"],
        arn=row["arn"] or None,
    )


def _to_disputed(row: Record) -> DisputedPayment:
    return DisputedPayment(
        transaction_id=row["id"],
        student_id=row["student_id"],
        course_title=row["course_title"],
        captured=Money(row["captured_paise"] or 0).plain(),
        respond_by=row["dispute_respond_by"],
        disputes=[DisputeView.of(each) for each in to_disputes(row["disputes"])],
    )


def _plain(paise: int | None) -> str | None:
    return None if paise is None else Money(paise).plain()


def _cursor(row: Record) -> RefundCursor:
    return RefundCursor(
        asked_at=row["asked_at"],
        payment=PaymentId(row["payment_id"]),
        refund=RefundId(row["id"]),
    )


def _to_view(row: Record) -> OpenRefund:
    return OpenRefund(
        refund_id=row["id"],
        transaction_id=row["payment_id"],
        student_id=row["student_id"],
        course_title=row["course_title"],
        amount=Money(row["amount_paise"]).plain(),
        status=RefundState(row["state"]),
        reason=row["reason"],
        revoke_access=row["revokes"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        decided_by=row["decided_by"] or None,
        decided_at=row["decided_at"],
        arn=row["arn"] or None,
    )
