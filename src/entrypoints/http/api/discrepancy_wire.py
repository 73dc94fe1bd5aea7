"""Requests and answers of the discrepancy API; amounts are rupees as text, negative where the bank paid less."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta

from application.discrepancies.resolve_discrepancies import (
    DISCREPANCIES_MAX,
    ResolutionOutcome,
)
from domain.identifiers import DiscrepancyId, PaymentId, is_payment_id
from domain.ledger.account import Account
from domain.ledger.journal import Journal
from domain.money import CURRENCY, Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import (
    NOTE_MAX,
    NOTE_MIN,
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionState,
    checked_note,
)
from domain.reconciliation.resolution_rules import LAWFUL_ACTIONS, ResolutionFieldRefused
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from domain.text.card_number import refuse_card_numbers
from entrypoints.http.api.refund_wire import ID_MAX, Amount, Code
from entrypoints.http.api.wire import Currency
from entrypoints.http.body_faults import AMOUNT, Check, Checks
from entrypoints.http.problems import as_problem

DiscrepancyNumber = Annotated[str, Meta(max_length=ID_MAX, examples=["DCABCDEFGH234567JKLM"])]
SignedRupees = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["-9.00"])]
Versions = Annotated[
    int | dict[str, int],
    Meta(description="The version that was seen: one number for all, or one by id."),
]
Ids = Annotated[list[DiscrepancyNumber], Meta(min_length=1, max_length=DISCREPANCIES_MAX)]


class DiscrepancyView(msgspec.Struct, frozen=True, kw_only=True):
    """A discrepancy in a list. `lawful` are the actions that end its cause; `version` goes with a decision."""

    id: DiscrepancyNumber
    type: DiscrepancyType
    cause: Cause
    subject: str
    ref: str
    settlement: str
    difference: SignedRupees
    in_suspense: SignedRupees
    state: DiscrepancyState
    owner: Owner
    overdue: bool
    first_found_at: datetime
    last_found_at: datetime
    times_found: int
    due_at: datetime
    version: int
    lawful: Sequence[ResolutionAction]

    @classmethod
    def of(cls, discrepancy: Discrepancy, now: datetime) -> Self:
        return cls(**_view(discrepancy, now))


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: a debit is positive, a credit negative."""

    account: Account
    amount: SignedRupees


class JournalView(msgspec.Struct, frozen=True, kw_only=True):
    """
    The journal of a resolution. It is posted when the resolution comes into force.

    That of `release_line` is shown by a dry run alone: the next reconciliation posts it.
    """

    key: Annotated[str, Meta(examples=["accepted/DCABCDEFGH234567JKLM/1"])]
    day: date
    entries: Sequence[EntryView]

    @classmethod
    def of(cls, journal: Journal | None) -> Self | None:
        if journal is None:
            return None
        return cls(
            key=str(journal.key),
            day=journal.day,
            entries=[
                EntryView(account=each.account, amount=each.amount.plain())
                for each in journal.entries
            ],
        )


class ResolutionView(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided, and what became of it."""

    sequence: int
    action: ResolutionAction
    state: ResolutionState
    note: str
    amount: SignedRupees
    account: Account | None
    payment_id: str | None
    until: date | None
    undoes: int | None
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None

    @classmethod
    def of(cls, told: DiscrepancyResolution) -> Self:
        return cls(
            sequence=told.sequence,
            action=told.action,
            state=told.state,
            note=told.note,
            amount=told.amount.plain(),
            account=told.account,
            payment_id=told.payment,
            until=told.until,
            undoes=told.undoes,
            decided_by=told.decided_by,
            decided_at=told.decided_at,
            approved_by=told.approved_by,
            approved_at=told.approved_at,
            ended_by=told.ended_by,
            ended_at=told.ended_at,
        )


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a settlement file, by the hash of the file."""

    file: str
    line: int


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, when, and by whom; `system` is a run."""

    at: datetime
    what: Annotated[str, Meta(examples=["write_off in_force"])]
    by: str
    note: str = ""


class DiscrepancyDetail(DiscrepancyView, frozen=True, kw_only=True):
    """A discrepancy with all evidence, every decision, and what happened to it in order."""

    evidence: Mapping[str, str]
    lines: Sequence[LineView]
    rejected_lines: Sequence[int]
    entries: Sequence[str]
    closed_by: str
    left_to_a_person: str
    resolutions: Sequence[ResolutionView]
    timeline: Sequence[TimelineItem]
    currency: Currency = CURRENCY

    @classmethod
    def with_history(
        cls, discrepancy: Discrepancy, history: Sequence[DiscrepancyResolution], now: datetime
    ) -> Self:
        finding = discrepancy.finding
        return cls(
            **_view(discrepancy, now),
            evidence=dict(finding.evidence),
            lines=[LineView(file=each.file, line=each.line_no) for each in finding.lines],
            rejected_lines=finding.rejected_lines,
            entries=finding.entries,
            closed_by=discrepancy.closed_by,
            left_to_a_person=finding.rule.left_to_a_person,
            resolutions=[ResolutionView.of(each) for each in history],
            timeline=timeline_of(discrepancy, history),
        )


class DiscrepanciesPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of discrepancies; `next` null on the last."""

    items: Sequence[DiscrepancyView]
    next: str | None
    currency: Currency = CURRENCY


class ResolutionsAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One action on each of `ids`. `accept_bank` and `not_ours` name an `account`, `claim`, `wait_until` and
    `record_chargeback` a day; `amount` repeats what is decided about. `refund_student` says that the bank was asked
    for it in its dashboard, and needs `otp`. With `dry_run` nothing is written, and the journal is shown.
    """

    checks: ClassVar[Checks] = {
        "note": Check(checked_note, f"{NOTE_MIN} to {NOTE_MAX} printable characters"),
        "amount": AMOUNT,
    }

    ids: Ids
    action: ResolutionAction
    note: Annotated[
        str,
        Meta(
            min_length=NOTE_MIN,
            max_length=NOTE_MAX,
            description="3 to 500 characters for the audit trail; no card numbers.",
            examples=["The bank rounded; mail of 3 August"],
        ),
    ]
    version: Versions
    account: Account | None = None
    payment_id: Annotated[str, Meta(max_length=ID_MAX)] | None = None
    amount: Amount | None = None
    until: date | None = None
    otp: Code | None = None
    dry_run: bool = False

    @property
    def payment(self) -> PaymentId | None:
        """The id, or ``ResolutionFieldRefused`` for what is none of ours."""
        if self.payment_id is None:
            return None
        if not is_payment_id(self.payment_id):
            raise ResolutionFieldRefused("payment_id", "no payment of ours has it")
        return PaymentId(self.payment_id)

    @property
    def money(self) -> Money | None:
        return None if self.amount is None else Money.from_rupees(self.amount)

    def digest(self) -> str:
        """Return the hex SHA-256 of what is asked for; the code, which changes, is no part of it."""
        said = (
            self.ids,
            self.action,
            self.note.strip(),
            self.version,
            self.account,
            self.payment_id,
            self.money.paise if self.money else None,
            self.until,
        )
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


class ApprovalAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The discrepancies whose proposals are decided, each in the version that was seen."""

    ids: Ids
    version: Versions


class OutcomeView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one discrepancy: how it stands, or the `problem` for which nothing was done."""

    id: DiscrepancyNumber
    state: DiscrepancyState | None = None
    version: int | None = None
    resolution: ResolutionView | None = None
    journal: JournalView | None = None
    problem: dict[str, Any] | None = None

    @classmethod
    def of(cls, outcome: ResolutionOutcome, public_url: str) -> Self:
        if outcome.refusal is not None:
            problem = as_problem(outcome.refusal).body(public_url=public_url)
            return cls(id=outcome.discrepancy, problem=problem)
        if outcome.standing is None:
            return cls(id=outcome.discrepancy)
        standing = outcome.standing
        return cls(
            id=outcome.discrepancy,
            state=standing.discrepancy.state,
            version=standing.discrepancy.version,
            resolution=ResolutionView.of(standing.resolution),
            journal=JournalView.of(standing.journal),
        )


class OutcomesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome for each id, in their order; some may be refused while others are not."""

    outcomes: Sequence[OutcomeView]
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, outcomes: Sequence[ResolutionOutcome], public_url: str) -> Self:
        return cls(outcomes=[OutcomeView.of(each, public_url) for each in outcomes])


def versions_by_id(
    ids: Sequence[str], version: int | Mapping[str, int]
) -> Mapping[DiscrepancyId, int]:
    """
    Return the version that was seen of each of *ids*; -1, which none has, where it is not told.

    Raises ``CardNumberRefused``: the outcome of each would repeat what was sent.
    """
    for each in ids:
        refuse_card_numbers("ids", each)
    if isinstance(version, int):
        return {DiscrepancyId(each): version for each in ids}
    return {DiscrepancyId(each): version.get(each, -1) for each in ids}


def timeline_of(
    discrepancy: Discrepancy, history: Sequence[DiscrepancyResolution]
) -> Sequence[TimelineItem]:
    """Return what happened to *discrepancy* in the order of time."""
    items = [TimelineItem(at=discrepancy.first_found_at, what="found", by="system")]
    if discrepancy.times_found > 1:
        what = f"found again, {discrepancy.times_found} times in all"
        items.append(TimelineItem(at=discrepancy.last_found_at, what=what, by="system"))
    for each in history:
        what = f"{each.action} decided"
        items.append(
            TimelineItem(at=each.decided_at, what=what, by=each.decided_by, note=each.note)
        )
        if each.approved_at is not None and each.approved_by is not None:
            what = f"{each.action} approved"
            items.append(TimelineItem(at=each.approved_at, what=what, by=each.approved_by))
        if each.ended_at is not None and each.ended_by is not None:
            what = f"{each.action} {each.state}"
            items.append(TimelineItem(at=each.ended_at, what=what, by=each.ended_by))
    return sorted(items, key=lambda item: item.at)


def _view(discrepancy: Discrepancy, now: datetime) -> dict[str, Any]:
    finding = discrepancy.finding
    return {
        "id": discrepancy.id,
        "type": finding.type,
        "cause": finding.cause,
        "subject": finding.subject.value,
        "ref": finding.ref,
        "settlement": finding.settlement,
        "difference": Money(finding.difference_paise).plain(),
        "in_suspense": Money(finding.posted_paise).plain(),
        "state": discrepancy.state,
        "owner": discrepancy.owner,
        "overdue": discrepancy.is_overdue(now),
        "first_found_at": discrepancy.first_found_at,
        "last_found_at": discrepancy.last_found_at,
        "times_found": discrepancy.times_found,
        "due_at": discrepancy.due_at,
        "version": discrepancy.version,
        "lawful": sorted(LAWFUL_ACTIONS[finding.cause]),
    }
