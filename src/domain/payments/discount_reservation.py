"""What becomes of the discount slot that a payment took: kept by a sale, given back by a failure."""

from enum import StrEnum

from domain.payments.payment_state import State


class DiscountReservation(StrEnum):
    """What has become of the discount slot that this payment took."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    """Used for good: a refund later on does not give it back."""

    RELEASED = "released"
    HONOURED_LATE = "honoured_late"
    """Released, then paid for after all: granted beyond the code's limit, and audited."""


class SlotEffect(StrEnum):
    """What the discount book has to do with the slot; keeping it needs no effect."""

    RELEASE = "release"
    HONOUR_LATE = "honour_late"


def reservation_after(
    reservation: DiscountReservation | None, state: State
) -> tuple[DiscountReservation | None, SlotEffect | None]:
    """Return what a move to *state* makes of the slot, and what the discount book has to do for it."""
    match reservation, state:
        case DiscountReservation.RESERVED, State.SUCCESS:
            return DiscountReservation.COMMITTED, None
        case DiscountReservation.RESERVED, State.FAILED | State.EXPIRED:
            return DiscountReservation.RELEASED, SlotEffect.RELEASE
        case DiscountReservation.RELEASED, State.SUCCESS:
            return DiscountReservation.HONOURED_LATE, SlotEffect.HONOUR_LATE
        case _:
            return reservation, None
