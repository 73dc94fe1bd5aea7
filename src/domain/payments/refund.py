"""One refund of a payment: who asked for it and why, and how far the bank has come with it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from domain.business_day import IST
from domain.card import refuse_card_numbers
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundFacts, RefundVerdict
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundEvent, RefundState, refund_after
from domain.printable import unprintable_reason

REFUND_MIN: Final = Money(100)
"""The bank gives back no less than INR 1.00, unless no more than that is left."""

REFUND_REQUESTS_MAX: Final = 25
"""The bank takes no more requests than this for one order (protocol page, 4.4)."""

REFUND_REASON_MIN: Final = 3
REFUND_REASON_MAX: Final = 200
OVERDUE_AFTER: Final = timedelta(days=10)
"""After this a person has to talk to the bank (protocol page, 4.4 and 8.3)."""

WORKING_DAYS_TO_ARRIVE: Final = 7
SATURDAY: Final = 5

BANK_EVENTS: Final = {
    RefundVerdict.PENDING: RefundEvent.BANK_ACCEPTED,
    RefundVerdict.PAID: RefundEvent.BANK_PAID,
    RefundVerdict.FAILED: RefundEvent.BANK_FAILED,
    RefundVerdict.IN_REVIEW: RefundEvent.BANK_REVIEWS,
}
ADOPTED: Final = {
    RefundVerdict.PENDING: RefundState.PENDING,
    RefundVerdict.PAID: RefundState.SUCCESS,
    RefundVerdict.FAILED: RefundState.FAILED,
    RefundVerdict.IN_REVIEW: RefundState.MANUAL_REVIEW,
    RefundVerdict.UNCLEAR: RefundState.PENDING,
}


class NotRefundable(DomainError):
    """Nothing of this payment can be given back: it took no money."""

    def __init__(self, payment: PaymentId, state: State) -> None:
        self.payment, self.state = payment, state
        super().__init__(f"a payment that is {state} has nothing to give back")


class RefundTooLarge(DomainError):
    """More was asked for than is left, what is on its way back counted."""

    def __init__(self, asked: Money, left: Money) -> None:
        self.asked, self.left = asked, left
        super().__init__(f"asked for {asked}, only {left} is left to refund")


class RefundTooSmall(DomainError):
    """Less was asked for than the bank gives back."""

    def __init__(self, asked: Money, least: Money) -> None:
        self.asked, self.least = asked, least
        super().__init__(f"asked for {asked}, the bank gives back {least} or more")


class StaleAvailable(DomainError):
    """The asker decided by an amount that is no longer what is left."""

    def __init__(self, believed: Money, left: Money) -> None:
        self.believed, self.left = believed, left
        super().__init__(f"{left} is left to refund and not {believed}; look again and decide")


class TooManyRefunds(DomainError):
    """The bank takes no further request for this order."""

    def __init__(self) -> None:
        self.at_most = REFUND_REQUESTS_MAX
        super().__init__(f"the bank takes at most {REFUND_REQUESTS_MAX} refund requests an order")


class SecondPersonNeeded(DomainError):
    """Whoever asked for a refund cannot be the one who approves it."""

    def __init__(self, refund: RefundId) -> None:
        self.refund = refund
        super().__init__("a refund is approved by someone else than who asked for it")


class ReasonRefused(DomainError):
    """A refund needs a reason that can be kept: printable words of bounded length."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the reason cannot be taken: {fault}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A client's idempotency key, and the hex digest of the body it first came with."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """
    What a member of staff asks for. *available* is what they believed was left, None when they did
    not say; *revokes* ends the enrolment once the money is back, which a full refund does anyway.
    """

    id: RefundId
    amount: Money
    reason: str
    by: str
    available: Money | None = None
    revokes: bool = False
    key: RequestKey | None = None

    def __post_init__(self) -> None:
        if fault := unprintable_reason(self.reason, REFUND_REASON_MAX):
            raise ReasonRefused(fault)
        if len(self.reason.strip()) < REFUND_REASON_MIN:
            raise ReasonRefused(f"it is shorter than {REFUND_REASON_MIN} characters")
        refuse_card_numbers("reason", self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """
    *asked_by* is ``staff:ID`` or ``system`` for one of ours, the bank's word for one made *outside*
    (in the bank's dashboard, or by the bank itself). *decided_by* approved, rejected or withdrew it.
    *accepted_at* is when we first knew that the bank has it, *closed_at* when it came to an end.
    Instants are UTC.
    """

    id: RefundId
    amount: Money
    state: RefundState
    asked_by: str
    asked_at: datetime
    reason: str = ""
    revokes: bool = False
    outside: bool = False
    key: RequestKey | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    bank_reference: str = ""
    arn: str = ""
    error: str = ""

    @classmethod
    def of(cls, request: RefundRequest, at: datetime, *, waits: bool) -> Self:
        """Return the refund that *request* stands for; with *waits* a second person has to agree."""
        return cls(
            id=request.id,
            amount=request.amount,
            state=RefundState.AWAITING_APPROVAL if waits else RefundState.REQUESTED,
            asked_by=request.by,
            asked_at=at,
            reason=request.reason,
            revokes=request.revokes,
            key=request.key,
        )

    @classmethod
    def adopt(cls, told: RefundFacts, amount: Money, at: datetime) -> Self:
        """Return the refund that the bank tells of and nobody asked for here."""
        state = ADOPTED[told.verdict]
        return cls(
            id=told.id,
            amount=amount,
            state=state,
            asked_by=told.initiated_by or "bank",
            asked_at=told.asked_at or at,
            outside=True,
            accepted_at=told.asked_at or at,
            closed_at=None if state.is_in_flight else at,
            bank_reference=told.reference,
            arn=told.arn,
            error=told.error,
        )

    @property
    def expected_on(self) -> date:
        """The day, in India, by which the student's bank should show it; bank holidays are not known."""
        day = (self.accepted_at or self.asked_at).astimezone(IST).date()
        left = WORKING_DAYS_TO_ARRIVE
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day

    @property
    def promised_on(self) -> date | None:
        """``expected_on`` as long as the money is on its way or there; nothing is promised of a failed one."""
        on_its_way = self.state.is_in_flight or self.state is RefundState.SUCCESS
        return self.expected_on if on_its_way else None

    def is_overdue(self, at: datetime) -> bool:
        """Whether the bank has had it for so long that a person has to ask."""
        since = self.accepted_at or self.decided_at or self.asked_at
        return self.state.is_with_the_bank and at - since >= OVERDUE_AFTER

    def decided(self, event: RefundEvent, by: str, at: datetime) -> Self:
        """Return it approved, rejected or withdrawn, or raise ``IllegalRefundStep``."""
        state = refund_after(self.state, event)
        return replace(
            self,
            state=state,
            decided_by=by,
            decided_at=at,
            closed_at=None if state.is_in_flight else at,
        )

    def moved(self, event: RefundEvent, at: datetime, *, error: str = "") -> Self:
        """Return it one step on by the bank's word, or raise ``IllegalRefundStep``."""
        state = refund_after(self.state, event)
        known = event is not RefundEvent.BANK_REFUSED
        return replace(
            self,
            state=state,
            accepted_at=self.accepted_at or (at if known else None),
            closed_at=None if state.is_in_flight else at,
            error=error,
        )

    def detailed(self, told: RefundFacts) -> Self:
        """Return it with the references that the bank has found meanwhile; one known is never lost."""
        return replace(
            self,
            bank_reference=told.reference or self.bank_reference,
            arn=told.arn or self.arn,
        )
