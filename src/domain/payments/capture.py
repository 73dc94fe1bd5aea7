"""What the bank took, and what proves it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.money import Money
from domain.payments.order_facts import Instrument, OrderFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The bank's proof that it charged: amount, ids for finance, and how it was paid."""

    amount: Money
    bank_txn_id: str
    bank_reference: str
    instrument: Instrument
    at: datetime

    @classmethod
    def proven_by(cls, facts: OrderFacts, amount: Money, at: datetime) -> Self:
        """Return the capture of *amount* that *facts* prove; it is dated *at* when they do not say when."""
        return cls(
            amount=amount,
            bank_txn_id=facts.bank_txn_id,
            bank_reference=facts.bank_reference,
            instrument=facts.instrument,
            at=facts.charged_at or at,
        )
