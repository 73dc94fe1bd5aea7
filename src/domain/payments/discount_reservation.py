"""What becomes of the discount slot that a payment took: kept by a sale, given back by a failure."""

from enum import StrEnum

from domain.payments.payment_state import State


class Redemption(StrEnum):
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


def redeem(
    redemption: Redemption | None, state: State
) -> tuple[Redemption | None, SlotEffect | None]:
    """Return what a move to *state* makes of the slot, and what the discount book has to do for it."""
    match redemption, state:
        case Redemption.RESERVED, State.SUCCESS:
            return Redemption.COMMITTED, None
        case Redemption.RESERVED, State.FAILED | State.EXPIRED:
            return Redemption.RELEASED, SlotEffect.RELEASE
        case Redemption.RELEASED, State.SUCCESS:
            return Redemption.HONOURED_LATE, SlotEffect.HONOUR_LATE
        case _:
            return redemption, None
