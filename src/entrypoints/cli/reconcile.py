"""Reconcile from the command line: books, settlement files and the account, over some business dates."""

import json
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

import rich_click as click

from domain.money import Money
from domain.reconciliation.run import Run, RunId
from domain.reconciliation.run_state import RunState
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.cli.whole_file import whole_file

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
RUN: Final = "run"
FAILED: Final = 1
"""What a run ends with that could not be done."""

INCOMPLETE: Final = 2
"""A file is missing or held, or another process has the run: nothing was concluded from absence."""

DISAGREES: Final = 3
"""Every file was there, and there are discrepancies."""


class RunUnlessNamed(click.RichGroup):
    """Takes what is no command for the days of a run: ``shulk reconcile 2026-11-12 2026-11-13``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_day = bool(args) and args[0][:1].isdigit()
        return super().parse_args(ctx, [RUN, *args] if is_day else args)


@click.group(cls=RunUnlessNamed)
def reconcile() -> None:
    """Reconcile business dates: `shulk reconcile FIRST LAST` (docs/settlement.md)."""


@reconcile.command(RUN)
@click.argument("first", type=DAY)
@click.argument("last", type=DAY)
@click.option("--json", "as_json", is_flag=True, help="Show the whole run as JSON.")
def run(first: datetime, last: datetime, *, as_json: bool) -> None:
    """Compare the business dates FIRST to LAST (2026-11-12) and all that is still open, and post what agrees.

    Ends with 1 when it failed, with 2 when a file is missing or held, with 3 when there are discrepancies.
    """
    from entrypoints.operations.reconciliation import reconcile as do

    with domain_errors_shown():
        ended = do(settings_from_environment(), first.date(), last.date())
    _show(ended, as_json=as_json)
    raise SystemExit(_code(ended))


@reconcile.command("show")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Show the whole run as JSON.")
def show(run: str, *, as_json: bool) -> None:
    """Show what RUN came to."""
    from entrypoints.operations.reconciliation import run_of

    with domain_errors_shown():
        _show(run_of(settings_from_environment(), RunId(run)), as_json=as_json)


@reconcile.command("list")
@click.option("--last", "at_most", default=20, show_default=True, type=click.IntRange(1, 500))
def list_runs(at_most: int) -> None:
    """List the latest runs, the newest first."""
    from entrypoints.operations.reconciliation import runs

    for each in runs(settings_from_environment(), at_most):
        click.echo(_line(each))


@reconcile.command("export")
@click.argument("run")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx"]),
    default="xlsx",
    show_default=True,
    help="xlsx for a workbook; csv for a CSV file of each sheet in a zip archive.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write; without it the export goes to standard output.",
)
def export(run: str, form: str, out: Path | None) -> None:
    """Write RUN as a file: what it came to, settlements, matches, discrepancies, bank credits and journals."""
    from entrypoints.operations.reconciliation import export as write

    settings = settings_from_environment()
    with domain_errors_shown(), ExitStack() as files:
        to = sys.stdout.buffer if out is None else files.enter_context(whole_file(out))
        rows = write(settings, RunId(run), form, to)
    click.echo(", ".join(f"{sheet}: {count}" for sheet, count in rows.items()), err=True)


def _line(run: Run) -> str:
    return f"{run.id}  {run.first} to {run.last}  {run.state.value:<10}  {run.trigger.value}"


def _code(run: Run) -> int:
    if run.state is RunState.FAILED:
        return FAILED
    if run.state is not RunState.COMPLETE:
        return INCOMPLETE
    return DISAGREES if run.summary and run.summary.discrepancies else 0


def _show(run: Run, *, as_json: bool) -> None:
    from entrypoints.operations.reconciliation import as_told

    if as_json:
        click.echo(json.dumps(as_told(run), sort_keys=True))
        return
    click.echo(_line(run))
    if run.why:
        click.echo(run.why)
    if (summary := run.summary) is None:
        return
    for name, count, paise in (
        ("matched", summary.matched, summary.matched_paise),
        ("expected", summary.expected, summary.expected_paise),
    ):
        click.echo(f"{name:<14} {count:>8} {Money(paise).grouped():>18}")
    for name, paise in (
        ("fees", summary.fees_paise),
        ("GST on fees", summary.taxes_paise),
        ("net", summary.net_paise),
        ("credited", summary.credited_paise),
    ):
        click.echo(f"{name:<14} {'':>8} {Money(paise).grouped():>18}")
    click.echo(f"discrepancies  {summary.discrepancies:>8}   healed {summary.healed}")
    for cause, count in summary.causes.items():
        click.echo(f"  {cause}: {count}")
    for mid, day in summary.missing.items():
        click.echo(f"a file of {mid} up to {day} is missing or held")
