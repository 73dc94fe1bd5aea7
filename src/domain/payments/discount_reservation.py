"""One use of a discount code (a slot): reserved by a payment, kept by a sale, released by a failure."""

from enum import StrEnum

from domain.payments.payment_state import State


class DiscountReservation(StrEnum):
    """What has become of the slot that this payment reserved."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    """Used for good: a later refund does not release it."""

    RELEASED = "released"
    HONOURED_LATE = "honoured_late"
    """Released, then the payment was charged after all: granted beyond the limit of the code, and audited."""


class SlotEffect(StrEnum):
    """What has to be written to the count of the code's uses; a slot that is kept needs nothing."""

    RELEASE = "release"
    HONOUR_LATE = "honour_late"


def reservation_after(
    reservation: DiscountReservation | None, state: State
) -> tuple[DiscountReservation | None, SlotEffect | None]:
    """Return the slot after a move to *state*, and what has to be written to the count for it."""
    match reservation, state:
        case DiscountReservation.RESERVED, State.SUCCESS:
            return DiscountReservation.COMMITTED, None
        case DiscountReservation.RESERVED, State.FAILED | State.EXPIRED:
            return DiscountReservation.RELEASED, SlotEffect.RELEASE
        case DiscountReservation.RELEASED, State.SUCCESS:
            return DiscountReservation.HONOURED_LATE, SlotEffect.HONOUR_LATE
        case _:
            return reservation, None
