"""One order at the fake bank: what was requested, the payer's attempts, and the refunds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self

from adapters.fake.refunds import FakeRefunds
from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.money import CURRENCY
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument, OrderFacts, Verdict
from ports.payments.payment_gateway import NewOrder

STATUSES: Final[Mapping[Verdict, tuple[str, int]]] = MappingProxyType(
    {
        Verdict.NOT_ATTEMPTED: ("NEW", 10),
        Verdict.CHARGED: ("CHARGED", 21),
        Verdict.IN_PROGRESS: ("PENDING", 23),
        Verdict.DECLINED: ("DECLINED", 27),
        Verdict.UNKNOWN_ORDER: ("UNKNOWN", 40),
        Verdict.UNCLEAR: ("UNCLEAR", 99),
    }
)


@dataclass(slots=True)
class FakeOrder:
    asked: NewOrder
    facts: OrderFacts
    attempts: int = 0
    refunds: FakeRefunds = field(default_factory=FakeRefunds)

    @classmethod
    def unpaid(cls, asked: NewOrder) -> Self:
        """Return the order without any attempt to pay it."""
        new = facts_of(asked.payment, Verdict.NOT_ATTEMPTED)
        return cls(asked=asked, facts=replace(new, amount=asked.amount, currency=CURRENCY))

    @property
    def answer(self) -> OrderFacts:
        """The order's facts with its refunds; refunds that a test has set replace them."""
        return replace(self.facts, refunds=self.facts.refunds or self.refunds.told)

    @property
    def is_paid(self) -> bool:
        return self.facts.verdict is Verdict.CHARGED

    def may_be_reused_for(self, asked: NewOrder) -> bool:
        """Whether *asked* is the same order, and it is not paid."""
        # The lifetime is shorter when the caller repeats a call whose outcome was unknown.
        same = replace(self.asked, lifetime=asked.lifetime) == asked
        return same and not self.is_paid

    def take(self, outcome: Outcome, *, reference: str, at: datetime | None) -> None:
        """End the payer's attempt with *outcome*; a charge has *reference* and the instant *at*."""
        if outcome is Outcome.ABANDON:
            return
        if self.facts.verdict is not Verdict.IN_PROGRESS:
            self.attempts += 1
        known = replace(
            self.facts,
            failure=None,
            review_reason=None,
            bank_txn_id=f"FAKE-{self.asked.payment}-{self.attempts}",
            instrument=Instrument(method="UPI"),
        )
        match outcome:
            case Outcome.SUCCESS:
                charged = replace(known, bank_reference=reference, charged_at=at)
                self.facts = _with(charged, Verdict.CHARGED)
            case Outcome.FAILURE:
                declined = replace(known, failure=FailureReason.DECLINED_BY_BANK)
                self.facts = _with(declined, Verdict.DECLINED)
            case _:
                self.facts = _with(known, Verdict.IN_PROGRESS)


def facts_of(payment: PaymentId, verdict: Verdict) -> OrderFacts:
    """Return the facts of an order with *verdict* and nothing else."""
    return _with(OrderFacts(payment=payment, verdict=verdict), verdict)


def _with(facts: OrderFacts, verdict: Verdict) -> OrderFacts:
    word, word_id = STATUSES[verdict]
    return replace(facts, verdict=verdict, word=word, word_id=word_id)
