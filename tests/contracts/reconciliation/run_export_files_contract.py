"""What any maker of the files of a run must do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

import pytest

from contracts.memory_storage import MemoryStorage
from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.reconciliation.reconciling_contract import DAY, PRICE, Trial, line, payout, state
from contracts.reconciliation.run_export_contract import rows
from contracts.settlements.settlement_files_contract import ONE, bring
from domain.money import Money
from domain.reconciliation.run import Run
from domain.settlements.settlement_line import Direction, LineType
from fakes.samples import refund_id
from ports.reconciliation.run_export import ExportedRow, RunSheet
from ports.reconciliation.run_export_files import (
    RunExportFiles,
    RunExportFormat,
    RunExportHead,
    SheetTotal,
)

HOSTILE: Final = "=HYPERLINK(0)"
ARN: Final = "74542106211234567890123"


async def a_run_with_everything() -> tuple[Run, list[ExportedRow]]:
    """
    Return a run with a row in each sheet: four that match, one of them a refund, and one that is written off.

    A second refund is expected. The narration of the credit, the UTR and the note begin as formulas do.
    """
    storage = MemoryStorage()
    trial = Trial(storage)
    for number in (1, 2, 3):
        await sold(storage, number)
    await sold(storage, 4, refund_id(1), refund_id(2), paid=2)
    back = line(
        4, 100_00, line_type=LineType.REFUND, direction=Direction.DR, net=Money(-100_00),
        refund_id=refund_id(1), bank_txn_id="BACK1", rrn=None, arn=ARN, line_no=99,
    )  # fmt: skip
    lines = [line(1, utr=HOSTILE), line(2), line(3, PRICE - 9_00), line(4), back]
    await bring(storage, ONE, *lines)
    credit = replace(payout(1, sum(each.net.paise for each in lines)), narration=f"{HOSTILE} NEFT")
    await state(storage, credit)
    await trial.ask(TODAY, TODAY + 2 * DAY)
    run = await trial.worker()()
    assert run
    (found,) = [each for each in await trial.found() if each.finding.difference_paise == -9_00]
    await trial.write_off(found.id)
    return run, await rows(storage, run)


def totals_of(told: Sequence[ExportedRow]) -> Mapping[RunSheet, SheetTotal]:
    totals = dict.fromkeys(RunSheet, SheetTotal())
    for row in told:
        total = totals[row.sheet]
        totals[row.sheet] = SheetTotal(total.rows + 1, total.amount + row.amount)
    return totals


class RunExportFilesContract:
    @pytest.mark.parametrize("form", RunExportFormat)
    async def test_a_finished_export_is_there(
        self, files: RunExportFiles, form: RunExportFormat
    ) -> None:
        """
        And the same rows make the same bytes.
        """
        run, told = await a_run_with_everything()
        assert run.ended_at
        copies = []
        for _ in range(2):
            to = BytesIO()
            with files.begin(form, RunExportHead(run=run, at=run.ended_at), to) as file:
                for row in told:
                    file.add(row)
                file.finish(totals_of(told))
            copies.append(to.getvalue())

        assert copies[0] == copies[1]
        assert copies[0]

    @pytest.mark.parametrize("form", RunExportFormat)
    async def test_an_unfinished_export_leaves_nothing(
        self, files: RunExportFiles, form: RunExportFormat
    ) -> None:
        """
        Half an export would look like a whole one.
        """
        run, told = await a_run_with_everything()
        assert run.ended_at
        to = BytesIO()
        with files.begin(form, RunExportHead(run=run, at=run.ended_at), to) as file:
            file.add(told[0])

        assert to.getvalue() == b""
