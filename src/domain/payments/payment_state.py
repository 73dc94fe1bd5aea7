"""Where a payment stands, and every step it may take: a table, so that nothing happens by accident."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class State(StrEnum):
    PENDING = "pending"
    """No attempt is known: the student has not begun to pay, or we have not heard."""

    PROCESSING = "processing"
    """The bank is busy with an attempt; money may be on its way."""

    SUCCESS = "success"
    FAILED = "failed"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"

    @property
    def is_live(self) -> bool:
        """Whether this payment holds the course's one place at the till."""
        return self in {State.PENDING, State.PROCESSING}

    @property
    def is_sold(self) -> bool:
        """Whether money was taken for good, whatever of it has gone back since."""
        return self in {State.SUCCESS, State.PARTIALLY_REFUNDED, State.REFUNDED}

    @property
    def is_unsold(self) -> bool:
        """Whether this payment came to nothing, as far as is known: the bank may still say otherwise."""
        return self in {State.FAILED, State.EXPIRED}


class Event(StrEnum):
    """What can happen to a payment; the bank's words are translated into these by its adapter."""

    BANK_BUSY = "bank_busy"
    BANK_CHARGED = "bank_charged"
    BANK_DECLINED = "bank_declined"
    SESSION_LAPSED = "session_lapsed"
    SESSION_NOT_OPENED = "session_not_opened"
    NOTHING_TO_PAY = "nothing_to_pay"
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
        # An attempt under way never lapses by our clock: the bank may still take the money.
        (State.PROCESSING, Event.BANK_CHARGED): State.SUCCESS,
        (State.PROCESSING, Event.BANK_DECLINED): State.FAILED,
        # Forward only: a failed or expired payment may turn out to be charged, never the reverse.
        (State.FAILED, Event.BANK_CHARGED): State.SUCCESS,
        (State.EXPIRED, Event.BANK_CHARGED): State.SUCCESS,
        # Only money that has reached the student counts; a refund on its way moves nothing here.
        (State.SUCCESS, Event.PART_WENT_BACK): State.PARTIALLY_REFUNDED,
        (State.SUCCESS, Event.ALL_WENT_BACK): State.REFUNDED,
        (State.PARTIALLY_REFUNDED, Event.ALL_WENT_BACK): State.REFUNDED,
    }
)


class IllegalStep(DomainError):
    """A step that the table does not have; asked for by our own code, never by the bank's news."""

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
    """Whether *event* is news to a payment in *state*; old news is no error, it only changes nothing."""
    return (state, event) in STEPS
