"""The state of one comparison: what is left of books and lines, and what was found."""

from dataclasses import dataclass, field

from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.finding import Finding, Match
from domain.reconciliation.index import Index
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.settlements.settlement_line import Direction, LineType


@dataclass(slots=True)
class Comparison:
    """
    The state of one comparison: what is left of both sides, and what was found.

    A line or an expectation that is used leaves the rest, so that nothing is used twice.
    """

    evidence: Evidence
    agreement: Agreement
    index: Index = field(init=False)
    lines: dict[LineRef, ReportedLine] = field(init=False)
    unsettled: dict[str, BookEntry] = field(init=False)
    matches: list[Match] = field(init=False, default_factory=list)
    findings: list[Finding] = field(init=False, default_factory=list)
    silent: list[ReportedLine] = field(init=False, default_factory=list)
    payout_level: list[ReportedLine] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.index = Index(self.evidence)
        self.lines = {line.ref: line for line in self.index.lines}
        self.unsettled = {each.id: each for each in self.index.entries if each.is_open}

    def find(self, finding: Finding) -> None:
        """Keep *finding*, and take its lines and entries out of what is left."""
        self.findings.append(finding)
        for ref in finding.lines:
            del self.lines[ref]
        for entry in finding.entries:
            del self.unsettled[entry]

    def match(self, entry: BookEntry, line: ReportedLine) -> None:
        """Keep the match, and take both sides out of what is left."""
        self.matches.append(Match(entry=entry, line=line))
        del self.lines[line.ref]
        del self.unsettled[entry.id]

    def left(self, kind: LineType, direction: Direction) -> list[ReportedLine]:
        """Return the lines of a kind that nothing has used, in canonical order."""
        return [
            line
            for line in self.lines.values()
            if line.line.line_type is kind and line.line.direction is direction
        ]

    def lines_of(self, payment: str, kind: LineType, direction: Direction) -> list[ReportedLine]:
        """Return the lines of an order that nothing has used, in canonical order."""
        return [
            line
            for line in self.index.of_order.get(payment, ())
            if line.ref in self.lines
            and line.line.line_type is kind
            and line.line.direction is direction
        ]

    def open_refunds_of(self, payment: str) -> list[BookEntry]:
        """Return the paid refunds of a payment that no line has closed, oldest first."""
        return [
            each for each in self.index.refunds_of.get(payment, ()) if each.id in self.unsettled
        ]
