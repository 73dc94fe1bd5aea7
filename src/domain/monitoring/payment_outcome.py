"""What the steps of payments are counted as: a table, so that figures mean the same everywhere."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.payments.payment_state import Event, State


class PaymentOutcome(StrEnum):
    """Each step of a payment is counted as one of these, or as none, at the instant of the step."""

    BEGUN = "begun"
    PAID = "paid"
    """The first final word about it: the bank charged it."""

    FAILED = "failed"
    """The first final word about it: an attempt at the bank failed, or took another amount."""

    ABANDONED = "abandoned"
    """It ended without an attempt that was made out: it expired, or somebody ended it."""

    UNSTARTED = "unstarted"
    """No session could be created at the bank, so that nobody could try."""

    RECOVERED = "recovered"
    """The bank charged it after it had failed or expired; its first final word stays counted."""

    FREE = "free"
    """There was nothing to pay."""


FAILURES: Final[Mapping[Event, PaymentOutcome]] = MappingProxyType(
    {
        Event.BANK_DECLINED: PaymentOutcome.FAILED,
        Event.CHARGED_OTHERWISE: PaymentOutcome.FAILED,
        Event.SESSION_NOT_OPENED: PaymentOutcome.UNSTARTED,
        Event.CANCELLED_BY_STUDENT: PaymentOutcome.ABANDONED,
        Event.CLOSED_BY_STAFF: PaymentOutcome.ABANDONED,
    }
)
"""What a failure is counted as, by the event that led to it."""


def outcome_of(
    from_state: State | None, to_state: State | None, event: str
) -> PaymentOutcome | None:
    """Return what a step is counted as; *event* is the word of the audit log, empty for a beginning."""
    if to_state is None:
        return None
    if from_state is None:
        return PaymentOutcome.BEGUN
    match to_state:
        case State.SUCCESS if event == Event.NOTHING_TO_PAY:
            outcome = PaymentOutcome.FREE
        case State.SUCCESS:
            outcome = PaymentOutcome.RECOVERED if from_state.is_unsold else PaymentOutcome.PAID
        case State.FAILED:
            outcome = FAILURES.get(Event(event), PaymentOutcome.FAILED)
        case State.EXPIRED:
            outcome = PaymentOutcome.ABANDONED
        case _:
            return None
    return outcome
