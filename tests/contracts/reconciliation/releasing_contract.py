"""A line that stands twice in its file and is real: it counts from the next run on; on both storages."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Final

import pytest

from contracts.reconciliation.book_reads_contract import sold
from contracts.reconciliation.reconciling_contract import PRICE, Trial, line, payout, state
from contracts.settlements.settlement_files_contract import (
    AUDITED,
    CONTENT,
    ONE,
    TWO,
    bring,
    totals_of,
)
from contracts.storage import Storage
from domain.ledger.account import Account
from domain.money import Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.payout import PayoutOutcome
from domain.reconciliation.resolution import (
    ResolutionAction,
    ResolutionLimits,
    ResolutionState,
)
from domain.reconciliation.taxonomy import Cause
from domain.reconciliation.undo_resolution import UndoRefused
from domain.settlements.file_state import SettlementFileState
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import SettlementLine
from domain.settlements.settlement_report import ReportState
from ports.settlements.settlement_files import Release, ReportVerdict

Do = ResolutionAction
SETTLED: Final = {Account.TRANSIT: PRICE, Account.RECEIVABLE: -PRICE}
TWICE: Final = {
    Account.TRANSIT: 2 * PRICE,
    Account.SUSPENSE: -PRICE,
    Account.RECEIVABLE: -PRICE,
}
FEE: Final = 20_00


def again(number: int = 2, told: SettlementLine | None = None) -> SettlementLine:
    """Return the line of the first sale, or what is *told*, once more, at line *number* of its file."""
    return replace(told or line(1), line_no=number, occurrence=number)


class ReleasingContract:
    @pytest.fixture
    def trial(self, storage: Storage) -> Trial:
        return Trial(storage, limits=ResolutionLimits(each=Money(PRICE * 9), day=Money(PRICE * 9)))

    async def test_a_line_that_was_released_counts_from_the_next_run_on(self, trial: Trial) -> None:
        """
        It is money that came twice then, and posted once, whatever runs; that it was released stays known.
        """
        duplicate = await _duplicate(trial)
        released = await trial.decide(duplicate.id, Do.RELEASE_LINE)
        assert released.discrepancy.state is DiscrepancyState.RESOLVED
        assert await trial.balances() == SETTLED

        for _ in range(2):
            await trial.run(days=1)
            assert await trial.balances() == TWICE
            assert await trial.open_causes() == [Cause.CHARGED_TWICE]

        kept = await _of(trial, Cause.DUPLICATE_LINE)
        assert kept.state is DiscrepancyState.EXPLAINED
        (decision,) = await trial.storage.discrepancies.resolutions(kept.id)
        assert decision.state is ResolutionState.IN_FORCE

    @pytest.mark.parametrize("paise", [PRICE, PRICE - 9_00])
    async def test_what_is_held_back_stays_what_it_is(self, trial: Trial, paise: int) -> None:
        """
        Whether it repeats a line or tells of it with another amount: later runs, which see no more than that, agree.
        """
        second = replace(line(1, paise), line_no=2, occurrence=2 if paise == PRICE else 1)
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), second)
        await trial.run()
        found = await trial.found()

        await trial.run(days=1)

        assert await trial.balances() == SETTLED
        again = await trial.found()
        assert [each.times_found for each in again] == [2]
        assert [each.finding for each in again] == [each.finding for each in found]

    async def test_a_release_is_undone_until_a_run_has_counted_the_line(self, trial: Trial) -> None:
        """
        Then it is too late: what the run found about the line is ended instead.
        """
        duplicate = await _duplicate(trial)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        await trial.decide(duplicate.id, Do.UNDO)
        await trial.run(days=1)
        assert await trial.open_causes() == [Cause.DUPLICATE_LINE]
        assert await trial.balances() == SETTLED

        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        await trial.run(days=1)

        with pytest.raises(UndoRefused):
            await trial.decide(duplicate.id, Do.UNDO)
        assert await trial.balances() == TWICE

    async def test_what_was_released_waits_for_the_file_that_holds_it(self, trial: Trial) -> None:
        """
        While the file is held nothing of it counts; then its journal has all of its lines.
        """
        lines = [line(1), again()]
        duplicate = await _duplicate(trial, *lines, state=ReportState.HELD)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        await trial.run(days=1)
        assert Account.TRANSIT not in await trial.balances()
        assert (await _of(trial, Cause.DUPLICATE_LINE)).state is DiscrepancyState.RESOLVED

        await _release_file(trial, lines)
        await trial.run(days=1)

        assert await trial.balances() == TWICE
        assert await trial.open_causes() == [Cause.CHARGED_TWICE]

    async def test_what_was_released_is_awaited_on_the_account(self, trial: Trial) -> None:
        """
        Also of a settlement that was credited: the rest is to come, with its fee taken off.
        """
        await state(trial.storage, payout(1, PRICE - FEE))
        told = line(1, fee=Money(FEE), net=Money(PRICE - FEE))
        duplicate = await _duplicate(trial, told, again(2, told), again(3, told))
        assert await trial.uncredited() == []
        await trial.decide(duplicate.id, Do.RELEASE_LINE)

        ended = await trial.run(days=1)

        assert ended.summary
        assert len(await trial.uncredited()) == 1
        assert set(ended.summary.payouts) <= {PayoutOutcome.AWAITED, PayoutOutcome.OVERDUE}
        balances = await trial.balances()
        assert balances[Account.TRANSIT] == 2 * (PRICE - FEE)
        assert balances[Account.SUSPENSE] == -2 * PRICE
        assert balances[Account.MDR] == 3 * FEE

    @pytest.mark.parametrize("twice", [True, False])
    async def test_a_reissue_takes_a_released_line_back(self, trial: Trial, *, twice: bool) -> None:
        """
        Where it tells the line twice once more a person decides anew; where it does not, it never was.
        """
        duplicate = await _duplicate(trial)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        await trial.run(days=1)
        lines = [line(1), again()] if twice else [line(1)]

        await bring(trial.storage, TWO, *lines, reported=ReportedAgain.REISSUE)
        await trial.run(days=1)

        assert await trial.balances() == SETTLED
        assert await trial.open_causes() == ([Cause.DUPLICATE_LINE] if twice else [])
        (decision,) = await trial.storage.discrepancies.resolutions(duplicate.id)
        expected = ResolutionState.OVERTAKEN if twice else ResolutionState.IN_FORCE
        assert decision.state is expected

    async def test_a_run_that_dies_after_it_has_counted_leaves_books_in_order(
        self, trial: Trial
    ) -> None:
        """
        The money stands in suspense, and nobody may drop it; the next run finds out what it is.
        """
        duplicate = await _duplicate(trial)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)

        for _ in range(2):
            await trial.worker().count_released_lines()

        assert await trial.balances() == TWICE
        assert await trial.open_causes() == [Cause.DUPLICATE_LINE]
        await trial.run(days=1)
        assert await trial.balances() == TWICE
        assert await trial.open_causes() == [Cause.CHARGED_TWICE]

    async def test_what_somebody_undoes_meanwhile_is_not_counted(self, trial: Trial) -> None:
        """
        The unit that counts a line reads once more whether it is released.
        """
        duplicate = await _duplicate(trial)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        counting = trial.worker().count_released_lines
        unposted = counting.settlements.unposted

        async def undone_meanwhile() -> object:
            await trial.decide(duplicate.id, Do.UNDO)
            return await unposted()

        reads = SimpleNamespace(unposted=undone_meanwhile, lines_at=counting.settlements.lines_at)
        await replace(counting, settlements=reads)()

        assert await trial.balances() == SETTLED
        assert await trial.open_causes() == [Cause.DUPLICATE_LINE]

    async def test_what_was_superseded_meanwhile_never_counts(self, trial: Trial) -> None:
        """
        The release was about a line of a report that is no more.
        """
        duplicate = await _duplicate(trial)
        await trial.decide(duplicate.id, Do.RELEASE_LINE)
        await bring(trial.storage, TWO, line(1), reported=ReportedAgain.REISSUE)

        await trial.run(days=1)

        assert await trial.balances() == SETTLED
        assert await trial.open_causes() == []
        (decision,) = await trial.storage.discrepancies.resolutions(duplicate.id)
        assert decision.state is ResolutionState.OVERTAKEN


async def _duplicate(
    trial: Trial, *lines: SettlementLine, state: ReportState = ReportState.LIVE
) -> Discrepancy:
    """Sell, let the bank tell of it twice in a file, and return what a run finds."""
    await sold(trial.storage, 1)
    await bring(trial.storage, ONE, *(lines or (line(1), again())), state=state)
    await trial.run()
    return await _of(trial, Cause.DUPLICATE_LINE)


async def _of(trial: Trial, cause: Cause) -> Discrepancy:
    (found,) = (each for each in await trial.found() if each.finding.cause is cause)
    return found


async def _release_file(trial: Trial, lines: Sequence[SettlementLine]) -> None:
    """Let a person release the file that holds *lines*."""
    async with trial.storage.settlement_files.importing(ONE) as work:
        content = replace(CONTENT, line_count=len(lines), skipped_count=0, declared=())
        totals = totals_of(lines)
        verdicts = [
            ReportVerdict(settlement=each.key, state=ReportState.LIVE, reported=None)
            for each in totals
        ]
        await work.conclude(
            SettlementFileState.IMPORTED,
            content,
            totals,
            verdicts,
            AUDITED,
            release=Release(at=trial.clock.at, by="staff:mira", why="as the bank says"),
        )
