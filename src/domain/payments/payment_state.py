"""The states of a payment and every step between them, as a table: what is not in it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class State(StrEnum):
    PENDING = "pending"
    """No attempt is known: the student made none, or the bank has not reported it yet."""

    PROCESSING = "processing"
    """The bank processes an attempt; it may have taken the money already."""

    SUCCESS = "success"
    FAILED = "failed"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"

    @property
    def is_live(self) -> bool:
        """Whether it may still be paid: a student has at most one live payment for a course."""
        return self in {State.PENDING, State.PROCESSING}

    @property
    def is_sold(self) -> bool:
        """Whether it is a sale, refunded or not."""
        return self in {State.SUCCESS, State.PARTIALLY_REFUNDED, State.REFUNDED}

    @property
    def is_unsold(self) -> bool:
        """Whether it failed or expired; the bank may still report a charge later."""
        return self in {State.FAILED, State.EXPIRED}


class Event(StrEnum):
    """What can happen to a payment. The *went back* events mean refunds that were paid."""

    BANK_BUSY = "bank_busy"
    BANK_CHARGED = "bank_charged"
    BANK_DECLINED = "bank_declined"
    CHARGED_OTHERWISE = "charged_otherwise"
    """The bank charged another amount or currency than was quoted."""

    SESSION_LAPSED = "session_lapsed"
    SESSION_NOT_OPENED = "session_not_opened"
    NOTHING_TO_PAY = "nothing_to_pay"
    CLOSED_BY_STAFF = "closed_by_staff"
    CANCELLED_BY_STUDENT = "cancelled_by_student"
    PART_WENT_BACK = "part_went_back"
    ALL_WENT_BACK = "all_went_back"


STEPS: Final[Mapping[tuple[State, Event], State]] = MappingProxyType(
    {
        (State.PENDING, Event.BANK_BUSY): State.PROCESSING,
        (State.PENDING, Event.BANK_CHARGED): State.SUCCESS,
        (State.PENDING, Event.BANK_DECLINED): State.FAILED,
        (State.PENDING, Event.SESSION_LAPSED): State.EXPIRED,
        (State.PENDING, Event.SESSION_NOT_OPENED): State.FAILED,
        (State.PENDING, Event.NOTHING_TO_PAY): State.SUCCESS,
        # An attempt in progress never expires by our clock: the bank may still take the money.
        (State.PROCESSING, Event.BANK_CHARGED): State.SUCCESS,
        (State.PROCESSING, Event.BANK_DECLINED): State.FAILED,
        # Another amount or currency is no sale. It is recorded and goes back; the course is free again.
        (State.PENDING, Event.CHARGED_OTHERWISE): State.FAILED,
        (State.PROCESSING, Event.CHARGED_OTHERWISE): State.FAILED,
        # A student ends what nobody has begun to pay; an attempt that is under way is the bank's to end.
        (State.PENDING, Event.CANCELLED_BY_STUDENT): State.FAILED,
        # Staff end what the bank leaves open; a charge that it reports later still counts.
        (State.PENDING, Event.CLOSED_BY_STAFF): State.FAILED,
        (State.PROCESSING, Event.CLOSED_BY_STAFF): State.FAILED,
        # Forward only: a failed or expired payment may turn out to be charged, never the reverse.
        (State.FAILED, Event.BANK_CHARGED): State.SUCCESS,
        (State.EXPIRED, Event.BANK_CHARGED): State.SUCCESS,
        # Only paid refunds count; a refund in flight changes nothing here.
        (State.SUCCESS, Event.PART_WENT_BACK): State.PARTIALLY_REFUNDED,
        (State.SUCCESS, Event.ALL_WENT_BACK): State.REFUNDED,
        (State.PARTIALLY_REFUNDED, Event.ALL_WENT_BACK): State.REFUNDED,
    }
)


class IllegalStep(DomainError):
    """A step that is not in the table: a fault of our own code, never caused by the bank's answers."""

    def __init__(self, state: State, event: Event) -> None:
        self.state, self.event = state, event
        super().__init__(f"a {state} payment cannot take {event}")


def after(state: State, event: Event) -> State:
    """Return the state that *event* leads to, or raise ``IllegalStep``."""
    try:
        return STEPS[state, event]
    except KeyError:
        raise IllegalStep(state, event) from None


def can_take(state: State, event: Event) -> bool:
    """Whether *event* changes a payment in *state*; one that does not is no error, it is no news."""
    return (state, event) in STEPS
