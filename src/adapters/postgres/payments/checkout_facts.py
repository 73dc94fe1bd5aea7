"""Everything that initiating a payment has to know, read in one round trip."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    column,
    exists,
    literal_column,
    select,
    values,
)
from sqlalchemy.types import Integer

from adapters.postgres.catalogue.courses import to_course
from adapters.postgres.catalogue.discounts import to_discount
from adapters.postgres.catalogue.tables import course, discount, discount_use
from adapters.postgres.engine.database import Connection, Record
from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments import payments
from adapters.postgres.payments.tables import LIVE, UNSOLD, enrolment, idempotency, payment
from adapters.postgres.refunds import refunds
from domain.catalogue.course import CourseId
from domain.catalogue.discount import DiscountUses
from domain.identifiers import PaymentId, StudentId
from domain.payments.client_reference import ReferencedPurchase
from domain.payments.payment_state import State
from ports.idempotency import IdempotencyKey, IdempotencyRecord
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery

SOLD: Final[tuple[ColumnElement[str], ...]] = tuple(
    literal_column(f"'{each}'") for each in State if each.is_sold
)


def _labelled(table: Any, prefix: str, names: tuple[str, ...] | None = None) -> list[Any]:
    return [c.label(prefix + c.name) for c in table.columns if names is None or c.name in names]


def _read() -> Any:
    one = values(column("n", Integer), name="one").data([(1,)])
    # The condition is spelt as in the index, so that the planner can use the index.
    live = (
        select(payment)
        .where(
            payment.c.student_id == bindparam("student"),
            payment.c.course_id == bindparam("wanted_course"),
            LIVE,
        )
        .subquery("live")
    )
    answered: Table = payment.alias("answered")  # type: ignore[assignment]  # an alias has its columns
    referenced: Table = payment.alias("referenced")  # type: ignore[assignment]  # likewise
    bearer: Table = payment.alias("bearer")  # type: ignore[assignment]  # likewise
    aggregate = tuple(c.name for c in payments.COLUMNS)
    enrolled = exists().where(
        enrolment.c.student_id == bindparam("student"),
        enrolment.c.course_id == bindparam("wanted_course"),
        enrolment.c.until.is_(None),
    )
    unsold = (
        select(payment.c.id)
        .where(
            payment.c.student_id == bindparam("student"),
            payment.c.course_id == bindparam("wanted_course"),
            UNSOLD,
            payment.c.closed_at > bindparam("unsold_since"),
        )
        .order_by(payment.c.opened_at.desc(), payment.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    sold = exists().where(
        bearer.c.client_reference == bindparam("reference"), bearer.c.state.in_(SOLD)
    )
    rows = (
        one.outerjoin(course, course.c.id == bindparam("wanted_course"))
        .outerjoin(discount, discount.c.code == bindparam("wanted_code"))
        .outerjoin(
            discount_use,
            and_(
                discount_use.c.code == discount.c.code,
                discount_use.c.student_id == bindparam("student"),
            ),
        )
        .outerjoin(
            idempotency,
            and_(
                idempotency.c.student_id == bindparam("student"),
                idempotency.c.route == bindparam("on_route"),
                idempotency.c.key == bindparam("of_key"),
            ),
        )
        .outerjoin(answered, answered.c.id == idempotency.c.payment_id)
        .outerjoin(live, live.c.id.is_not(None))
        .outerjoin(
            referenced,
            and_(
                referenced.c.client_reference == bindparam("reference"),
                referenced.c.client_reference_first.is_(None),
            ),
        )
    )
    return select(
        *_labelled(course, "c_"),
        *_labelled(discount, "d_"),
        discount_use.c.used.label("u_used"),
        *_labelled(idempotency, "k_"),
        *_labelled(answered, "a_", aggregate),
        refunds.refunds_of(answered.c.id).label("a_refunds"),
        *_labelled(live, "l_", aggregate),
        refunds.refunds_of(live.c.id).label("l_refunds"),
        enrolled.label("enrolled"),
        unsold.label("unsold"),
        *_labelled(referenced, "r_", ("id", "student_id", "course_id")),
        sold.label("reference_sold"),
    ).select_from(rows)


READ = prepare(_read())


@dataclass(frozen=True, slots=True)
class PostgresCheckoutFacts:
    connection: Connection

    async def read(self, query: CheckoutQuery) -> CheckoutFacts:
        key = query.key
        row = (
            await self.connection.fetch(
                READ,
                student=query.student,
                wanted_course=query.course,
                wanted_code=query.code,
                unsold_since=query.unsold_since,
                on_route=key.route if key else None,
                of_key=key.key if key else None,
                reference=query.reference,
            )
        )[0]
        return CheckoutFacts(
            course=to_course(row, "c_") if row["c_id"] else None,
            discount=to_discount(row, "d_") if row["d_code"] else None,
            uses=DiscountUses(total=row["d_used"] or 0, by_student=row["u_used"] or 0),
            enrolled=row["enrolled"],
            live=payments.to_payment(row, "l_") if row["l_id"] else None,
            unsold=PaymentId(row["unsold"]) if row["unsold"] else None,
            record=_to_record(row, key),
            answered=payments.to_payment(row, "a_") if row["a_id"] else None,
            referenced=_to_referenced(row),
        )


def _to_referenced(row: Record) -> ReferencedPurchase | None:
    if row["r_id"] is None:
        return None
    return ReferencedPurchase(
        first=PaymentId(row["r_id"]),
        student=StudentId(row["r_student_id"]),
        course=CourseId(row["r_course_id"]),
        sold=row["reference_sold"],
    )


def _to_record(row: Record, key: IdempotencyKey | None) -> IdempotencyRecord | None:
    if key is None or row["k_key"] is None:
        return None
    return IdempotencyRecord(
        key=key,
        body_sha256=row["k_body_sha256"],
        payment=PaymentId(row["k_payment_id"]),
        completed=row["k_sealed"],
        locked_until=row["k_locked_until"],
    )
