"""What one run found: a line and an expectation that match, or a discrepancy with its evidence."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from domain.identifiers import DiscrepancyId, discrepancy_id
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.reconciliation.taxonomy import (
    TAXONOMY,
    Action,
    Cause,
    CauseRule,
    DiscrepancyType,
    Subject,
)


class DiscrepancyKey(NamedTuple):
    """The identity of a discrepancy over runs; *settlement* is the file where there is no settlement."""

    type: DiscrepancyType
    cause: Cause
    subject: Subject
    ref: str
    settlement: str

    @property
    def id(self) -> DiscrepancyId:
        """The short id that stands for the identity, in the ledger and wherever people see it."""
        return discrepancy_id(*self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A line that settles an expectation as it has to be; a late one matches as well."""

    entry: BookEntry
    line: ReportedLine

    @property
    def late_by(self) -> tuple[date, date] | None:
        """The day on which it was due and the later one on which it was settled, or ``None``."""
        settled_on = self.line.line.settled_on
        return (self.entry.due_on, settled_on) if settled_on > self.entry.due_on else None


REFUNDED_ON: Final = "refunded_on"
"""The evidence that the bank has given a second charge back: the day (India) on which it settled that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    A discrepancy as one run sees it.

    *difference_paise* is the bank's amount less ours, as it touches our money. *posted_paise* is
    what stands in the account of the cause's rule until it is decided; it differs from the
    difference where the line itself cannot be booked yet. *lines* and *entries* are all that the
    discrepancy is about: each belongs to one discrepancy and to nothing else. *closed* are those of
    the entries that the bank has settled with these lines, whatever is still to be decided.
    *rejected_lines* are numbers of rows that could not be read.
    """

    type: DiscrepancyType
    cause: Cause
    subject: Subject
    ref: str
    settlement: str
    difference_paise: int
    action: Action
    posted_paise: int = 0
    lines: tuple[LineRef, ...] = ()
    rejected_lines: tuple[int, ...] = ()
    entries: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> DiscrepancyKey:
        """The identity over runs."""
        return DiscrepancyKey(self.type, self.cause, self.subject, self.ref, self.settlement)

    @property
    def rule(self) -> CauseRule:
        """The row of the taxonomy."""
        return TAXONOMY[self.type, self.cause]

    @property
    def is_explained(self) -> bool:
        """Whether nothing is left to do: both sides are closed and nothing of the bank's amount is in suspense."""
        if self.cause is Cause.CHARGED_TWICE:
            return REFUNDED_ON in dict(self.evidence)
        return self.cause is Cause.NETTED_REFUND and not self.posted_paise


def facts(**told: object) -> tuple[tuple[str, str], ...]:
    """Return evidence in a canonical order; what is ``None`` is left out."""
    return tuple(sorted((name, str(fact)) for name, fact in told.items() if fact is not None))
