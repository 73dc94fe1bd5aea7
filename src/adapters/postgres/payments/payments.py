"""Payments in rows: read with their refunds in one round trip, written only if their version is unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, insert, literal, select, update

from adapters.postgres.catalogue.tables import course
from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.basis_rows import KEEP, basis_columns
from adapters.postgres.payments.consent_columns import consent_columns, to_consent
from adapters.postgres.payments.tables import enrolment, payment
from adapters.postgres.reconciliation.tables import resolution
from adapters.postgres.refunds import refunds
from adapters.postgres.refunds.dispute_columns import dispute_columns, to_disputes
from adapters.postgres.refunds.refused_columns import refused_column, to_refused
from adapters.postgres.reviews.review_columns import review_columns, to_review
from domain.catalogue.course import CourseId
from domain.catalogue.quote import Quote
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.money import CURRENCY, Money
from domain.payments.adjustment import Adjustment
from domain.payments.basis import Basis, BegunBasis
from domain.payments.capture import Capture
from domain.payments.client_reference import ClientReference
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument
from domain.payments.payment import GatewayOrder, Payment, Student
from domain.payments.payment_state import State
from domain.payments.retry import Retry
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.tax.gst import Buyer, GstRate, PriceMode, Supply
from domain.tax.gstin import Gstin
from domain.tax.indian_states import SecondTax, indian_state
from domain.text.card_number import CardTail
from domain.text.language import Language
from ports.payments.payment_repository import KnownRefundRequest, PaymentInContext

NOT_THE_AGGREGATES: Final = frozenset({"asked_at"})
CAPTURE_COLUMNS: Final = (
    *("captured_paise", "captured_currency", "captured_at", "bank_txn_id", "bank_reference"),
    *("method", "card_tail", "card_brand", "card_issuer"),
    *("effective_paise", "surcharge_paise", "offer_paise", "adjustment_unreadable"),
)
COLUMNS: Final = tuple(c for c in payment.columns if c.name not in NOT_THE_AGGREGATES)

ONE = literal(1)
READ = prepare(
    select(
        *COLUMNS,
        refunds.refunds_of(payment.c.id).label("refunds"),
        select(enrolment.c.payment_id)
        .where(
            enrolment.c.student_id == payment.c.student_id,
            enrolment.c.course_id == payment.c.course_id,
            enrolment.c.until.is_(None),
            enrolment.c.payment_id != payment.c.id,
        )
        .scalar_subquery()
        .label("owned_by"),
        exists().where(course.c.id == payment.c.course_id, course.c.active).label("on_sale"),
        exists().where(enrolment.c.payment_id == payment.c.id).label("opened"),
        select(func.array_agg(resolution.c.amount_paise))
        .where(
            resolution.c.payment_id == payment.c.id,
            resolution.c.action == ResolutionAction.REFUND_STUDENT.value,
            resolution.c.state == ResolutionState.IN_FORCE.value,
        )
        .scalar_subquery()
        .label("second_charges"),
    ).where(payment.c.id == bindparam("wanted"))
)
ADD = prepare(insert(payment).values({c.name: bindparam(c.name) for c in COLUMNS}).returning(ONE))
UPDATE_IF_UNCHANGED = prepare(
    update(payment)
    .where(payment.c.id == bindparam("key"), payment.c.version == bindparam("read_version"))
    .values({c.name: bindparam(c.name) for c in COLUMNS if c.name != "id"})
    .returning(ONE)
)


@dataclass(frozen=True, slots=True)
class PostgresPayments:
    connection: Connection
    writes: list[Write]

    async def get(self, payment: PaymentId) -> Payment:
        return (await self.get_in_context(payment)).payment

    async def get_in_context(self, payment: PaymentId) -> PaymentInContext:
        rows = await self.connection.fetch(READ, wanted=payment)
        if not rows:
            raise NotFound("payment", payment)
        row = rows[0]
        owner = row["owned_by"]
        return PaymentInContext(
            payment=to_payment(row),
            owned_by=None if owner is None else PaymentId(owner),
            on_sale=row["on_sale"],
            opened=row["opened"],
            second_charges=tuple(Money(paise) for paise in row["second_charges"] or ()),
        )

    async def refund_request(self, by: str, key: str) -> KnownRefundRequest | None:
        rows = await self.connection.fetch(refunds.REQUEST, asker=by, key=key)
        return refunds.to_known_request(rows[0]) if rows else None

    def add(self, payment: Payment) -> None:
        self.writes.append(Write(ADD, to_columns(payment)))
        self._keep(payment, payment.version, BegunBasis.of(payment))

    def save(self, payment: Payment, basis: Basis) -> None:
        values = {
            **to_columns(payment),
            "key": payment.id,
            "read_version": payment.version,
            "version": payment.version + 1,
        }
        self.writes.append(Write(UPDATE_IF_UNCHANGED, values, expects="payment"))
        self.writes.extend(refunds.to_writes(payment.id, payment.refunds))
        self._keep(payment, payment.version + 1, basis)

    def _keep(self, payment: Payment, version: int, basis: Basis) -> None:
        self.writes.append(Write(KEEP, basis_columns(payment.id, version, basis)))


def to_payment(row: Mapping[str, Any], prefix: str = "") -> Payment:
    """Return the payment with its refunds in *row*, whose column names may carry *prefix*."""

    def of(name: str) -> Any:
        return row[prefix + name]

    return Payment(
        id=PaymentId(of("id")),
        student=Student(
            id=StudentId(of("student_id")),
            name=of("student_name"),
            email=of("student_email"),
            phone=of("student_phone"),
            language=Language(of("language")),
        ),
        buyer=Buyer(
            name=of("buyer_name"),
            state=indian_state(of("buyer_state")),
            gstin=Gstin(of("buyer_gstin")) if of("buyer_gstin") else None,
            address=of("buyer_address"),
        ),
        quote=_to_quote(row, prefix),
        state=State(of("state")),
        opened_at=of("opened_at"),
        expires_at=of("expires_at"),
        reservation=DiscountReservation(of("redemption")) if of("redemption") else None,
        gateway_order=GatewayOrder(id=of("gateway_order_id"), payment_url=of("payment_url"))
        if of("gateway_order_id")
        else None,
        session_unanswered=bool(of("session_unanswered")),
        failure=FailureReason(of("failure")) if of("failure") else None,
        review=to_review(row, prefix),
        capture=_to_capture(row, prefix),
        closed_at=of("closed_at"),
        retry=to_retry(row, prefix),
        retried_as=PaymentId(of("retried_as")) if of("retried_as") else None,
        refunds=replace(
            refunds.to_refunds(of("refunds")), refused=to_refused(of("refused_refunds"))
        ),
        disputes=to_disputes(of("disputes")),
        client_reference=_to_reference(row, prefix),
        consent=to_consent(row, prefix),
        version=of("version"),
    )


def to_retry(row: Mapping[str, Any], prefix: str = "") -> Retry | None:
    """Return which payment the one in *row* retries, None when it is no retry."""
    if row[prefix + "retry_of"] is None:
        return None
    return Retry(
        of=PaymentId(row[prefix + "retry_of"]),
        first=PaymentId(row[prefix + "first_attempt"]),
        number=row[prefix + "retry_number"],
        begun_at=row[prefix + "first_opened_at"],
        counts=row[prefix + "retry_counts"],
    )


def _to_reference(row: Mapping[str, Any], prefix: str) -> ClientReference | None:
    text, first = row[prefix + "client_reference"], row[prefix + "client_reference_first"]
    return ClientReference(text, PaymentId(first) if first else None) if text else None


def _to_quote(row: Mapping[str, Any], prefix: str) -> Quote:
    def of(name: str) -> Any:
        return row[prefix + name]

    return Quote(
        course=CourseId(of("course_id")),
        course_title=of("course_title"),
        list_price=Money(of("list_price_paise")),
        discount=Money(of("discount_paise")),
        taxable=Money(of("taxable_paise")),
        cgst=Money(of("cgst_paise")),
        sgst=Money(of("sgst_paise")),
        igst=Money(of("igst_paise")),
        payable=Money(of("payable_paise")),
        discount_code=of("discount_code"),
        second_tax=SecondTax(of("second_tax")) if of("second_tax") else None,
        supply=Supply(of("supply")),
        place=indian_state(of("place_code")),
        price_mode=PriceMode(of("price_mode")),
        sac=of("sac"),
        gst_rate=GstRate(of("gst_rate")),
        exempt=of("exempt"),
        rounding_policy=of("rounding_policy"),
    )


def _to_capture(row: Mapping[str, Any], prefix: str) -> Capture | None:
    def of(name: str) -> Any:
        return row[prefix + name]

    if of("captured_paise") is None:
        return None
    return Capture(
        amount=Money(of("captured_paise")),
        bank_txn_id=of("bank_txn_id"),
        bank_reference=of("bank_reference"),
        instrument=Instrument(
            method=of("method"),
            card_tail=CardTail(of("card_tail")) if of("card_tail") else None,
            card_brand=of("card_brand"),
            card_issuer=of("card_issuer"),
        ),
        at=of("captured_at"),
        currency=_currency(row, prefix),
        adjustment=Adjustment(
            effective=_money(of("effective_paise")),
            surcharge=_money(of("surcharge_paise")),
            offer=_money(of("offer_paise")),
            unreadable=bool(of("adjustment_unreadable")),
        ),
    )


def _currency(row: Mapping[str, Any], prefix: str) -> str:
    # A process of the release before sells without touching the column; a sale is in rupees.
    sold = State(row[prefix + "state"]).is_sold
    return CURRENCY if sold else row[prefix + "captured_currency"] or CURRENCY


def _money(paise: int | None) -> Money | None:
    return None if paise is None else Money(paise)


def _paise(money: Money | None) -> int | None:
    return None if money is None else money.paise


def to_columns(payment: Payment) -> dict[str, object]:
    quote, buyer, student = payment.quote, payment.buyer, payment.student
    order, capture = payment.gateway_order, payment.capture
    return {
        "id": payment.id,
        "student_id": student.id,
        "student_name": student.name,
        "student_email": student.email,
        "student_phone": student.phone,
        "language": student.language.value,
        "course_id": quote.course,
        "course_title": quote.course_title,
        "list_price_paise": quote.list_price.paise,
        "discount_paise": quote.discount.paise,
        "taxable_paise": quote.taxable.paise,
        "cgst_paise": quote.cgst.paise,
        "sgst_paise": quote.sgst.paise,
        "igst_paise": quote.igst.paise,
        "payable_paise": quote.payable.paise,
        "discount_code": quote.discount_code,
        "redemption": payment.reservation,
        "second_tax": quote.second_tax,
        "supply": quote.supply,
        "place_code": quote.place.code,
        "price_mode": quote.price_mode,
        "sac": quote.sac,
        "gst_rate": quote.gst_rate.percent,
        "exempt": quote.exempt,
        "rounding_policy": quote.rounding_policy,
        "buyer_name": buyer.name,
        "buyer_state": buyer.state.code,
        "buyer_gstin": buyer.gstin.text if buyer.gstin else None,
        "buyer_address": buyer.address,
        "state": payment.state,
        "opened_at": payment.opened_at,
        "expires_at": payment.expires_at,
        "closed_at": payment.closed_at,
        "gateway_order_id": order.id if order else None,
        "payment_url": order.payment_url if order else None,
        "session_unanswered": payment.session_unanswered or None,
        "failure": payment.failure,
        "refunded_paise": payment.refunds.went_back.paise,
        "refunding_paise": payment.refunds.in_flight.paise,
        "refused_refunds": refused_column(payment.refunds.refused),
        **dispute_columns(payment.disputes),
        "version": payment.version,
        **review_columns(payment.review),
        **_capture_columns(capture),
        **_retry_columns(payment),
        **_reference_columns(payment.client_reference),
        **consent_columns(payment.consent),
    }


def _capture_columns(capture: Capture | None) -> dict[str, object]:
    if capture is None:
        return dict.fromkeys(CAPTURE_COLUMNS)
    paid_by = capture.instrument
    return {
        "captured_paise": capture.amount.paise,
        "captured_currency": capture.currency,
        "captured_at": capture.at,
        "effective_paise": _paise(capture.adjustment.effective),
        "surcharge_paise": _paise(capture.adjustment.surcharge),
        "offer_paise": _paise(capture.adjustment.offer),
        "adjustment_unreadable": capture.adjustment.unreadable or None,
        "bank_txn_id": capture.bank_txn_id,
        "bank_reference": capture.bank_reference,
        "method": paid_by.method,
        "card_tail": paid_by.card_tail.digits if paid_by.card_tail else None,
        "card_brand": paid_by.card_brand,
        "card_issuer": paid_by.card_issuer,
    }


def _reference_columns(reference: ClientReference | None) -> dict[str, object]:
    return {
        "client_reference": reference.text if reference else None,
        "client_reference_first": reference.first if reference else None,
    }


def _retry_columns(payment: Payment) -> dict[str, object]:
    retry = payment.retry
    return {
        "retry_of": retry.of if retry else None,
        "first_attempt": retry.first if retry else None,
        "first_opened_at": retry.begun_at if retry else None,
        "retry_number": retry.number if retry else None,
        "retry_counts": retry.counts if retry else None,
        "retried_as": payment.retried_as,
    }
