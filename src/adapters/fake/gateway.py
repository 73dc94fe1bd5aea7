"""A payment gateway without a bank, for tests: scripted and deterministic. Production refuses it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from adapters.fake import signed_messages
from adapters.fake.orders import FakeOrder, facts_of
from adapters.fake.script import Fault, Outcome, Script, failure_for
from domain.identifiers import (
    PAYMENT_ID_PREFIX,
    PAYMENT_ID_RANDOM_CHARS,
    PaymentId,
    RefundId,
    StudentId,
)
from domain.money import Money
from domain.payments.order_facts import OrderFacts, RefundVerdict, ReviewReason, Verdict
from domain.payments.payment import GatewayOrder
from ports.payments.gateway_messages import GatewayEvent, ReturnClaim
from ports.payments.payment_gateway import GatewayOperation, GatewayRefused, NewOrder, RefundOrder

PRODUCTION: Final = "production"
ORDER_ID_LENGTH_MAX: Final = len(PAYMENT_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS
KEY: Final = "the-fake-gateway-signs-with-this"
PAGE: Final = "https://fake-gateway.example.com/pay/"


class NotInProduction(Exception):
    """The fake gateway was configured for production."""


@dataclass(slots=True, kw_only=True)
class FakeGateway:
    """
    Implements both gateway ports without a network.

    *guard* is called before each call and may raise: give it a check that no unit of work is open. *now* dates
    the charges; without it they have no date. Tests read *calls* and *orders*, and act as the payer (``pay``),
    the network (``fail_next``) and the bank (``answer``).
    """

    environment: str = "development"
    guard: Callable[[], None] = lambda: None
    now: Callable[[], datetime] | None = None
    page: str = PAGE
    calls: Counter[GatewayOperation] = field(default_factory=Counter)
    orders: dict[PaymentId, FakeOrder] = field(default_factory=dict)
    _script: Script = field(default_factory=Script, repr=False)
    _refund_verdict: RefundVerdict = RefundVerdict.PENDING
    _events: int = 0
    _charges: int = 0

    def __post_init__(self) -> None:
        if self.environment == PRODUCTION:
            raise NotInProduction("the fake gateway takes no money: set SHULK_GATEWAY=smartgateway")

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        fault = self._called(GatewayOperation.CREATE_SESSION)
        if fault not in {None, Fault.LOST_ANSWER}:
            raise failure_for(fault, GatewayOperation.CREATE_SESSION)
        created = self._create(order)
        if fault:
            raise failure_for(fault, GatewayOperation.CREATE_SESSION)
        return created

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        fault = self._called(GatewayOperation.READ_ORDER)
        if fault:
            raise failure_for(fault, GatewayOperation.READ_ORDER)
        known = self.orders.get(payment)
        if known is None:
            return facts_of(payment, Verdict.UNKNOWN_ORDER)
        if known.asked.student.id != student:
            raise ValueError(f"{payment} belongs to another student")
        return known.answer

    async def refund(self, order: RefundOrder) -> OrderFacts:
        fault = self._called(GatewayOperation.REFUND)
        if fault not in {None, Fault.LOST_ANSWER}:
            raise failure_for(fault, GatewayOperation.REFUND)
        known = self._give_back(order)
        if fault:
            raise failure_for(fault, GatewayOperation.REFUND)
        return known.answer

    def read_return(self, fields: Sequence[tuple[str, str]]) -> ReturnClaim:
        return signed_messages.read_return(fields, KEY)

    def check_sender(self, headers: Mapping[str, str]) -> None:
        signed_messages.check_sender(headers)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        return signed_messages.read_event(headers, body, KEY)

    def fail_next(self, operation: GatewayOperation, fault: Fault, times: int = 1) -> None:
        """Make the next *times* calls of *operation* end in *fault*."""
        self._script.plan(operation, fault, times)

    def answers_again(self, operation: GatewayOperation) -> None:
        """Cancel every fault planned for *operation*."""
        self._script.forget(operation)

    def waiting(self, operation: GatewayOperation) -> int:
        """Return how many faults are planned for *operation*."""
        return self._script.waiting(operation)

    def pay(self, payment: PaymentId, outcome: Outcome = Outcome.SUCCESS) -> None:
        """Act as the payer; another attempt may follow a failed or pending one, but not a paid one."""
        order = self.orders[payment]
        if order.is_paid:
            raise ValueError(f"{payment} is paid")
        reference = f"{self._charges + 1:012d}"
        order.take(outcome, reference=reference, at=self.now() if self.now else None)
        self._charges += order.is_paid

    def answer(self, payment: PaymentId, facts: OrderFacts) -> None:
        """Make every later status read answer *facts*."""
        if facts.payment != payment:
            raise ValueError("facts of another order")
        self.orders[payment].facts = facts

    def refunds_end(self, verdict: RefundVerdict) -> None:
        """Give every later refund *verdict* at once; without this call refunds are pending."""
        self._refund_verdict = verdict

    def move_refund(
        self,
        payment: PaymentId,
        refund: RefundId,
        verdict: RefundVerdict,
        *,
        arn: str = "",
        error: str = "",
    ) -> None:
        """Move a refund on as the bank; an ARN may come with any verdict, or later by itself."""
        self.orders[payment].refunds.move(refund, verdict, arn=arn, error=error)

    def refund_outside(
        self,
        payment: PaymentId,
        refund: RefundId,
        amount: Money,
        verdict: RefundVerdict = RefundVerdict.PENDING,
        *,
        automatic: bool = False,
    ) -> None:
        """Add a refund that was made at the bank's dashboard, or by the bank itself when *automatic*."""
        self.orders[payment].refunds.add(
            refund,
            amount,
            verdict,
            initiated_by="AUTO_REFUNDED" if automatic else "dashboard",
            at=self.now() if self.now else None,
            automatic=automatic,
        )

    def return_fields(self, payment: PaymentId) -> list[tuple[str, str]]:
        """Return the signed fields that the student's browser would bring back now."""
        facts = self.orders[payment].facts
        claim = ReturnClaim(payment=payment, status=facts.word, status_id=facts.word_id)
        return signed_messages.signed_return(claim, KEY)

    def event(
        self, payment: PaymentId, name: str = "ORDER_UPDATED"
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a new event about the order's present status."""
        facts = self.orders[payment].facts
        self._events += 1
        return signed_messages.signed_event(
            {
                "id": f"fake_event_{self._events}",
                "name": name,
                "order": payment,
                "status": facts.word,
                "status_id": facts.word_id,
            },
            KEY,
        )

    def _called(self, operation: GatewayOperation) -> Fault | None:
        self.guard()
        self.calls[operation] += 1
        return self._script.next(operation)

    def _create(self, order: NewOrder) -> GatewayOrder:
        if len(order.payment) > ORDER_ID_LENGTH_MAX:
            raise GatewayRefused("the order id is too long", fields=("order_id",))
        known = self.orders.get(order.payment)
        if known is None:
            self.orders[order.payment] = FakeOrder.unpaid(order)
        elif not known.may_be_reused_for(order):
            raise GatewayRefused("the order exists with other content, or is paid")
        return GatewayOrder(id=f"fake_{order.payment}", payment_url=f"{self.page}{order.payment}")

    def _give_back(self, order: RefundOrder) -> FakeOrder:
        known = self.orders.get(order.payment)
        if known is None or not known.is_paid:
            raise GatewayRefused("the order was not charged")
        if known.asked.student.id != order.student:
            raise ValueError(f"{order.payment} belongs to another student")
        known.refunds.ask(
            order,
            charged=known.facts.amount or known.asked.amount,
            verdict=self._refund_verdict,
            at=self.now() if self.now else None,
        )
        return known


def unclear(payment: PaymentId, review_reason: ReviewReason) -> OrderFacts:
    """Return facts that need a review, for ``FakeGateway.answer``."""
    return replace(facts_of(payment, Verdict.UNCLEAR), review_reason=review_reason)
