"""What any export of a run has to tell, whatever keeps the books: in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TypeVar

import pytest

from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.reconciliation.reconciling_contract import (
    DAY,
    PRICE,
    TUESDAY,
    Trial,
    line,
    payout,
    state,
)
from contracts.settlements.settlement_files_contract import ONE, TWO, bring
from contracts.storage import Storage
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.run import Run
from domain.reconciliation.taxonomy import Cause
from domain.settlements.settlement_line import Direction, LineType
from domain.settlements.settlement_report import ReportState
from fakes.samples import payment_id, refund_id
from ports.reconciliation.run_export import (
    ExportedCredit,
    ExportedDiscrepancy,
    ExportedExpectation,
    ExportedJournal,
    ExportedMatch,
    ExportedRow,
    ExportedSettlement,
)

Row = TypeVar("Row")


async def rows(storage: Storage, run: Run) -> list[ExportedRow]:
    """Return all rows of the export of *run*, list after list."""
    found: list[ExportedRow] = []
    async with storage.run_exports(run) as export:
        lists: tuple[AsyncIterator[ExportedRow], ...] = (
            export.settlements(),
            export.matched(),
            export.expected(),
            export.discrepancies(),
            export.credits(),
            export.journals(),
        )
        for each in lists:
            found += [row async for row in each]
    return found


def of(told: list[ExportedRow], kind: type[Row]) -> list[Row]:
    return [each for each in told if isinstance(each, kind)]


class RunExportContract:
    @pytest.fixture
    def trial(self, storage: Storage) -> Trial:
        return Trial(storage)

    async def test_a_quiet_range_has_no_rows(self, trial: Trial) -> None:
        """
        A run that found nothing is no error.
        """
        assert await rows(trial.storage, await trial.run()) == []

    async def test_each_fact_stands_in_one_list(self, trial: Trial) -> None:
        """
        What agrees is matched, what differs is a discrepancy alone; the file, its credit and its journals stand there.
        """
        for number in (1, 2):
            await sold(trial.storage, number)
        await bring(trial.storage, ONE, line(1), line(2, PRICE - 9_00))
        await state(trial.storage, payout(1, 2 * PRICE - 9_00))

        told = await rows(trial.storage, await trial.run())

        (settlement,) = of(told, ExportedSettlement)
        assert (settlement.file, settlement.state) == (ONE, ReportState.LIVE)
        assert settlement.net == settlement.credited == settlement.amount == Money(2 * PRICE - 9_00)
        assert settlement.payout is PayoutOutcome.CREDITED
        assert settlement.posted_at == trial.clock.at
        (match,) = of(told, ExportedMatch)
        assert (match.record.id, match.day) == (payment_id(1), TODAY)
        assert match.record.client_reference == "order-1"
        assert (match.line.file, match.line.line.payment_id) == (ONE, payment_id(1))
        assert match.amount == Money(PRICE)
        assert of(told, ExportedExpectation) == []
        (found,) = of(told, ExportedDiscrepancy)
        assert found.discrepancy.finding.cause is Cause.GROSS_DIFFERS
        assert found.line
        assert found.line.line.payment_id == payment_id(2)
        assert found.client_reference == "order-2"
        assert (found.decision, found.payment, found.amount) == (None, None, Money(-9_00))
        (credit,) = of(told, ExportedCredit)
        assert credit.part
        assert credit.part.settlement == settlement.totals.key
        assert (credit.outcome, credit.amount) == (CreditOutcome.MATCHED, settlement.net)
        journals = {each.key.kind: each.amount for each in of(told, ExportedJournal)}
        assert journals == {
            JournalKind.SETTLEMENT: settlement.net,
            JournalKind.DIFFERENCE: Money(9_00),
            JournalKind.BANK_CREDIT: settlement.net,
        }
        assert of(told, ExportedJournal)[0].key.kind is JournalKind.SETTLEMENT

    async def test_it_tells_what_stood_when_the_run_ended(self, trial: Trial) -> None:
        """
        What a later run matched is expected in the export of the earlier one, which found nothing.
        """
        await sold(trial.storage, 1)
        first = await trial.run()
        await bring(trial.storage, ONE, line(1))
        second = await trial.run(days=1)

        before = await rows(trial.storage, first)
        after = await rows(trial.storage, second)

        (expected,) = of(before, ExportedExpectation)
        assert (expected.record.id, expected.day) == (payment_id(1), TODAY)
        assert (expected.due_on, expected.amount) == (None, Money(PRICE))
        assert of(before, ExportedMatch) == []
        assert [each.record.id for each in of(after, ExportedMatch)] == [payment_id(1)]
        assert of(after, ExportedExpectation) == []

    async def test_what_came_after_it_knew_is_not_expected(self, trial: Trial) -> None:
        """
        A sale behind the instant of what the run knew is a matter of the next one.
        """
        trial.clock.at -= 2 * DAY
        await trial.ask(TODAY, TODAY)
        run = await trial.worker()()
        await sold(trial.storage, 1)

        assert run
        assert of(await rows(trial.storage, run), ExportedExpectation) == []

    async def test_a_decision_stands_with_its_discrepancy(self, trial: Trial) -> None:
        """
        The last one, and its journal; a run that finds nothing any more does not tell of it.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1, PRICE - 9_00))
        run = await trial.run()
        (found,) = await trial.found()
        await trial.write_off(found.id)

        told = await rows(trial.storage, run)

        (row,) = of(told, ExportedDiscrepancy)
        assert row.decision
        assert row.decision.action is ResolutionAction.WRITE_OFF
        assert row.decision.state is ResolutionState.IN_FORCE
        assert {each.key.kind for each in of(told, ExportedJournal)} == {
            JournalKind.SETTLEMENT,
            JournalKind.DIFFERENCE,
            JournalKind.ACCEPTED,
        }
        later = await rows(trial.storage, await trial.run(days=1))
        assert of(later, ExportedDiscrepancy) == []
        assert [each.record.id for each in of(later, ExportedMatch)] == [payment_id(1)]

    async def test_a_refund_is_negative_and_names_its_payment(self, trial: Trial) -> None:
        """
        One is matched by its line; another, which no line nets, is a discrepancy about a refund.
        """
        await sold(trial.storage, 1, refund_id(1), refund_id(2), paid=2)
        back = line(
            1, 100_00, line_type=LineType.REFUND, direction=Direction.DR, net=Money(-100_00),
            refund_id=refund_id(1), bank_txn_id="BACK1", rrn=None, line_no=3,
        )  # fmt: skip
        await bring(trial.storage, ONE, line(1), back)
        trial.clock.at += 3 * DAY
        await trial.ask(TODAY, TUESDAY + DAY)
        run = await trial.worker()()
        assert run

        told = await rows(trial.storage, run)

        amounts = {each.record.id: each.amount for each in of(told, ExportedMatch)}
        assert amounts == {payment_id(1): Money(PRICE), refund_id(1): Money(-100_00)}
        left = of(told, ExportedExpectation)
        assert [(each.record.id, each.amount) for each in left] == [(refund_id(2), Money(-100_00))]
        assert [each.record.client_reference for each in left] == ["order-1"]

    async def test_a_file_that_tells_nothing_new_is_left_out(self, trial: Trial) -> None:
        """
        Nor does an entry stand there that has nothing to do with settlements; one that the run found does.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        await bring(trial.storage, TWO, line(1), state=ReportState.REPEATED)
        rent = replace(payout(1, -50_00), narration="RENT", narrated=None)
        await state(trial.storage, rent, payout(2, 77_00, day=TUESDAY + 9 * DAY))

        told = await rows(trial.storage, await trial.run())

        assert [each.file for each in of(told, ExportedSettlement)] == [ONE]
        (credit,) = of(told, ExportedCredit)
        assert (credit.entry.entry_no, credit.part, credit.amount) == (2, None, Money(77_00))
