"""What a test can script in the fake gateway: the payer's outcome, and faults of its calls."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
)

BUSY_FOR: Final = timedelta(seconds=1)


class Fault(StrEnum):
    DOWN = "down"
    BUSY = "busy"
    DENIED = "denied"
    REFUSED = "refused"
    LOST_REQUEST = "lost_request"
    """The request is lost: nothing happened, and the caller cannot know it."""

    LOST_ANSWER = "lost_answer"
    """The answer is lost: the call took effect, and the caller cannot know it."""

    DUPLICATE = "duplicate"
    """The bank is processing a refund like this one: nothing happened this time."""


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"
    ABANDON = "abandon"
    """The payer closes the page; no attempt exists at the bank."""


@dataclass(slots=True)
class Script:
    """Faults planned for the next calls of each operation, in order."""

    _planned: dict[GatewayOperation, deque[Fault]] = field(
        default_factory=lambda: {operation: deque() for operation in GatewayOperation}
    )

    def plan(self, operation: GatewayOperation, fault: Fault, times: int) -> None:
        if operation is GatewayOperation.READ_ORDER and fault is Fault.REFUSED:
            raise ValueError("a read is never refused")
        if operation is not GatewayOperation.REFUND and fault is Fault.DUPLICATE:
            raise ValueError("only a refund can be a duplicate")
        self._planned[operation].extend([fault] * times)

    def forget(self, operation: GatewayOperation) -> None:
        self._planned[operation].clear()

    def waiting(self, operation: GatewayOperation) -> int:
        return len(self._planned[operation])

    def next(self, operation: GatewayOperation) -> Fault | None:
        planned = self._planned[operation]
        return planned.popleft() if planned else None


def failure_for(fault: Fault, operation: GatewayOperation) -> GatewayFailure:
    """Return the error that the port promises for *fault* in *operation*."""
    match fault:
        case Fault.DOWN:
            return GatewayDown("as scripted")
        case Fault.BUSY:
            return GatewayBusy("as scripted", retry_after=BUSY_FOR)
        case Fault.DENIED:
            return GatewayDenied("as scripted")
        case Fault.REFUSED:
            return GatewayRefused("as scripted")
        case Fault.LOST_REQUEST | Fault.LOST_ANSWER | Fault.DUPLICATE:
            # A read changes nothing, so its outcome is never unknown.
            if operation is GatewayOperation.READ_ORDER:
                return GatewayDown("as scripted")
            failure = GatewayDuplicate if fault is Fault.DUPLICATE else GatewayOutcomeUnknown
            return failure("as scripted")
        case _:
            assert_never(fault)
