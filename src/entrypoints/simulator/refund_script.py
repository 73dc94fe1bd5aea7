"""How a refund will go, as the configuration or the control API plans it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DECLINED: Final = ("05", "Refund declined by the bank")


class RefundOutcome(StrEnum):
    """How the bank ends a refund; ``pending`` waits for a decision by the control API."""

    SUCCESS = "success"
    FAILURE = "failure"
    MANUAL_REVIEW = "manual_review"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundScript:
    """
    How one refund will go: it ends after *seconds*, and a success gets its ARN *arn_seconds* later; None: no ARN.

    *error_code* and *error_message* are those of a failure.
    """

    outcome: RefundOutcome = RefundOutcome.SUCCESS
    seconds: float = 1.0
    arn_seconds: float | None = 1.0
    error_code: str = DECLINED[0]
    error_message: str = DECLINED[1]
