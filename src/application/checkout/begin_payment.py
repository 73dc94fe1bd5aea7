"""What the first payment for a course and every retry share: the price, the key, the write, the session."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from application.checkout.create_session import CreateSession
from application.checkout.idempotency import (
    Begun,
    CheckoutAnswer,
    Complete,
    IdempotentCommand,
    Unanswered,
    audit,
    claim_key,
    earlier_outcome,
    resume_unanswered,
)
from application.checkout.quote_course import applied_discount
from application.checkout.record_refusal import RecordRefusal
from application.order_status.reschedule_poll import start_polling
from application.order_status.write_effects import write_further_effects
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from domain.catalogue.quote import Quote, quote_course
from domain.errors import DomainError
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import PaymentId
from domain.payments.changed_details import AskedDetails
from domain.payments.consent import PrivacyNotice
from domain.payments.order_decisions import complete_without_payment
from domain.payments.payment import Payment
from domain.tax.gst import Buyer, check_buyer
from domain.tax.gstin import Gstin
from ports.clock import Clock
from ports.payments.checkout_facts import CheckoutFacts
from ports.payments.payment_gateway import GatewaySuspended
from ports.unit_of_work import Work

Outcome = Begun | Unanswered | Complete


def checkout_answer(payment: Payment, outcome: Outcome) -> CheckoutAnswer:
    """Return *payment*, which *outcome* led to, as the answer."""
    return CheckoutAnswer(payment, replayed=isinstance(outcome, Complete) and outcome.replayed)


@dataclass(frozen=True, slots=True)
class Price:
    """A quote for one buyer, and the discount code it uses, None without one."""

    quote: Quote
    discount: DiscountCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPayment:
    create_session: CreateSession
    record_refusal: RecordRefusal
    clock: Clock
    new_id: Callable[[], PaymentId]
    seller: Gstin
    configuration: Callable[[], GatewayConfiguration]
    """Its amount limits and session lifetime hold for what begins now."""

    call_max: timedelta
    """
    Longer than reading an order and creating a session may take together. A request that has not
    answered after it counts as dead, and its key may be claimed again.
    """

    gateway_suspended_for: Callable[[], timedelta | None]
    """How long the bank is not asked for sessions, because it did not answer lately; None when it is."""

    privacy_notice: PrivacyNotice | None
    """What students are asked to agree to, None where they are asked nothing."""

    @property
    def lifetime(self) -> timedelta:
        """How long the student may pay: the bank's session ends after it."""
        return self.configuration().terms.session_lifetime

    def earlier_outcome(
        self, work: Work, facts: CheckoutFacts, command: IdempotentCommand, at: datetime
    ) -> Complete | Unanswered | None:
        """Return what ``idempotency.earlier_outcome`` returns, with a claim for as long as a call takes."""
        return earlier_outcome(work, facts, command, at=at, until=at + self.call_max)

    def resumed(
        self, work: Work, payment: Payment, command: IdempotentCommand, at: datetime
    ) -> Unanswered:
        """Collect what goes on with *payment*, whose first request has ended unanswered, as the command's own."""
        return resume_unanswered(work, payment, command, at=at, until=at + self.call_max)

    def price(
        self, facts: CheckoutFacts, course: Course, buyer: Buyer, *, code: str | None
    ) -> Price:
        """
        Return what *course* costs *buyer* now.

        Raises what the quote raises, and ``GatewaySuspended`` when the bank is not asked for sessions now
        and there is something to pay: then no payment has to fail, and no discount slot is taken.
        """
        price = self._price(facts, course, buyer, code=code)
        free = price.quote.is_free
        if not free and (retry_after := self.gateway_suspended_for()) is not None:
            raise GatewaySuspended(retry_after)
        return price

    def _price(
        self, facts: CheckoutFacts, course: Course, buyer: Buyer, *, code: str | None
    ) -> Price:
        discount = applied_discount(facts, course, code=code, clock=self.clock)
        limits = self.configuration().terms.payable
        quote = quote_course(course, buyer, self.seller.state, discount, limits)
        check_buyer(buyer, self.seller)
        return Price(quote, discount)

    def asked_details(
        self, facts: CheckoutFacts, course: Course, buyer: Buyer, *, code: str | None
    ) -> AskedDetails:
        """Return what is asked for with its price, to compare it with a payment under way."""
        try:
            payable = self._price(facts, course, buyer, code=code).quote.payable
        except DomainError:
            # It would be refused by itself, such as a code that the payment under way has used up.
            payable = None
        return AskedDetails(buyer, code, payable)

    def write(
        self,
        work: Work,
        payment: Payment,
        discount: DiscountCode | None,
        command: IdempotentCommand,
        at: datetime,
    ) -> Begun | Complete:
        """
        Collect *payment*, new, with its discount slot, its audit line and the claim on its key.

        One with nothing to pay is complete at once, and opens its course.
        """
        free = payment.quote.is_free
        if discount is not None:
            work.catalogue.discounts.reserve(discount, payment.student.id)
        audit(work, "payment.opened", payment, command.origin, at, to_state=payment.state)
        claim_key(work, command, payment.id, at=at, until=at + self.call_max, completed=free)
        if free:
            decision = complete_without_payment(payment, at)
            work.payments.repository.add(decision.payment)
            write_further_effects(work, decision, origin=command.origin, at=at, added=True)
            return Complete(decision.payment)
        work.payments.repository.add(payment)
        start_polling(work, payment, at)
        return Begun(payment)

    async def session(self, outcome: Outcome, command: IdempotentCommand) -> Payment:
        """
        Return the outcome's payment with its session at the bank, created now where it has none.

        One that was ``Unanswered`` may have ended instead. Raises ``GatewayFailure``.
        """
        match outcome:
            case Complete(payment, _):
                return payment
            case Begun(payment):
                return await self.create_session(payment, command.key, command.origin)
            case Unanswered(payment):
                return await self.create_session.resume(payment, command.key, command.origin)
            case _:
                assert_never(outcome)
