"""A student decides to pay: one live payment per course, its price fixed, and the bank's session to pay in."""

from dataclasses import dataclass
from datetime import datetime

from application.checkout.begin_payment import BeginPayment, Outcome, checkout_answer
from application.checkout.idempotency import (
    CheckoutAnswer,
    Unanswered,
    can_be_answer,
    payment_in_progress,
)
from application.checkout.quote_course import offered_course
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from application.retry_on_conflict import retry_on_conflict
from domain.catalogue.course import CourseId
from domain.catalogue.expected_quote import ANY_QUOTE, ExpectedQuote
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.changed_details import AskedDetails, changed_details
from domain.payments.client_reference import ClientReference, reference_for
from domain.payments.consent import consent_to
from domain.payments.payment import Payment, Student
from domain.payments.polling_schedule import UNSOLD_POLLED_FOR
from domain.tax.gst import Buyer
from ports.audit_log import Origin
from ports.idempotency import IdempotencyKey
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.unit_of_work import UnitOfWork, Work


class AlreadyEnrolled(DomainError):
    """The course is open to this student already."""

    def __init__(self, course: CourseId) -> None:
        self.course = course
        super().__init__(f"the course {course} is already open to this student")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiatePaymentCommand:
    """
    *body_sha256* is the hex digest of the request; a repeat under the same *key* must have the same.

    *expected* is what the student saw; without it any price is agreed to. *client_reference* is the
    platform's own name for the purchase, *consent* the version of the privacy notice that the student
    agreed to.
    """

    student: Student
    course: CourseId
    buyer: Buyer
    code: str | None
    key: IdempotencyKey | None
    body_sha256: str
    origin: Origin
    expected: ExpectedQuote = ANY_QUOTE
    client_reference: ClientReference | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class RefreshFirst:
    """An earlier payment for the course failed or expired; its session may have taken the money since."""

    payment: PaymentId


@dataclass(frozen=True, slots=True)
class InProgress:
    """The student has a live payment for the course: no second one begins beside it."""

    payment: Payment
    asked: AskedDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiatePayment:
    unit_of_work: UnitOfWork
    begin: BeginPayment
    read_order: ReadOrder
    apply: ApplyOrderStatus
    refresh_order: RefreshOrder

    async def __call__(self, command: InitiatePaymentCommand) -> Payment:
        """Return the payment of ``answer``, or raise as it does."""
        return (await self.answer(command)).payment

    async def answer(self, command: InitiatePaymentCommand) -> CheckoutAnswer:
        """
        Return the student's payment with its session at the bank, or sold when nothing was to pay.

        Every refusal is written to the audit log. Raises

        - what the quote raises, ``PriceChanged`` and ``AlreadyEnrolled``;
        - ``PrivacyNoticeChanged`` when the student agreed to another one;
        - ``ClientReferenceUsed`` when the reference names another purchase;
        - ``PaymentInProgress`` when another payment for the course is live;
        - ``IdempotencyKeyReused`` and ``IdempotencyKeyInUse``;
        - ``GatewaySuspended``: nothing is written;
        - ``GatewayOutcomeUnknown``: the payment waits, and the same request resumes it;
        - any other ``GatewayFailure``: the payment has failed, another may begin, its discount slot is free.
        """
        async with self.begin.record_refusal.around(
            command.student.id, command.origin, course=command.course
        ):
            return await self._initiate(command)

    async def _initiate(self, command: InitiatePaymentCommand) -> CheckoutAnswer:
        payment = self.begin.new_id()
        outcome = await retry_on_conflict(lambda: self._first_unit(command, payment))
        if isinstance(outcome, RefreshFirst):
            # The student goes on also when the bank does not answer: a second charge would be sent back.
            await self.refresh_order(outcome.payment, command.student.id, command.origin)
            outcome = await retry_on_conflict(lambda: self._unit(command, payment))
        if isinstance(outcome, InProgress):
            outcome = await self._after_live(command, outcome)
        return await self._with_session(command, outcome)

    async def _with_session(
        self, command: InitiatePaymentCommand, outcome: Outcome
    ) -> CheckoutAnswer:
        payment = await self.begin.session(outcome, command)
        if not isinstance(outcome, Unanswered) or can_be_answer(payment):
            return checkout_answer(payment, outcome)
        if payment.state.is_unsold:
            # It ended before anybody learnt of its session, and its key is free again.
            return await self._initiate(command)
        raise payment_in_progress(payment)

    async def _after_live(self, command: InitiatePaymentCommand, live: InProgress) -> Outcome:
        """
        Return what a new unit comes to when the live payment has ended, or raise ``PaymentInProgress``.

        The bank is asked about an overdue payment. One whose session was never learnt of, because the
        request that began it died or got no answer, gets its session now, so that the student can continue it.
        """
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(live.payment.id)
        at = self.begin.clock.now()
        if at >= payment.expires_at:
            facts = await self.read_order(payment.id, payment.student.id)
            payment = await self.apply(facts, command.origin)
        elif payment.may_be_resumed or (
            payment.gateway_order is None and at >= payment.opened_at + self.begin.call_max
        ):
            payment = await self.begin.create_session.resume(payment, None, command.origin)
        if payment.state.is_live:
            raise payment_in_progress(payment, live.asked)
        new = self.begin.new_id()
        outcome = await retry_on_conflict(lambda: self._unit(command, new))
        if isinstance(outcome, InProgress):
            raise payment_in_progress(outcome.payment, outcome.asked)
        return outcome

    async def _first_unit(
        self, command: InitiatePaymentCommand, payment: PaymentId
    ) -> Outcome | RefreshFirst | InProgress:
        """Return what ``_unit`` returns, or ``RefreshFirst`` where the bank has to be asked before it."""
        at = self.begin.clock.now()
        async with self.unit_of_work() as work:
            facts = await self._read(work, command, at)
            earlier = self.begin.earlier_outcome(work, facts, command, at)
            if earlier is not None:
                return earlier
            if facts.unsold and not facts.enrolled and facts.live is None:
                return RefreshFirst(facts.unsold)
            return self._begin(work, facts, command, payment, at)

    async def _unit(
        self, command: InitiatePaymentCommand, payment: PaymentId
    ) -> Outcome | InProgress:
        """Return what the key's earlier request came to, or a new payment, unless one is live."""
        at = self.begin.clock.now()
        async with self.unit_of_work() as work:
            facts = await self._read(work, command, at)
            earlier = self.begin.earlier_outcome(work, facts, command, at)
            if earlier is not None:
                return earlier
            return self._begin(work, facts, command, payment, at)

    async def _read(
        self, work: Work, command: InitiatePaymentCommand, at: datetime
    ) -> CheckoutFacts:
        return await work.payments.checkout_facts.read(
            CheckoutQuery(
                student=command.student.id,
                course=command.course,
                unsold_since=at - UNSOLD_POLLED_FOR,
                code=command.code,
                key=command.key,
                reference=command.client_reference.text if command.client_reference else None,
            )
        )

    def _begin(
        self,
        work: Work,
        facts: CheckoutFacts,
        command: InitiatePaymentCommand,
        payment: PaymentId,
        at: datetime,
    ) -> Outcome | InProgress:
        course = offered_course(facts, command.course)
        if facts.enrolled:
            raise AlreadyEnrolled(course.id)
        if facts.live is not None:
            asked = self.begin.asked_details(facts, course, command.buyer, code=command.code)
            if facts.live.may_be_resumed and _is_asked_again(facts.live, asked, command):
                command.expected.check(facts.live.quote)
                return self.begin.resumed(work, facts.live, command, at)
            return InProgress(facts.live, asked)
        reference = reference_for(
            command.client_reference, facts.referenced, command.student.id, course.id
        )
        price = self.begin.price(facts, course, command.buyer, code=command.code)
        command.expected.check(price.quote)
        consent = consent_to(self.begin.privacy_notice, command.consent, at)
        opened = Payment.begin(
            payment,
            student=command.student,
            buyer=command.buyer,
            quote=price.quote,
            at=at,
            lifetime=self.begin.lifetime,
            client_reference=reference,
            consent=consent,
        )
        return self.begin.write(work, opened, price.discount, command, at)


def _is_asked_again(live: Payment, asked: AskedDetails, command: InitiatePaymentCommand) -> bool:
    """Whether the command asks for *live* itself, whatever its key."""
    reference = command.client_reference.text if command.client_reference else None
    return not changed_details(live, asked) and reference == live.reference_text
