"""Returns and documents from the command line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment

FILE_MODE: Final = 0o640


class Report(Protocol):
    """The result of a command: a sentence, or why nothing was done."""

    @property
    def summary(self) -> str: ...

    @property
    def problem(self) -> str: ...


@click.group()
def gst() -> None:
    """GST documents and returns (docs/gst.md)."""


@gst.command("export")
@click.option("--period", required=True, help="Month of the documents, as in 2026-11.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv", "xlsx"]),
    default="json",
    show_default=True,
    help="json for the portal; the offline tool's sheets as csv files in a zip archive, or as xlsx.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write; without it the return goes to standard output.",
)
def export(period: str, form: str, out: Path | None) -> None:
    """Write GSTR-1 of a month, summed from the documents issued; nothing unless it ties out."""
    from entrypoints.operations.gst import export as exported

    settings = settings_from_environment()
    report: Report
    if out is None:
        report = exported(settings, period, form, sys.stdout.buffer)
    else:
        report = _whole(out, lambda file: exported(settings, period, form, file))
    if report.problem:
        raise click.ClickException(report.problem)
    click.echo(report.summary, err=True)


def _whole(out: Path, write: Callable[[BinaryIO], Report]) -> Report:
    """Let *write* fill a file beside *out* and put it in its place when it is whole."""
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("wb") as file:
            # It names buyers: only our user and group may read it.
            os.fchmod(file.fileno(), FILE_MODE)
            report = write(file)
        if not report.problem:
            aside.replace(out)
        return report
    finally:
        aside.unlink(missing_ok=True)


@gst.command("cancel")
@click.argument("number")
@click.option("--why", required=True, help="Kept with the document; at most 200 characters.")
def cancel(number: str, why: str) -> None:
    """Declare document NUMBER void while the return of its month is open; its number is never given again."""
    from entrypoints.operations.gst import cancel as cancelled

    _show(cancelled(settings_from_environment(), number, why))


@gst.command("issue")
@click.argument("payment")
@click.option("--refund", help="Issue the credit note for this refund instead of the invoice.")
def issue(payment: str, refund: str | None) -> None:
    """Issue what PAYMENT still needs: after a document was declared void, or its task was given up."""
    from entrypoints.operations.gst import issue as issued

    _show(issued(settings_from_environment(), payment, refund))


def _show(report: Report) -> None:
    if report.problem:
        raise click.ClickException(report.problem)
    click.echo(report.summary)
