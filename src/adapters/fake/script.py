"""What a test may tell the fake gateway to do: how the payer decides, and what goes wrong on the way."""

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
    UNCLEAR_BEFORE = "unclear_before"
    """The question is lost on its way: nothing happened, and nobody can tell."""

    UNCLEAR_AFTER = "unclear_after"
    """The answer is lost on its way: it did happen, and nobody can tell."""

    REPEATED = "repeated"
    """The bank is busy with a refund just like this one: nothing happened this time."""


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"
    ABANDON = "abandon"
    """The payer closes the page; the bank knows of no attempt."""


@dataclass(slots=True)
class Script:
    """Faults waiting for their call, first planned first struck."""

    _waiting: dict[GatewayOperation, deque[Fault]] = field(
        default_factory=lambda: {operation: deque() for operation in GatewayOperation}
    )

    def plan(self, operation: GatewayOperation, fault: Fault, times: int) -> None:
        if operation is GatewayOperation.READ_ORDER and fault is Fault.REFUSED:
            raise ValueError("the port knows no refusal of a read")
        if operation is not GatewayOperation.REFUND and fault is Fault.REPEATED:
            raise ValueError("only a refund can be repeated")
        self._waiting[operation].extend([fault] * times)

    def forget(self, operation: GatewayOperation) -> None:
        self._waiting[operation].clear()

    def next(self, operation: GatewayOperation) -> Fault | None:
        waiting = self._waiting[operation]
        return waiting.popleft() if waiting else None


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
        case Fault.UNCLEAR_BEFORE | Fault.UNCLEAR_AFTER | Fault.REPEATED:
            # A read changes nothing, so there is nothing to be unclear about.
            if operation is GatewayOperation.READ_ORDER:
                return GatewayDown("as scripted")
            unclear = GatewayDuplicate if fault is Fault.REPEATED else GatewayOutcomeUnknown
            return unclear("as scripted")
        case _:
            assert_never(fault)
