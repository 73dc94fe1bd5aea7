"""Runs of the reconciliation as the command line asks for, does and shows them."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast

from application.reconciliation.export_run import ExportRun
from domain.reconciliation.run import Run, RunId, RunTrigger
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.reconciliation.run_export_files import RunExportFormat

IN_MEMORY_MAX: Final = 1024 * 1024


def reconcile(settings: Settings, first: date, last: date) -> Run:
    """
    Ask for the run of *first* to *last* (IST, both included), do what is asked for, and return that run.

    It is still running when a worker has it. Raises ``RangeRefused``.
    """

    async def act(container: Shulk) -> Run:
        use_cases = container.use_cases().reconciliation()
        run: Run = await use_cases.ask()(first, last, RunTrigger.COMMAND, BY_COMMAND)
        worker = use_cases.run()
        while (done := await worker()) is not None and done.id != run.id:
            pass
        return await _get(container, run.id)

    return run_in_container(settings, act, asks_bank=True)


def run_of(settings: Settings, run: RunId) -> Run:
    """Return one run; raises ``NotFound``."""
    return run_in_container(settings, lambda container: _get(container, run))


def runs(settings: Settings, at_most: int) -> Sequence[Run]:
    """Return the latest runs."""

    async def act(container: Shulk) -> Sequence[Run]:
        found: Sequence[Run] = await container.storage.reconciliation_runs().page(at_most=at_most)
        return found

    return run_in_container(settings, act)


def export(settings: Settings, run: RunId, form: str, to: BinaryIO) -> Mapping[str, int]:
    """
    Write *run* in *form* to *to*, and return how many rows each sheet has.

    Nothing is written when it raises ``NotFound`` or ``RunNotConcluded``.
    """

    async def exported(container: Shulk) -> Mapping[str, int]:
        use_case: ExportRun = container.use_cases().reconciliation().export()
        with cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY_MAX)) as aside:
            totals = await use_case(run, RunExportFormat(form), aside, BY_COMMAND)
            aside.seek(0)
            shutil.copyfileobj(aside, to)
        return {sheet.value: total.rows for sheet, total in totals.items()}

    return run_in_container(settings, exported)


def as_told(run: Run) -> dict[str, Any]:
    """Return *run* in JSON's terms; instants in UTC, days in India, amounts in paise."""
    told = asdict(run)
    for name in ("requested_at", "as_of", "ended_at", "first", "last"):
        told[name] = told[name] and told[name].isoformat()
    return told


async def _get(container: Shulk, run: RunId) -> Run:
    found: Run = await container.storage.reconciliation_runs().get(run)
    return found
