"""What a run posts: a journal for each new report, and what moves where earlier findings have changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import (
    Entry,
    Journal,
    JournalKey,
    JournalKind,
    Reversal,
    credit,
    debit,
)
from domain.ledger.settlement_postings import SettlementTotals, post_settlement
from domain.money import ZERO, Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import DiscrepancyKey, Finding
from domain.reconciliation.line_postings import (
    added,
    in_suspense,
    moved,
    totals_of_line,
    totals_of_plain,
)
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.reconciliation.taxonomy import Posting

IN_SUSPENSE: Final = frozenset({Posting.SUSPENSE, Posting.FEES, Posting.NONE})
"""What is posted of these beside fees stands in suspense; of the others, in the account that the taxonomy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """A report of a *settlement* in *file* that counts and has no journal; *sequence* is that of its own."""

    file: str
    settlement: str
    settled_on: date
    sequence: int
    utr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """
    What a run posts, and what stands in the account of each finding afterwards.

    *nets* are the amounts in transit by new report, *findings* those of the outcome with what is posted.
    """

    journals: tuple[Journal, ...]
    nets: Mapping[tuple[str, str], Money]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """
    What an outcome comes to in the ledger; its plain sums are of new reports.

    *counted* are the lines that are live in a live report; *new* are the reports among theirs that have no
    journal yet. *known* are the discrepancies of earlier runs that are open, *closed* the versions of those
    that are not. *payments* has the payment of each refund and payment of the books. *today* is the day
    (India) of what moves in earlier postings.
    """

    outcome: Outcome
    counted: Mapping[LineRef, ReportedLine]
    new: Sequence[NewReport]
    known: Mapping[DiscrepancyKey, Discrepancy]
    payments: Mapping[str, PaymentId]
    today: date
    closed: Mapping[DiscrepancyKey, int] = field(default_factory=dict)
    _finding_of: dict[LineRef, Finding] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._finding_of.update(
            {ref: finding for finding in self.outcome.findings for ref in finding.lines}
        )

    def posted(self) -> Posted:
        """Return the journals of the run, and its findings with what is posted of each."""
        totals = self._totals()
        settlements = [
            post_settlement(
                each.settlement,
                totals[each.file, each.settlement],
                each.settled_on,
                sequence=each.sequence,
                reference=each.utr or "",
            )
            for each in self.new
        ]
        findings = tuple(self._with_posted(each) for each in self.outcome.findings)
        return Posted(
            journals=tuple(
                journal for journal in (*settlements, *self._moves(findings)) if journal
            ),
            nets={report: each.net for report, each in totals.items()},
            findings=findings,
        )

    def _totals(self) -> Mapping[tuple[str, str], SettlementTotals]:
        """Return the totals of each new report."""
        parts: dict[tuple[str, str], list[SettlementTotals]] = {
            (each.file, each.settlement): [] for each in self.new
        }
        for ref, line in self.counted.items():
            if (place := (line.file, line.settlement)) in parts:
                parts[place].append(totals_of_line(line, self._finding_of.get(ref)))
        for sums in self.outcome.plain:
            parts[sums.file, sums.settlement].append(totals_of_plain(sums))
        return {place: added(totals) for place, totals in parts.items()}

    def _with_posted(self, finding: Finding) -> Finding:
        """Return *finding* with what really is posted of it: nothing of a line that does not count."""
        counted = [self.counted[ref] for ref in finding.lines if ref in self.counted]
        if finding.rule.posting not in IN_SUSPENSE:
            return finding if counted else replace(finding, posted_paise=0)
        left = sum(in_suspense(line, finding).paise for line in counted)
        return replace(finding, posted_paise=left - self._short(finding).paise)

    def _short(self, finding: Finding) -> Money:
        """Return by how much the bank settled too little of what it has closed; negative is too much."""
        counts = all(ref in self.counted for ref in finding.lines)
        if not finding.closed or not counts or finding.rule.posting is not Posting.SUSPENSE:
            return ZERO
        return Money(-finding.difference_paise)

    def _moves(self, findings: Iterable[Finding]) -> list[Journal | None]:
        """Return one journal for each discrepancy whose money is not where it was before this run."""
        told = {finding.key: finding for finding in findings}
        entries: dict[DiscrepancyKey, list[Entry | None]] = defaultdict(list)
        new = {(each.file, each.settlement) for each in self.new}
        for key, discrepancy in self.known.items():
            for ref in discrepancy.finding.lines:
                line = self.counted.get(ref)
                if line is not None and (line.file, line.settlement) not in new:
                    entries[key] += moved(
                        line.settlement,
                        totals_of_line(line, discrepancy.finding),
                        totals_of_line(line, self._finding_of.get(ref)),
                    )
        for key in {**told, **self.known}:
            before, after = self._short_before(key, new), self._short_now(told.get(key))
            entries[key] += self._difference(key, told.get(key), after - before)
        return [
            Journal.of(self._key(key), self.today, _summed(entries[key])) for key in sorted(entries)
        ]

    def _short_now(self, finding: Finding | None) -> Money:
        return ZERO if finding is None else self._short(finding)

    def _short_before(self, key: DiscrepancyKey, new: set[tuple[str, str]]) -> Money:
        """Return what an earlier run has posted as the difference of *key*, beside the settlements' journals."""
        discrepancy = self.known.get(key)
        if discrepancy is None or discrepancy.finding.rule.posting not in IN_SUSPENSE:
            return ZERO
        finding = discrepancy.finding
        lines = [self.counted[ref] for ref in finding.lines if ref in self.counted]
        if len(lines) < len(finding.lines):
            # What is superseded is taken back with its settlement.
            return ZERO
        left = sum(
            in_suspense(line, finding).paise
            for line in lines
            if (line.file, line.settlement) not in new
        )
        return Money(left - finding.posted_paise)

    def _difference(
        self, key: DiscrepancyKey, finding: Finding | None, amount: Money
    ) -> tuple[Entry | None, ...]:
        known = self.known.get(key)
        about = finding or (known.finding if known else None)
        payment = self.payments.get(about.ref) if about else None
        return (
            debit(Account.SUSPENSE, amount, payment, discrepancy=key.id),
            credit(Account.CLEARING, amount, payment, discrepancy=key.id),
        )

    def _key(self, key: DiscrepancyKey) -> JournalKey:
        # Each time that a discrepancy is stored it has a new version, which this run will be.
        known = self.known.get(key)
        version = known.version if known else self.closed.get(key, 0)
        return JournalKey(JournalKind.DIFFERENCE, key.id, version + 1)


def taken_back(
    settlement: str, sequence: int, discrepancies: Iterable[Discrepancy], day: date
) -> list[Reversal]:
    """
    Return what is reversed of a superseded report: its journal, and what was moved for its discrepancies.

    A journal that was never posted, or is reversed already, is nothing to take back.
    """
    keys = [JournalKey(JournalKind.SETTLEMENT, settlement, sequence)]
    keys += [
        JournalKey(JournalKind.DIFFERENCE, each.id, version)
        for each in discrepancies
        for version in range(1, each.version + 1)
    ]
    return [Reversal(key, day) for key in keys]


def _summed(entries: Iterable[Entry | None]) -> list[Entry]:
    sums: dict[tuple[Account, PaymentId | None, str | None, str | None], int] = defaultdict(int)
    for each in entries:
        if each is not None:
            place = (each.account, each.payment, each.settlement, each.discrepancy)
            sums[place] += each.amount.paise
    return [Entry(place[0], Money(paise), *place[1:]) for place, paise in sums.items() if paise]
