"""Requests and answers of the refund API; amounts are rupees as text with at most two decimals."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final, Self

import msgspec
from msgspec import Meta

from application.refunds.request_refund import RefundStanding
from domain.errors import NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.money import CURRENCY, Money
from domain.payments.refund import check_reason
from domain.payments.refund_state import RefundState
from entrypoints.http.api.wire import Currency, Rupees, TransactionId
from entrypoints.http.body_faults import AMOUNT, Check, Checks
from ports.refunds.refund_queries import EndedRefund, OpenRefund

AMOUNT_MAX: Final = 20
REASON_MIN: Final = 3
REASON_MAX: Final = 200
ID_MAX: Final = 64
CODE_MAX: Final = 16

Amount = Annotated[
    str,
    Meta(
        max_length=AMOUNT_MAX,
        description="Rupees, exactly; never rounded.",
        examples=["500.00"],
    ),
]
Code = Annotated[
    str,
    Meta(
        pattern="^ *(?:[0-9] *){6}$",
        max_length=CODE_MAX,
        description="What the authenticator app shows now, with or without blanks; good once.",
        examples=["287082"],
    ),
]
RefundNumber = Annotated[str, Meta(examples=["RFABCDEFGH234567JKLM"])]


class RefundAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What goes back and why. With `available_amount` the request is refused when something else is left
    by now; it is required without an Idempotency-Key. `revoke_access` ends the enrolment after a partial
    refund, as a full one always does.
    """

    checks: ClassVar[Checks] = {
        "amount": AMOUNT,
        "reason": Check(check_reason, f"{REASON_MIN} to {REASON_MAX} printable characters"),
        "available_amount": AMOUNT,
    }

    transaction_id: Annotated[str, Meta(max_length=ID_MAX, examples=["SKABCDEFGH234567JKLM"])]
    amount: Amount
    reason: Annotated[
        str,
        Meta(
            min_length=REASON_MIN,
            max_length=REASON_MAX,
            description="3 to 200 characters for the audit trail; no card numbers.",
            examples=["Batch cancelled"],
        ),
    ]
    otp: Code
    available_amount: Amount | None = None
    revoke_access: bool = False

    @property
    def payment(self) -> PaymentId:
        """The id, or ``NotFound`` for what is none of ours."""
        if not is_payment_id(self.transaction_id):
            raise NotFound("payment", self.transaction_id)
        return PaymentId(self.transaction_id)

    @property
    def money(self) -> Money:
        return Money.from_rupees(self.amount)

    @property
    def available(self) -> Money | None:
        return None if self.available_amount is None else Money.from_rupees(self.available_amount)

    def digest(self) -> str:
        """Return the hex SHA-256 of what is asked for; the code, which changes, is no part of it."""
        available = self.available
        said = (
            self.transaction_id,
            self.money.paise,
            self.reason.strip(),
            None if available is None else available.paise,
            self.revoke_access,
        )
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


class DecisionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decider's own code."""

    otp: Code


class RefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    The refund that was asked for. `status` is `requested`, or `awaiting_approval` when a second member
    of staff has to agree first. Every member is fixed with the request, so that the same idempotency
    key has the same answer; how the refund stands is told by the list of refunds and the payment.
    """

    refund_id: RefundNumber
    transaction_id: TransactionId
    amount: Rupees
    status: RefundState
    reason: str
    revoke_access: bool
    requested_at: datetime
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, standing: RefundStanding) -> Self:
        refund = standing.refund
        waited = refund.state is RefundState.AWAITING_APPROVAL or bool(refund.decided_by)
        status = RefundState.AWAITING_APPROVAL if waited else RefundState.REQUESTED
        return cls(
            refund_id=refund.id,
            transaction_id=standing.payment.id,
            amount=refund.amount.plain(),
            status=status,
            reason=refund.reason,
            revoke_access=refund.revokes,
            requested_at=refund.asked_at,
        )


class DecisionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The refund as it stands after the decision."""

    refund_id: RefundNumber
    transaction_id: TransactionId
    amount: Rupees
    status: RefundState
    decided_by: Annotated[str, Meta(examples=["staff:zoya"])]
    decided_at: datetime | None
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, standing: RefundStanding) -> Self:
        refund = standing.refund
        return cls(
            refund_id=refund.id,
            transaction_id=standing.payment.id,
            amount=refund.amount.plain(),
            status=refund.state,
            decided_by=refund.decided_by,
            decided_at=refund.decided_at,
        )


class EndedRefunds(msgspec.Struct, frozen=True, kw_only=True):
    """A page of refunds that have come to their end, the latest request first; `next` null on the last."""

    items: Sequence[EndedRefund]
    next: str | None


class OpenRefunds(msgspec.Struct, frozen=True, kw_only=True):
    """A page of refunds that have not come to an end, longest waiting first; `next` null on the last."""

    items: Sequence[OpenRefund]
    next: str | None
