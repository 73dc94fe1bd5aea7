"""A payment failed or expired and its student tries again: a new payment for the same course and price."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.checkout.begin_payment import BeginPayment, Outcome, checkout_answer
from application.checkout.idempotency import (
    CheckoutAnswer,
    Complete,
    Unanswered,
    can_be_answer,
    payment_in_progress,
)
from application.checkout.initiate_payment import AlreadyEnrolled
from application.checkout.quote_course import offered_course
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.retry_on_conflict import retry_on_conflict
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.basis import NoteBasis, NoteKind
from domain.payments.changed_details import AskedDetails
from domain.payments.client_reference import reference_for
from domain.payments.payment import Payment
from domain.payments.retry import RetryRefusal, RetryRefused
from domain.text.language import Language
from ports.audit_log import Origin
from ports.idempotency import IdempotencyKey
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPaymentCommand:
    """
    *body_sha256* is the hex digest of the request; a repeat under the same *key* must have the same.

    *language* is the student's now, None where they have not chosen one: then that of the payment before.
    """

    payment: PaymentId
    student: StudentId
    key: IdempotencyKey | None
    body_sha256: str
    origin: Origin
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPayment:
    unit_of_work: UnitOfWork
    begin: BeginPayment
    read_order: ReadOrder
    apply: ApplyOrderStatus

    async def __call__(self, command: RetryPaymentCommand) -> Payment:
        """Return the payment of ``answer``, or raise as it does."""
        return (await self.answer(command)).payment

    async def answer(self, command: RetryPaymentCommand) -> CheckoutAnswer:
        """
        Return a new payment that retries the command's, with its session at the bank.

        The bank is asked about the old payment first: if it took the money after all, that is a sale
        and there is no retry. Every refusal is written to the audit log. Raises

        - ``NotFound``, also for another student's payment;
        - ``RetryRefused``, ``PriceChanged`` and what the quote raises;
        - ``AlreadyEnrolled``, ``PaymentInProgress`` and ``ClientReferenceUsed``, when it was sold otherwise;
        - ``IdempotencyKeyReused`` and ``IdempotencyKeyInUse``;
        - ``GatewayFailure``, also when the bank does not tell how the old payment stands.
        """
        async with self.begin.record_refusal.around(command.student, command.origin):
            return await self._retry(command)

    async def _retry(self, command: RetryPaymentCommand) -> CheckoutAnswer:
        outcome: Outcome | None = await retry_on_conflict(lambda: self._first_unit(command))
        if outcome is None:
            facts = await self.read_order(command.payment, command.student)
            await self.apply(facts, command.origin)
            new = self.begin.new_id()
            outcome = await retry_on_conflict(lambda: self._second_unit(command, new))
        payment = await self.begin.session(outcome, command)
        if isinstance(outcome, Unanswered) and not can_be_answer(payment):
            raise RetryRefused(RetryRefusal.RETRIED_ALREADY, payment.id)
        return checkout_answer(payment, outcome)

    async def _first_unit(self, command: RetryPaymentCommand) -> Complete | Unanswered | None:
        """Return what the key's earlier request came to, None when the bank has to be asked first."""
        at = self.begin.clock.now()
        async with self.unit_of_work() as work:
            payment, facts = await self._read(work, command, at)
            earlier = self._earlier(work, payment, facts, command, at)
            if earlier is None and (not payment.state.is_live or at < payment.expires_at):
                await self._check(work, payment, facts, at)
            return earlier

    async def _second_unit(self, command: RetryPaymentCommand, new: PaymentId) -> Outcome:
        """Return the retry under the id *new*, or what the key's earlier request came to."""
        at = self.begin.clock.now()
        async with self.unit_of_work() as work:
            payment, facts = await self._read(work, command, at)
            earlier = self._earlier(work, payment, facts, command, at)
            if earlier is not None:
                return earlier
            await self._check(work, payment, facts, at)
            course = offered_course(facts, payment.course)
            code = payment.quote.discount_code
            price = self.begin.price(facts, course, payment.buyer, code=code)
            retried, opened = payment.retry_as(
                new, quote=price.quote, at=at, lifetime=self.begin.lifetime
            )
            if command.language is not None:
                student = replace(opened.student, language=command.language)
                opened = replace(opened, student=student)
            # Saved with its version: news of the old payment that comes in between undoes the retry.
            work.payments.repository.save(retried, NoteBasis(note=NoteKind.RETRIED, at=at))
            return self.begin.write(work, opened, price.discount, command, at)

    def _earlier(
        self,
        work: Work,
        payment: Payment,
        facts: CheckoutFacts,
        command: RetryPaymentCommand,
        at: datetime,
    ) -> Complete | Unanswered | None:
        """Return what an earlier retry of *payment* came to, by its key or because it ended unanswered."""
        earlier = self.begin.earlier_outcome(work, facts, command, at)
        live = facts.live
        if earlier is None and live is not None and live.may_be_resumed and live.retries(payment):
            return self.begin.resumed(work, live, command, at)
        return earlier

    async def _read(
        self, work: Work, command: RetryPaymentCommand, at: datetime
    ) -> tuple[Payment, CheckoutFacts]:
        payment = await work.payments.repository.get(command.payment)
        if payment.student.id != command.student:
            raise NotFound("payment", command.payment)
        query = CheckoutQuery(
            student=command.student,
            course=payment.course,
            unsold_since=at,
            code=payment.quote.discount_code,
            key=command.key,
            reference=payment.reference_text,
        )
        return payment, await work.payments.checkout_facts.read(query)

    async def _check(
        self, work: Work, payment: Payment, facts: CheckoutFacts, at: datetime
    ) -> None:
        """Return when *payment* may be retried, or raise why it may not."""
        standing = payment.retry_standing
        if payment.state.is_live:
            raise payment_in_progress(payment)
        if standing.refusal(at) is RetryRefusal.PAID:
            raise RetryRefused(RetryRefusal.PAID, payment.id)
        if facts.enrolled:
            raise AlreadyEnrolled(payment.course)
        if facts.live is not None:
            asked = AskedDetails(payment.buyer, payment.quote.discount_code, payment.quote.payable)
            raise payment_in_progress(facts.live, asked)
        reference_for(
            payment.client_reference, facts.referenced, payment.student.id, payment.course
        )
        if payment.retried_as is not None:
            newer = await work.payments.repository.get(payment.retried_as)
            if not newer.may_be_replaced:
                raise RetryRefused(RetryRefusal.RETRIED_ALREADY, newer.id)
            standing = replace(standing, retried=False)
        refusal = standing.refusal(at)
        if refusal is not None:
            raise RetryRefused(refusal, payment.id)
