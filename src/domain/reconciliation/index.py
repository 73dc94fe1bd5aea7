"""Books and lines by the keys that matching asks for, in canonical order."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from domain.business_day import business_day_of
from domain.reconciliation.book_entry import BookEntry, EntryKind
from domain.reconciliation.evidence import Evidence
from domain.reconciliation.reported import ReportedLine

Reference = tuple[str, str]
"""RRN or ARN: which of the two, and the text."""


@dataclass(slots=True)
class Index:
    """What *evidence* holds by id, order, payment, reference, and day with amount."""

    evidence: Evidence
    lines: list[ReportedLine] = field(init=False)
    entries: list[BookEntry] = field(init=False)
    payments: dict[str, BookEntry] = field(init=False)
    refunds: dict[str, BookEntry] = field(init=False)
    of_order: dict[str, list[ReportedLine]] = field(init=False)
    refunds_of: dict[str, list[BookEntry]] = field(init=False)
    entries_with: dict[Reference, list[BookEntry]] = field(init=False)
    lines_with: dict[Reference, list[ReportedLine]] = field(init=False)
    sold_on: dict[tuple[date, int], list[BookEntry]] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = sorted(self.evidence.lines, key=lambda line: line.order)
        self.entries = sorted(self.evidence.books, key=lambda entry: (entry.at, entry.id))
        self.payments = {each.id: each for each in self.entries if each.kind is EntryKind.PAYMENT}
        self.refunds = {each.id: each for each in self.entries if each.kind is EntryKind.REFUND}
        self.of_order, self.refunds_of = defaultdict(list), defaultdict(list)
        self.entries_with, self.lines_with = defaultdict(list), defaultdict(list)
        self.sold_on = defaultdict(list)
        for line in self.lines:
            self.of_order[line.line.payment_id or ""].append(line)
            for reference in references(line.line.rrn, line.line.arn):
                self.lines_with[reference].append(line)
        for entry in self.entries:
            for reference in references(entry.rrn, entry.arn):
                self.entries_with[reference].append(entry)
        for refund in self.refunds.values():
            self.refunds_of[refund.payment_id].append(refund)
        for payment in self.payments.values():
            self.sold_on[business_day_of(payment.at), payment.amount_paise].append(payment)

    def same_reference(self, line: ReportedLine) -> BookEntry | None:
        """
        Return the payment or refund with the RRN or ARN of *line*, if it is unique on both sides.

        Lines of one event count once: a file that comes twice does not make a reference ambiguous.
        """
        told = references(line.line.rrn, line.line.arn)
        kind = line.line.line_type
        found = {
            each.id: each
            for reference in told
            for each in self.entries_with.get(reference, ())
            if each.kind.value == kind.value
        }
        events = {
            each.event
            for reference in told
            for each in self.lines_with[reference]
            if each.line.line_type is kind
        }
        return next(iter(found.values())) if len(found) == 1 and len(events) == 1 else None


def references(rrn: str | None, arn: str | None) -> tuple[Reference, ...]:
    """Return the references that are there."""
    return tuple((name, text) for name, text in (("rrn", rrn), ("arn", arn)) if text)
