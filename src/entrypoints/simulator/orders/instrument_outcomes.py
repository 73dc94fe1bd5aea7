"""Which test UPI address, bank or amount succeeds, fails or stays pending; a card depends on its OTP."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.orders.instruments import Instrument, NetBanking, Upi

FAILURE_FROM: Final = Decimal(500)
PENDING_FROM: Final = Decimal(700)


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"


VPA_OUTCOMES: Final = {"success@upi": Outcome.SUCCESS, "failure@upi": Outcome.FAILURE}


def documented_outcome(instrument: Instrument) -> Outcome | None:
    """Return the outcome of a test instrument, None for others; a card's outcome depends on its OTP."""
    if isinstance(instrument, Upi):
        return VPA_OUTCOMES.get(instrument.vpa)
    if isinstance(instrument, NetBanking):
        return Outcome.SUCCESS if instrument.code == "NB_AXIS" else None
    return None


def outcome_by_amount(amount: Decimal) -> Outcome:
    """Return the outcome by the dummy gateway's rule: below 500 success, below 700 failure, else pending."""
    if amount < FAILURE_FROM:
        return Outcome.SUCCESS
    return Outcome.FAILURE if amount < PENDING_FROM else Outcome.PENDING
