"""What a run came to, in the counts and sums that are kept with it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from application.reconciliation.read_evidence import RunEvidence
from domain.reconciliation.bank_credits import CreditsOutcome
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.finding import Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.run import Run, RunFile, RunSummary
from domain.reconciliation.run_days import run_days
from domain.reconciliation.taxonomy import DiscrepancyType

ANY_MID = "*"
"""Stands for every MID of ours while nobody knows over which one the bank settles a payment."""


def summary_of(
    run: Run,
    known: RunEvidence,
    outcome: Outcome,
    credited: CreditsOutcome,
    *,
    stored: Iterable[Discrepancy],
    agreement: Agreement,
    reads: int,
) -> RunSummary:
    """Return what *run* came to; *stored* are the discrepancies that it writes."""
    findings = [*outcome.findings, *credited.findings]
    return RunSummary(
        matched=outcome.matched_lines,
        matched_paise=outcome.matched_paise,
        late=outcome.late_lines,
        expected=len(outcome.expected),
        expected_paise=outcome.expected_paise,
        overdue=sum(_is_missing(each) for each in findings),
        discrepancies=sum(not each.is_explained for each in findings),
        healed=sum(each.state is DiscrepancyState.HEALED for each in stored),
        reads=reads,
        received_paise=outcome.totals.payments_received_paise,
        refunded_paise=-outcome.totals.refunds_processed_paise,
        fees_paise=outcome.totals.fee_paise,
        taxes_paise=outcome.totals.tax_paise,
        net_paise=outcome.totals.net_settlement_paise,
        credited_paise=sum(each.amount_paise for each in credited.parts),
        types=_counts(each.type.value for each in findings),
        causes=_counts(each.cause.value for each in findings),
        credits=_counts(each.value for each in credited.credits.values()),
        payouts=_counts(each.value for each in credited.payouts.values()),
        missing=_missing(run, known, outcome.expected, agreement),
        files=tuple(
            RunFile(sha256=each.file, settlement=each.settlement, posted=is_posted)
            for reports, is_posted in ((known.live, True), (known.not_posted, False))
            for each in reports
        ),
        calendar=agreement.terms.calendar.version,
        days=run_days(known.evidence, outcome, findings),
    )


def _is_missing(finding: Finding) -> bool:
    return finding.type is DiscrepancyType.MISSING_IN_GATEWAY


def _missing(
    run: Run, known: RunEvidence, expected: Sequence[BookEntry], agreement: Agreement
) -> dict[str, str]:
    """Return the MIDs of which a file is held, or was due and is not there, with the day of the latest one."""
    days: dict[str, date] = {}
    due = [
        (entry.mid or ANY_MID, entry.due_on)
        for entry in expected
        if run.first <= _business_date(entry, agreement) <= run.last
        and entry.due_on < known.evidence.today
    ]
    held = [(each.totals.mid, each.totals.settled_on) for each in known.not_posted]
    for mid, day in (*due, *held):
        days[mid] = max(day, days.get(mid, day))
    return {mid: day.isoformat() for mid, day in sorted(days.items())}


def _business_date(entry: BookEntry, agreement: Agreement) -> date:
    return agreement.terms.business_date_of(entry.at, entry.mid, entry.method)


def _counts(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
