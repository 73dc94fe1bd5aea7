"""What a person decided about a discrepancy: by name, with a note, and what became of the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from domain.errors import DomainError
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKey, JournalKind
from domain.money import Money
from domain.payments.refund import RequestKey
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import on_one_line, unprintable_reason

NOTE_MIN: Final = 3
NOTE_MAX: Final = 500


class ResolutionAction(StrEnum):
    """What a person does about a discrepancy."""

    ACCEPT_BANK = "accept_bank"
    """The bank's amount stands; the difference goes to a named account."""

    CLAIM = "claim"
    """The bank owes it; the money stays in suspense until the bank's date."""

    WRITE_OFF = "write_off"
    MATCH_TO = "match_to"
    NOT_OURS = "not_ours"
    RELEASE_LINE = "release_line"
    """A line that was held is real money."""

    DROP_LINE = "drop_line"
    RECORD_CHARGEBACK = "record_chargeback"
    RECORD_WON = "record_won"
    RECORD_LOST = "record_lost"
    REFUND_STUDENT = "refund_student"
    WAIT_UNTIL = "wait_until"
    UNDO = "undo"
    """Takes the last resolution back that is in force."""


class ResolutionState(StrEnum):
    PROPOSED = "proposed"
    """A second person has to approve it."""

    IN_FORCE = "in_force"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    OVERTAKEN = "overtaken"
    """A later run found another difference, or an explanation."""


class ResolutionEvent(StrEnum):
    """What can happen to a resolution."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    OVERTAKEN = "overtaken"


RESOLUTION_STEPS: Final[Mapping[tuple[ResolutionState, ResolutionEvent], ResolutionState]] = (
    MappingProxyType(
        {
            (ResolutionState.PROPOSED, ResolutionEvent.APPROVED): ResolutionState.IN_FORCE,
            (ResolutionState.PROPOSED, ResolutionEvent.REJECTED): ResolutionState.REJECTED,
            (ResolutionState.PROPOSED, ResolutionEvent.WITHDRAWN): ResolutionState.WITHDRAWN,
            (ResolutionState.PROPOSED, ResolutionEvent.OVERTAKEN): ResolutionState.OVERTAKEN,
            (ResolutionState.IN_FORCE, ResolutionEvent.UNDONE): ResolutionState.UNDONE,
            (ResolutionState.IN_FORCE, ResolutionEvent.OVERTAKEN): ResolutionState.OVERTAKEN,
        }
    )
)


class IllegalResolutionStep(DomainError):
    """The resolution has moved meanwhile, or the step was never possible."""

    def __init__(self, state: ResolutionState, event: ResolutionEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a resolution that is {state} cannot be {event}")


class NoteRefused(DomainError):
    """The note of a resolution is too short, too long or not printable; *fault* says which."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"the note cannot be taken: {fault}")


class ResolutionSecondPersonNeeded(DomainError):
    """Whoever proposed a resolution cannot approve it."""

    def __init__(self, discrepancy: DiscrepancyId) -> None:
        self.discrepancy = discrepancy
        super().__init__("a resolution is approved by someone else than who proposed it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionLimits:
    """
    What one person may write off, accept or release without a second one.

    *each* is for one discrepancy, *day* for all that the person decides alone on one day (IST).
    """

    each: Money
    day: Money


DEFAULT_LIMITS: Final = ResolutionLimits(each=Money(100_00), day=Money(500_00))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyResolution:
    """
    One decision about *discrepancy*; *sequence* counts those about it from 1.

    *amount* is what is decided about, without sign. *difference_paise* and *posted_paise* are those
    of the finding that the person saw. *posts* is the kind of its journal, None without one. *alone*
    counts what the person decided alone and within limits on that day, None where limits do not
    matter or a second person is needed. *undoes* is the sequence of what it takes back. *limits* were
    those of that day.
    """

    discrepancy: DiscrepancyId
    sequence: int
    action: ResolutionAction
    state: ResolutionState
    note: str
    amount: Money
    difference_paise: int
    posted_paise: int
    decided_by: str
    decided_at: datetime
    limits: ResolutionLimits = DEFAULT_LIMITS
    account: Account | None = None
    payment: PaymentId | None = None
    until: date | None = None
    undoes: int | None = None
    alone: int | None = None
    posts: JournalKind | None = None
    key: RequestKey | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def journal_key(self) -> JournalKey | None:
        """The key of the journal that it posts when it comes into force, None when it posts none."""
        if self.posts is None:
            return None
        return JournalKey(self.posts, self.discrepancy, self.sequence)

    def approved(self, by: str, at: datetime) -> Self:
        """Return it in force; raises ``ResolutionSecondPersonNeeded`` when *by* proposed it."""
        state = _after(self.state, ResolutionEvent.APPROVED)
        if by == self.decided_by:
            raise ResolutionSecondPersonNeeded(self.discrepancy)
        return replace(self, state=state, approved_by=by, approved_at=at)

    def ended(self, event: ResolutionEvent, by: str, at: datetime) -> Self:
        """Return it ended by *event*, or raise ``IllegalResolutionStep``."""
        return replace(self, state=_after(self.state, event), ended_by=by, ended_at=at)


def checked_note(note: str) -> str:
    """Return *note* on one line, or raise ``NoteRefused`` or ``CardNumberRefused``."""
    told = on_one_line(note)
    if fault := unprintable_reason(told, NOTE_MAX):
        raise NoteRefused(fault)
    if len(told) < NOTE_MIN:
        raise NoteRefused(f"it is shorter than {NOTE_MIN} characters")
    refuse_card_numbers("note", told)
    return told


def _after(state: ResolutionState, event: ResolutionEvent) -> ResolutionState:
    try:
        return RESOLUTION_STEPS[state, event]
    except KeyError:
        raise IllegalResolutionStep(state, event) from None
