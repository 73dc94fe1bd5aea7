"""The money that the bank captured for an order, and its proof."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.money import CURRENCY, ZERO, Money
from domain.payments.adjustment import NO_ADJUSTMENT, Adjustment
from domain.payments.order_facts import Instrument, OrderFacts, RefundVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """
    The bank's proof of a charge: amount, ids for finance, how it was paid, and when (UTC).

    The amount of a charge in another *currency* counts hundredths of that currency.
    """

    amount: Money
    bank_txn_id: str
    bank_reference: str
    instrument: Instrument
    at: datetime
    currency: str = CURRENCY
    adjustment: Adjustment = NO_ADJUSTMENT

    @classmethod
    def proven_by(cls, facts: OrderFacts, amount: Money, at: datetime) -> Self:
        """Return the capture of *amount* that *facts* prove, dated *at* where they have no date."""
        refunded = sum(
            (
                refund.amount
                for refund in facts.refunds
                if refund.amount and refund.verdict is not RefundVerdict.FAILED
            ),
            ZERO,
        )
        return cls(
            amount=amount,
            bank_txn_id=facts.bank_txn_id,
            bank_reference=facts.bank_reference,
            instrument=facts.instrument,
            at=facts.charged_at or at,
            currency=facts.currency,
            adjustment=facts.adjustment.without_refunds(amount, refunded),
        )
