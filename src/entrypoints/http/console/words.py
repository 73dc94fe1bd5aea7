"""What staff read for the words that the records keep."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.payments.resolution import Resolution
from domain.staff.access import Role
from ports.notifications.outbox import OutboxTask
from ports.staff.waiting_work import WaitingWork

PAYMENT_WORDS: Final[Mapping[State, str]] = {
    State.PENDING: "Pending",
    State.PROCESSING: "Processing",
    State.SUCCESS: "Paid",
    State.FAILED: "Failed",
    State.EXPIRED: "Expired",
    State.PARTIALLY_REFUNDED: "Partly refunded",
    State.REFUNDED: "Refunded",
}

REFUND_WORDS: Final[Mapping[RefundState, str]] = {
    RefundState.AWAITING_APPROVAL: "Waits for a second person",
    RefundState.REQUESTED: "Being sent to the bank",
    RefundState.PENDING: "The bank has it",
    RefundState.MANUAL_REVIEW: "The bank works on it by hand",
    RefundState.SUCCESS: "Given back",
    RefundState.FAILED: "The bank did not give it back",
    RefundState.REJECTED: "Rejected",
    RefundState.WITHDRAWN: "Taken back",
}

RESOLUTION_WORDS: Final[Mapping[Resolution, str]] = {
    Resolution.READ_AGAIN: "Ask the bank again: its answer ends the review if it can",
    Resolution.CLOSE: "End the session without a sale; a late charge still counts",
    Resolution.GIVE_BACK: "Give back all that is left; above the limit a second person approves it",
    Resolution.ACCEPT: "Let stand what the bank did; nothing more is to be done",
}


ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.SUPPORT: "Support: finds payments and asks the bank",
    Role.FINANCE: "Finance: refunds, reviews, reconciles",
    Role.ADMIN: "Administrator: accounts, courses, jobs, and what finance does",
    Role.AUDITOR: "Auditor: sees all, changes nothing",
}

TASK_WORDS: Final[Mapping[OutboxTask, str]] = {
    OutboxTask.TAX_DOCUMENT: "Issue the invoice",
    OutboxTask.CREDIT_NOTE: "Issue the credit note",
    OutboxTask.FILE_DOCUMENTS: "File the documents as PDF",
    OutboxTask.REGENERATE_FILES: "Make the file of a document again",
    OutboxTask.PAYMENT_CONFIRMATION: "Email: the payment is confirmed",
    OutboxTask.PAYMENT_FAILURE: "Email: the payment failed",
    OutboxTask.REFUND_REQUESTED: "Email: the bank has the refund",
    OutboxTask.REFUND_CONFIRMATION: "Email: the refund is paid",
    OutboxTask.RECONCILIATION_SUMMARY: "Email to finance: a reconciliation ended",
    OutboxTask.RECONCILIATION_FAILURE: "Email to finance: a reconciliation failed",
    OutboxTask.ALERT_EMAIL: "Email to operators: an alert",
    OutboxTask.ALERT_WEBHOOK: "Webhook to operators: an alert",
}


def span_words(span: timedelta) -> str:
    """Return a length of time as people say it after *every*, in its largest whole unit: ``5 minutes``, ``day``."""
    seconds = round(span.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds and not seconds % length:
            return _counted(seconds // length, unit)
    return _counted(seconds, "second")


def _counted(count: int, unit: str) -> str:
    return unit if count == 1 else f"{count} {unit}s"


def plain_words(kept: str) -> str:
    """Return a word of the records in plain letters: ``manual_review`` is read *Manual review*."""
    return kept.replace("_", " ").replace(".", ": ").capitalize()


def method_word(method: str | None) -> str:
    """Return how it was paid; nothing is known before the bank told it."""
    return method or "not known"


def count_of(waiting: WaitingWork) -> str:
    """Return how much it is in words; beyond what is counted, that there is more."""
    return f"{waiting.count:,} or more" if waiting.is_cut else str(waiting.count)


def amount_of(paise: int | None) -> str:
    """Return *paise* as people read them, nothing for what is no amount."""
    return "" if paise is None else str(Money(paise))
