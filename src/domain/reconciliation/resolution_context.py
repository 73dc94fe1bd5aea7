"""What a decision about a discrepancy is made on, and what is stored and posted because of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import DomainError
from domain.identifiers import DiscrepancyId
from domain.ledger.payment_postings import Postings
from domain.money import ZERO, Money
from domain.payments.basis import DisputeBasis
from domain.payments.decision import Decision
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.payment import Payment
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.expectation import ExpectationMove, ExpectationStanding
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionState,
)


class StaleDiscrepancy(DomainError):
    """The discrepancy is not, or no longer, as the person saw it."""

    def __init__(self, discrepancy: DiscrepancyId, seen: int, version: int) -> None:
        self.discrepancy, self.seen, self.version = discrepancy, seen, version
        super().__init__(f"version {seen} was seen, and it is at {version}; look again and decide")


NOTHING_POSTED: Final = Postings()


@dataclass(frozen=True, slots=True)
class DecidedAlone:
    """What one person decided alone and within limits on a day: how often, and how much is in force."""

    count: int = 0
    total: Money = ZERO


@dataclass(frozen=True, slots=True)
class DisputedPayment:
    """What becomes of the payment whose dispute is recorded, and what that was decided on."""

    decision: Decision
    basis: DisputeBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionDecision:
    """
    What is stored and posted together.

    *resolution* is new or decided now, *undone* what it takes back. *move* settles or reopens the
    expectation that a line is matched with. *paid* is what a credit pays from now on, *unpaid* what it
    pays no more. *disputed* is what becomes of the payment whose dispute is recorded.
    """

    discrepancy: Discrepancy
    resolution: DiscrepancyResolution
    undone: DiscrepancyResolution | None = None
    postings: Postings = NOTHING_POSTED
    move: ExpectationMove | None = None
    paid: CreditPart | None = None
    unpaid: CreditPart | None = None
    disputed: DisputedPayment | None = None


def is_asked_refund(resolution: DiscrepancyResolution) -> bool:
    """Whether staff have asked the bank by *resolution* to give a charge back to the student."""
    return (resolution.action, resolution.state) == (
        ResolutionAction.REFUND_STUDENT,
        ResolutionState.IN_FORCE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionContext:
    """
    What a decision about *discrepancy* is made on; *history* holds all decisions about it in their order.

    *expectation* is that of the payment with which a line is to be matched, or was. *payment* is the one whose
    dispute is to be recorded, or was, if it is known; *dispute_response* is how long a new dispute may be answered.
    """

    discrepancy: Discrepancy
    history: Sequence[DiscrepancyResolution]
    calendar: BankCalendar
    at: datetime
    expectation: ExpectationStanding | None = None
    payment: Payment | None = None
    dispute_response: timedelta = RESPONSE_USUAL

    @property
    def in_force(self) -> DiscrepancyResolution | None:
        """Return the last resolution that can be undone; a refund cannot, once it was asked for."""
        found = [
            each
            for each in self.history
            if each.state is ResolutionState.IN_FORCE
            and each.undoes is None
            and each.action is not ResolutionAction.REFUND_STUDENT
        ]
        return found[-1] if found else None

    @property
    def asks_for_refund(self) -> bool:
        """Whether a refund was asked for: it is asked for once."""
        return any(map(is_asked_refund, self.history))

    @property
    def proposed(self) -> DiscrepancyResolution | None:
        """Return the resolution that awaits approval: there is one at most."""
        waiting = (each for each in self.history if each.state is ResolutionState.PROPOSED)
        return next(waiting, None)

    def seen_as(self, version: int) -> Discrepancy:
        """Return the discrepancy, or raise ``StaleDiscrepancy`` when the person saw another version."""
        if version != self.discrepancy.version:
            raise StaleDiscrepancy(self.discrepancy.id, version, self.discrepancy.version)
        return self.discrepancy
