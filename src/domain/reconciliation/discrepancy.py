"""A discrepancy over all runs: one identity, who has it, until when, and how it was closed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from domain.identifiers import DiscrepancyId
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy_state import (
    DISCREPANCY_STEPS,
    DiscrepancyEvent,
    DiscrepancyState,
    discrepancy_after,
)
from domain.reconciliation.finding import DiscrepancyKey, Finding
from domain.reconciliation.reported import LineRef
from domain.reconciliation.taxonomy import Owner, Subject

WORKING_TIME: Final = timedelta(hours=48)
"""Time for the owner to end it; the bank's closed days do not count."""

ONE_DAY: Final = timedelta(days=1)
CLOSED_WEIGHT: Final = -1
"""Less than any weight of an open discrepancy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """
    What runs found under one identity. *finding* is what the last of them saw.

    *due_at* is when its owner has to have ended it. *closed_by* says what closed it without a person.
    *version* counts how often it was stored, 0 for one that is new.
    """

    finding: Finding
    state: DiscrepancyState
    owner: Owner
    first_found_at: datetime
    last_found_at: datetime
    due_at: datetime
    times_found: int = 1
    closed_by: str = ""
    version: int = 0

    @classmethod
    def of(cls, finding: Finding, at: datetime, calendar: BankCalendar) -> Self:
        """Return the discrepancy of a *finding* that no earlier run had; a netted refund is explained at once."""
        explained = finding.is_explained
        return cls(
            finding=finding,
            state=DiscrepancyState.EXPLAINED if explained else DiscrepancyState.OPEN,
            owner=finding.rule.owner,
            first_found_at=at,
            last_found_at=at,
            due_at=calendar.add_working_time(at, WORKING_TIME),
            closed_by=finding.cause if explained else "",
        )

    @property
    def key(self) -> DiscrepancyKey:
        """The identity over runs."""
        return self.finding.key

    @property
    def id(self) -> DiscrepancyId:
        """The short id of that identity."""
        return self.finding.key.id

    def found(
        self, finding: Finding, at: datetime, calendar: BankCalendar, *, told_anew: bool = False
    ) -> Self:
        """
        Return it as a later run found it; what was closed opens again, with new time for its owner.

        *told_anew* says that what was decided holds for other lines than those that were found now.
        """
        if finding.is_explained:
            again = replace(
                self, finding=finding, last_found_at=at, times_found=self.times_found + 1
            )
            return again.explained(finding.cause)
        changed = told_anew or finding.difference_paise != self.finding.difference_paise
        event = DiscrepancyEvent.FOUND_CHANGED if changed else DiscrepancyEvent.FOUND_AGAIN
        state = discrepancy_after(self.state, event)
        opened = state.is_open and not self.state.is_open
        return replace(
            self,
            finding=finding,
            state=state,
            last_found_at=at,
            times_found=self.times_found + 1,
            due_at=calendar.add_working_time(at, WORKING_TIME) if opened else self.due_at,
            closed_by="" if opened else self.closed_by,
        )

    def counted(self, finding: Finding, at: datetime, calendar: BankCalendar) -> Self:
        """Return it open once more with *finding*: a line that a person has released counts from now on."""
        return replace(
            self,
            finding=finding,
            state=discrepancy_after(self.state, DiscrepancyEvent.LINE_COUNTED),
            owner=finding.rule.owner,
            due_at=calendar.add_working_time(at, WORKING_TIME),
        )

    def explained(self, by: str) -> Self:
        """Return it explained *by* later evidence, or as it is when it is closed already."""
        if (self.state, DiscrepancyEvent.EXPLAINED) not in DISCREPANCY_STEPS:
            return self
        state = discrepancy_after(self.state, DiscrepancyEvent.EXPLAINED)
        return replace(self, state=state, closed_by=by)

    def healed(self, by: str) -> Self:
        """Return it healed: a read of the bank, in the run *by*, has repaired the books."""
        reading = (
            self.state
            if self.state is DiscrepancyState.HEALING
            else discrepancy_after(self.state, DiscrepancyEvent.READ_BEGUN)
        )
        state = discrepancy_after(reading, DiscrepancyEvent.READ_REPAIRED)
        return replace(self, state=state, closed_by=by)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its owner is out of time."""
        return self.state.is_open and now > self.due_at

    def priority(self, now: datetime) -> tuple[bool, int]:
        """
        Return what sorts highest first: overdue before the rest, then paise times days since it was found.

        What is closed has no priority: it comes behind all that is open.
        """
        if not self.state.is_open:
            return (False, CLOSED_WEIGHT)
        days = (now - self.first_found_at) // ONE_DAY + 1
        return (self.is_overdue(now), abs(self.finding.difference_paise) * days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    What a run has looked at and placed, so that what it did not find again is explained.

    *lines* were compared, or are superseded by a re-issue. *entries* were settled by a line.
    *bank_entries* and *settlements* were paid, or are settlements that a later file tells anew and
    whole. *files* were replaced or released.
    """

    lines: frozenset[LineRef] = frozenset()
    entries: frozenset[str] = frozenset()
    bank_entries: frozenset[str] = frozenset()
    settlements: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def explains(self, finding: Finding) -> bool:
        """Whether all that *finding* is about has been placed otherwise; silence explains nothing."""
        if finding.lines:
            return self.lines.issuperset(finding.lines)
        if finding.entries:
            return self.entries.issuperset(finding.entries)
        if finding.subject is Subject.BANK_CREDIT:
            return finding.ref in self.bank_entries
        return finding.settlement in self.files | self.settlements


def follow_up(
    known: Mapping[DiscrepancyKey, Discrepancy],
    findings: Iterable[Finding],
    judged: Judged,
    *,
    at: datetime,
    calendar: BankCalendar,
    by: str,
    of_lines: Collection[DiscrepancyKey] = (),
) -> tuple[Discrepancy, ...]:
    """
    Return every discrepancy that is new or changes by a run *at* this instant, in the order of their keys.

    *known* are those of the run's range, closed ones included; *by* names the run. What was decided
    about *of_lines* holds for the lines of that time alone.
    """
    told = {finding.key: finding for finding in findings}
    found = [
        known[key].found(
            finding,
            at,
            calendar,
            told_anew=key in of_lines and finding.lines != known[key].finding.lines,
        )
        if key in known
        else Discrepancy.of(finding, at, calendar)
        for key, finding in told.items()
    ]
    gone = [
        each.explained(by)
        for key, each in known.items()
        if key not in told and each.state.is_open and judged.explains(each.finding)
    ]
    return tuple(sorted((*found, *gone), key=lambda each: each.key))
