"""Views of payments for students, each read from the rows in one query with an index of its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Table,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from adapters.postgres.audit.tables import audit_log
from adapters.postgres.documents.tables import document_file, tax_document
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.payments.payment_details import (
    DETAILS,
    PRICE_COLUMNS,
    to_details,
    to_price,
)
from adapters.postgres.payments.payments import to_retry
from adapters.postgres.payments.tables import enrolment, payment
from adapters.postgres.refunds.refunds import refunds_of, to_refunds
from adapters.postgres.reviews.review_columns import to_review
from domain.catalogue.course import CourseId
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.retry import RetryStanding
from ports.audit_log import Source
from ports.payments.payment_queries import (
    HistoryCursor,
    HistoryItem,
    HistoryPage,
    PaymentView,
    RefundView,
    StatusView,
    TimelineStep,
)

TIMELINE_MAX: Final = 50
EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

_steps = (
    select(audit_log.c.id, audit_log.c.at, audit_log.c.to_state, audit_log.c.source)
    .where(audit_log.c.subject == bindparam("wanted"), audit_log.c.to_state.is_not(None))
    .order_by(audit_log.c.id)
    .limit(TIMELINE_MAX)
    .subquery("steps")
)
_timeline = select(
    func.array_agg(aggregate_order_by(_steps.c.at, _steps.c.id)).label("at"),
    func.array_agg(aggregate_order_by(_steps.c.to_state, _steps.c.id)).label("to_state"),
    func.array_agg(aggregate_order_by(_steps.c.source, _steps.c.id)).label("source"),
).subquery("timeline")
_on_file = (
    tax_document.c.payment_id == payment.c.id,
    tax_document.c.state == literal_column("'issued'"),
    exists().where(
        document_file.c.gstin == tax_document.c.gstin,
        document_file.c.number == tax_document.c.number,
        document_file.c.copy == literal_column("'original'"),
    ),
)
_invoice = select(tax_document.c.number).where(*_on_file, tax_document.c.refund_id.is_(None))
_notes = (
    select(tax_document.c.number)
    .where(*_on_file, tax_document.c.refund_id.is_not(None))
    .order_by(tax_document.c.id)
)
_heir: Table = payment.alias("heir")  # type: ignore[assignment]  # an alias has its columns
_may_be_replaced = and_(
    _heir.c.state == literal_column("'failed'"),
    _heir.c.retry_counts.is_(false()),
    _heir.c.retried_as.is_(None),
)
STATUS = prepare(
    select(
        payment.c.id,
        payment.c.state,
        payment.c.payable_paise,
        *PRICE_COLUMNS,
        payment.c.failure,
        payment.c.review,
        payment.c.review_accepted,
        payment.c.course_id,
        payment.c.course_title,
        payment.c.payment_url,
        payment.c.opened_at,
        payment.c.expires_at,
        payment.c.client_reference,
        payment.c.refunded_paise,
        refunds_of(payment.c.id).label("refunds"),
        _invoice.scalar_subquery().label("invoice_number"),
        func.array(_notes.scalar_subquery()).label("credit_note_numbers"),
        payment.c.retry_of,
        payment.c.retried_as,
        payment.c.retry_number,
        payment.c.retry_counts,
        payment.c.first_attempt,
        payment.c.first_opened_at,
        exists().where(_heir.c.id == payment.c.retried_as, not_(_may_be_replaced)).label("retried"),
        exists()
        .where(
            enrolment.c.student_id == payment.c.student_id,
            enrolment.c.course_id == payment.c.course_id,
            enrolment.c.until.is_(None),
        )
        .label("enrolled"),
        _timeline.c.at.label("step_at"),
        _timeline.c.to_state.label("step_state"),
        _timeline.c.source.label("step_source"),
    ).where(payment.c.id == bindparam("wanted"), payment.c.student_id == bindparam("student"))
)

OPEN_COURSES = prepare(
    select(enrolment.c.course_id, enrolment.c.payment_id).where(
        enrolment.c.student_id == bindparam("student"), enrolment.c.until.is_(None)
    )
)


def _history(*, after: bool, filtered: bool) -> Prepared:
    newest = (payment.c.opened_at.desc(), payment.c.id.desc())
    wanted = [
        payment.c.student_id == bindparam("student"),
        payment.c.opened_at >= bindparam("opened_from", type_=payment.c.opened_at.type),
    ]
    if after:
        behind = tuple_(bindparam("opened_at", type_=payment.c.opened_at.type), bindparam("last"))
        wanted.append(tuple_(payment.c.opened_at, payment.c.id) < behind)
    if filtered:
        # The newest of each state come out of the index in their order, however long the history is.
        states = bindparam("in_states", type_=ARRAY(payment.c.state.type))
        each = func.unnest(states).table_valued("state", name="each").render_derived()
        of_state = (
            select(payment.c.id, payment.c.opened_at)
            .where(*wanted, payment.c.state == each.c.state)
            .order_by(*newest)
            .limit(bindparam("at_most"))
            .lateral()
        )
        ids = (
            select(of_state.c.id)
            .select_from(each.join(of_state, true()))
            .order_by(of_state.c.opened_at.desc(), of_state.c.id.desc())
            .limit(bindparam("at_most"))
        )
        wanted = [payment.c.id == any_(func.array(ids.scalar_subquery()))]
    page = (
        select(
            payment.c.id,
            payment.c.course_id,
            payment.c.course_title,
            payment.c.state,
            payment.c.list_price_paise,
            payment.c.discount_paise,
            payment.c.payable_paise,
            payment.c.opened_at,
            payment.c.closed_at,
            payment.c.client_reference,
            payment.c.failure,
            payment.c.refunded_paise,
            refunds_of(payment.c.id).label("refunds"),
            _invoice.scalar_subquery().label("invoice_number"),
        )
        .where(*wanted)
        .order_by(*newest)
        .limit(bindparam("at_most"))
    )
    return prepare(page)


HISTORY: Final = {
    (after, filtered): _history(after=after, filtered=filtered)
    for after in (False, True)
    for filtered in (False, True)
}


@dataclass(frozen=True, slots=True)
class PostgresPaymentQueries:
    database: Database

    async def status(self, payment: PaymentId, student: StudentId) -> StatusView:
        rows = await self.database.fetch(STATUS, wanted=payment, student=student)
        if not rows:
            raise NotFound("payment", payment)
        row = rows[0]
        return StatusView(
            transaction_id=row["id"],
            order_id=row["id"],
            status=State(row["state"]),
            payable=Money(row["payable_paise"]).plain(),
            breakdown=to_price(row),
            enrolled=row["enrolled"],
            failure_reason=FailureReason(row["failure"]) if row["failure"] else None,
            needs_attention=row["review"] is not None,
            timeline=_to_timeline(row),
            course_id=row["course_id"],
            course_title=row["course_title"],
            payment_url=row["payment_url"],
            expires_at=row["expires_at"],
            retry_until=_to_standing(row).until,
            retry_of=row["retry_of"],
            retried_as=row["retried_as"],
            refunded=Money(row["refunded_paise"]).plain(),
            refunds=RefundView.all_of(to_refunds(row["refunds"])),
            invoice_number=row["invoice_number"],
            credit_note_numbers=list(row["credit_note_numbers"]),
            client_reference=row["client_reference"],
        )

    async def details(self, payment: PaymentId, student: StudentId) -> PaymentView:
        rows = await self.database.fetch(DETAILS, wanted=payment, student=student)
        if not rows:
            raise NotFound("payment", payment)
        return to_details(rows[0])

    async def open_courses(self, student: StudentId) -> Mapping[CourseId, PaymentId]:
        rows = await self.database.fetch(OPEN_COURSES, student=student)
        return {CourseId(row["course_id"]): PaymentId(row["payment_id"]) for row in rows}

    async def history(
        self,
        student: StudentId,
        *,
        after: HistoryCursor | None = None,
        states: Collection[State] | None = None,
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        at_most: int,
    ) -> HistoryPage:
        values: dict[str, object] = {
            "student": student,
            "opened_from": opened_from or EVER,
            "at_most": at_most + 1,
        }
        if opened_before is not None:
            # No payment is behind the end of the period: it is a cursor like that of a page.
            end = HistoryCursor(opened_before, PaymentId(""))
            after = min(end, after or end, key=lambda each: (each.opened_at, each.payment))
        if after is not None:
            values |= {"opened_at": after.opened_at, "last": after.payment}
        if states is not None:
            values |= {"in_states": list(states)}
        statement = HISTORY[after is not None, states is not None]
        rows = await self.database.fetch(statement, **values)
        shown, more = rows[:at_most], len(rows) > at_most
        last = shown[-1] if shown and more else None
        return HistoryPage(
            items=[_to_item(row) for row in shown],
            next=HistoryCursor(last["opened_at"], PaymentId(last["id"])) if last else None,
        )


def _to_standing(row: Record) -> RetryStanding:
    retry = to_retry(row)
    return RetryStanding(
        state=State(row["state"]),
        failure=FailureReason(row["failure"]) if row["failure"] else None,
        under_review=to_review(row).blocks,
        retries=retry.used if retry else 0,
        begun_at=retry.begun_at if retry else row["opened_at"],
        retried=row["retried"],
    )


def _to_timeline(row: Record) -> list[TimelineStep]:
    steps = zip(
        row["step_at"] or (), row["step_state"] or (), row["step_source"] or (), strict=True
    )
    return [
        TimelineStep(at=at, state=State(state), source=Source(source))
        for at, state, source in steps
    ]


def _to_item(row: Any) -> HistoryItem:
    return HistoryItem(
        transaction_id=row["id"],
        course_id=row["course_id"],
        course_title=row["course_title"],
        status=State(row["state"]),
        list_price=Money(row["list_price_paise"]).plain(),
        discount=Money(row["discount_paise"]).plain(),
        payable=Money(row["payable_paise"]).plain(),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        failure_reason=FailureReason(row["failure"]) if row["failure"] else None,
        refunded=Money(row["refunded_paise"]).plain(),
        refunds=RefundView.all_of(to_refunds(row["refunds"])),
        invoice_number=row["invoice_number"],
        client_reference=row["client_reference"],
    )
