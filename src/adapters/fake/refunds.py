"""Refunds at the fake bank: it keeps the bank's rules, and ends them as a test says."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import RefundFacts, RefundVerdict
from domain.payments.refund import REFUND_REQUESTS_MAX
from ports.payments.payment_gateway import GatewayDuplicate, GatewayRefused, RefundOrder

WORDS: Final = {
    RefundVerdict.PENDING: "PENDING",
    RefundVerdict.PAID: "SUCCESS",
    RefundVerdict.FAILED: "FAILURE",
    RefundVerdict.IN_REVIEW: "MANUAL_REVIEW",
    RefundVerdict.UNCLEAR: "UNHEARD_OF",
}


@dataclass(slots=True)
class FakeRefunds:
    """The refunds of one order, by id."""

    known: dict[RefundId, RefundFacts] = field(default_factory=dict)

    @property
    def told(self) -> tuple[RefundFacts, ...]:
        return tuple(self.known.values())

    def ask(
        self,
        order: RefundOrder,
        *,
        charged: Money,
        verdict: RefundVerdict,
        at: datetime | None,
    ) -> None:
        """Add the refund with *verdict*, or raise what the bank would answer."""
        if order.refund in self.known:
            raise GatewayDuplicate("the refund id is known")
        if len(self.known) >= REFUND_REQUESTS_MAX:
            raise GatewayRefused("too many refund requests")
        if not ZERO < order.amount <= self.left_of(charged):
            raise GatewayRefused("more than what is left of the charge")
        self.add(order.refund, order.amount, verdict, initiated_by="API", at=at)

    def add(
        self,
        refund: RefundId,
        amount: Money,
        verdict: RefundVerdict,
        *,
        initiated_by: str,
        at: datetime | None,
        automatic: bool = False,
    ) -> None:
        self.known[refund] = RefundFacts(
            id=refund,
            amount=amount,
            verdict=verdict,
            word=WORDS[verdict],
            initiated_by=initiated_by,
            automatic=automatic,
            asked_at=at,
        )

    def move(self, refund: RefundId, verdict: RefundVerdict, *, arn: str, error: str) -> None:
        known = self.known[refund]
        self.known[refund] = replace(
            known,
            verdict=verdict,
            word=WORDS[verdict],
            reference=known.reference or f"FAKE-{refund}",
            arn=arn or known.arn,
            error=error,
        )

    def left_of(self, charged: Money) -> Money:
        """Return what was *charged* and is not refunded, nor about to be."""
        return charged - sum(
            (
                told.amount
                for told in self.told
                if told.amount and told.verdict is not RefundVerdict.FAILED
            ),
            ZERO,
        )
