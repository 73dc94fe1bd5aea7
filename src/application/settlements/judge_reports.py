"""Decide what each settlement of a file counts for, beside what other files have reported of it."""

from collections.abc import Collection, Sequence

from domain.settlements.reissue import difference_between
from domain.settlements.settlement_report import ReportState, judge_report
from domain.settlements.settlement_totals import SettlementTotals
from ports.settlements.settlement_files import ReportVerdict, SettlementFileImport


async def judge_reports(
    work: SettlementFileImport,
    settlements: Sequence[SettlementTotals],
    *,
    taken: Collection[str] = (),
) -> list[ReportVerdict]:
    """Return a verdict for each of *settlements*; a re-issue of those *taken* is taken by a person."""
    keys = [each.key for each in settlements]
    known = await work.reported_before(keys)
    return [
        await _judged(work, key, is_taken=key in taken)
        if key in known
        else ReportVerdict(settlement=key, state=ReportState.LIVE, reported=None)
        for key in keys
    ]


async def _judged(work: SettlementFileImport, key: str, *, is_taken: bool) -> ReportVerdict:
    told = await work.difference(key)
    difference = difference_between(told.before, told.after, equal=told.unchanged)
    judgement = judge_report(
        difference, matched=told.matched, was_held=told.is_held, is_taken=is_taken
    )
    return ReportVerdict(settlement=key, state=judgement.state, reported=judgement.reported)
