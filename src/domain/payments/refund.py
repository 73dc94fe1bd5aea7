"""One refund of a payment: who requested it and why, and its progress at the bank."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

from domain.business_day import IST
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import TEXTS_MAX, RefundFacts, RefundVerdict
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundEvent, RefundState, refund_after
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason

REFUND_MIN: Final = Money(100)
"""INR 1.00, unless less than that is left to refund."""

REFUND_REQUESTS_MAX: Final = 25
"""The bank takes no more requests than this for one order (SmartGateway's refund API)."""

REFUND_REASON_MIN: Final = 3
REFUND_REASON_MAX: Final = 200
OVERDUE_AFTER: Final = timedelta(days=10)
"""After this staff have to contact the bank (SmartGateway's refund API)."""

SYSTEM: Final = "system"
"""Who requests a refund, or ends a request, when no member of staff does."""

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
    """Nothing of this payment can be refunded: it captured no money."""

    def __init__(self, payment: PaymentId, state: State) -> None:
        self.payment, self.state = payment, state
        super().__init__(f"a payment that is {state} has nothing to give back")


class RefundTooLarge(DomainError):
    """More was requested than is left after all refunds that are paid or in flight."""

    def __init__(self, asked: Money, left: Money) -> None:
        self.asked, self.left = asked, left
        super().__init__(f"asked for {asked}, only {left} is left to refund")


class RefundTooSmall(DomainError):
    """Less was requested than the bank refunds at least."""

    def __init__(self, asked: Money, least: Money) -> None:
        self.asked, self.least = asked, least
        super().__init__(f"asked for {asked}, the bank gives back {least} or more")


class StaleAvailable(DomainError):
    """The request names an amount still left to refund that is not, or no longer, the right one."""

    def __init__(self, believed: Money, left: Money) -> None:
        self.believed, self.left = believed, left
        super().__init__(f"{left} is left to refund and not {believed}; look again and decide")


class TooManyRefunds(DomainError):
    """The bank accepts no further request for this order."""

    def __init__(self) -> None:
        self.at_most = REFUND_REQUESTS_MAX
        super().__init__(f"the bank takes at most {REFUND_REQUESTS_MAX} refund requests an order")


class ReasonRefused(DomainError):
    """The reason of a refund is too short, too long or not printable; *fault* says which."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the reason cannot be taken: {fault}")


def check_reason(reason: str) -> None:
    """Return when staff's *reason* can be written down, or raise ``ReasonRefused`` or ``CardNumberRefused``."""
    if fault := unprintable_reason(reason, REFUND_REASON_MAX):
        raise ReasonRefused(fault)
    if len(reason.strip()) < REFUND_REASON_MIN:
        raise ReasonRefused(f"it is shorter than {REFUND_REASON_MIN} characters")
    refuse_card_numbers("reason", reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A client's idempotency key, and the SHA-256 of the first body sent with it, in hex."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """
    What a member of staff, or the system, requests.

    *available* is the amount that the requester saw as left to refund, None when they named none.
    *revokes* ends the enrolment once the refund is paid, which a full refund does anyway. Raises
    ``ReasonRefused`` and ``CardNumberRefused``.
    """

    id: RefundId
    amount: Money
    reason: str
    by: str
    available: Money | None = None
    revokes: bool = False
    key: RequestKey | None = None

    def __post_init__(self) -> None:
        check_reason(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """
    A refund, requested here or adopted from the bank.

    *asked_by* is ``staff:ID`` or ``system`` for one of ours, and the bank's word for one made
    *outside*: in the bank's dashboard, or by the bank itself. *decided_by* approved, rejected or
    withdrew it. *accepted_at* is when we first knew that the bank has it, *closed_at* when it
    ended. *arn* is the acquirer reference number, *error* the bank's. Instants are UTC.
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
        """Return the refund for *request*; with *waits* a second person has to approve it first."""
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
    def adopt(cls, facts: RefundFacts, amount: Money, at: datetime) -> Self:
        """Return the refund that the bank reports and that was not requested here."""
        state = ADOPTED[facts.verdict]
        return cls(
            id=facts.id,
            amount=amount,
            state=state,
            asked_by=facts.initiated_by or "bank",
            asked_at=facts.asked_at or at,
            outside=True,
            accepted_at=facts.asked_at or at,
            closed_at=None if state.is_in_flight else at,
            bank_reference=facts.reference,
            arn=facts.arn,
            error=facts.error,
        )

    @property
    def expected_on(self) -> date:
        """The day, in India, by which the student's bank should show it: seven working days, holidays ignored."""
        day = (self.accepted_at or self.asked_at).astimezone(IST).date()
        left = WORKING_DAYS_TO_ARRIVE
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < SATURDAY
        return day

    @property
    def promised_on(self) -> date | None:
        """``expected_on`` while it is in flight or paid; None for one that ended without payment."""
        on_its_way = self.state.is_in_flight or self.state is RefundState.SUCCESS
        return self.expected_on if on_its_way else None

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is with the bank for ``OVERDUE_AFTER`` or longer."""
        since = self.accepted_at or self.decided_at or self.asked_at
        return self.state.is_with_the_bank and at - since >= OVERDUE_AFTER

    def approval_lapsed(self, at: datetime, after: timedelta) -> bool:
        """Whether it waits for approval for as long as *after*, or longer."""
        return self.state is RefundState.AWAITING_APPROVAL and at - self.asked_at >= after

    def decided(self, event: RefundEvent, by: str, at: datetime) -> Self:
        """Return it approved, rejected or withdrawn *by* a member of staff, or raise ``IllegalRefundStep``."""
        state = refund_after(self.state, event)
        return replace(
            self,
            state=state,
            decided_by=by,
            decided_at=at,
            closed_at=None if state.is_in_flight else at,
        )

    def moved(self, event: RefundEvent, at: datetime, *, error: str = "") -> Self:
        """
        Return it after a step that the bank reported, or raise ``IllegalRefundStep``.

        *error* is a text of any length, the bank's own where it reported one: its beginning is kept.
        """
        state = refund_after(self.state, event)
        known = event not in {RefundEvent.BANK_REFUSED, RefundEvent.DISPUTE_LOST}
        return replace(
            self,
            state=state,
            accepted_at=self.accepted_at or (at if known else None),
            closed_at=None if state.is_in_flight else at,
            error=error[: TEXTS_MAX["error"]],
        )

    def detailed(self, facts: RefundFacts) -> Self:
        """Return it with the references in *facts*; a reference that is known already is never lost."""
        return replace(
            self,
            bank_reference=facts.reference or self.bank_reference,
            arn=facts.arn or self.arn,
        )
