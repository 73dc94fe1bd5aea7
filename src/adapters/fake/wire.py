"""How the gateway's calls and answers are written between a process and the fake gateway that another one serves."""

from datetime import timedelta
from typing import Final

import msgspec

from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
)

CALLS_PATH: Final = "/calls"
FAILURES: Final[dict[str, type[GatewayFailure]]] = {
    each.__name__: each
    for each in (
        GatewayDown,
        GatewayDenied,
        GatewayOutcomeUnknown,
        GatewayDuplicate,
        GatewayBusy,
        GatewayRefused,
    )
}


class WrittenFailure(msgspec.Struct, frozen=True, kw_only=True):
    """One of the port's errors; *fields* are of a refusal, *retry_after* of a busy gateway."""

    failure: str
    detail: str = ""
    fields: tuple[str, ...] = ()
    retry_after: timedelta | None = None

    @classmethod
    def of(cls, error: GatewayFailure) -> "WrittenFailure":
        return cls(
            failure=type(error).__name__,
            detail=error.detail,
            fields=error.fields if isinstance(error, GatewayRefused) else (),
            retry_after=error.retry_after if isinstance(error, GatewayBusy) else None,
        )

    def read(self) -> GatewayFailure:
        """Return the error that was written; what is not known here is a gateway that speaks something else."""
        kind = FAILURES.get(self.failure, GatewayDown)
        if kind is GatewayRefused:
            return GatewayRefused(self.detail, fields=self.fields)
        if kind is GatewayBusy:
            return GatewayBusy(self.detail, retry_after=self.retry_after)
        return kind(self.detail)
