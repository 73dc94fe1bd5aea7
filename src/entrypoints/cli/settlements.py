"""Settlements of the bank from the command line."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.cli.settlement_files import COMMANDS

HELD = 2
"""What ``preview`` ends with when the file would be held."""

DISAGREES: Final = 3
"""What ``compare`` ends with when books and file disagree."""


@click.group()
def settlements() -> None:
    """What the bank pays out, and when (docs/settlement.md)."""


for command in COMMANDS:
    settlements.add_command(command)


@settlements.command("calendar")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.option("--mid", help="MID whose term is shown; without it the term of any.")
@click.option("--method", help="Method whose term is shown, as in UPI or CARD.")
def calendar(month: datetime, mid: str | None, method: str | None) -> None:
    """Show the bank's days of MONTH (2026-11): where it is closed and why, and when each day's sales are due."""
    from entrypoints.operations.bank_days import bank_month

    shown = bank_month(settings_from_environment(), month.date(), mid, method)
    for each in shown.days:
        due = f"settled by {each.due_on:%a %d %b}"
        why = f"closed: {each.closed_for}" if each.closed_for else "open"
        click.echo(f"{each.day:%Y-%m-%d %a}  {due}  {why}")
    click.echo(f"Holidays: {shown.version}", err=True)
    if month.year not in shown.years:
        click.echo(
            f"The table holds no holiday of {month.year}: name a file of your own in "
            "SHULK_BANK_HOLIDAYS_FILE.",
            err=True,
        )


@settlements.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--preset", help="Layout to read it by; without it the one whose columns are all there."
)
@click.option(
    "--preset-file",
    "own_presets",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with a layout of your own (docs/settlement-files.md); may be given more than once.",
)
@click.option("--mid", help="MID that the lines are of, where the layout does not name it.")
@click.option("--statement", "is_statement", is_flag=True, help="FILE is a bank statement.")
@click.option(
    "--account", help="Of a statement: the number of our account; another one is refused."
)
@click.option(
    "--lines",
    "shown_lines",
    default=5,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="How many lines, and how many rejected rows, are shown.",
)
def preview(
    file: Path,
    *,
    preset: str | None,
    own_presets: tuple[Path, ...],
    mid: str | None,
    account: str | None,
    shown_lines: int,
    is_statement: bool,
) -> None:
    """Show how FILE is read: layout, counts, totals, first lines, rejected rows. Nothing is stored.

    Needs no database and no settings. Ends with 1 when the file is refused, with 2 when it would be held.
    """
    from entrypoints.operations.settlement_preview import PreviewWanted, preview_of

    told = preview_of(
        PreviewWanted(
            file=file,
            preset=preset,
            own_presets=own_presets,
            mid=mid,
            account=account,
            shown_lines=shown_lines,
            is_statement=is_statement,
        )
    )
    if told.problem:
        raise click.ClickException(told.problem)
    for line in told.lines:
        click.echo(line)
    if told.is_held:
        sys.exit(HELD)


@settlements.command("compare")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--preset", help="Layout of the file; without it the one whose columns are all there."
)
@click.option("--mid", help="MID of the file, where its layout does not name one.")
@click.option(
    "--statement",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Statement of the account; what it shows of the file's settlements is compared as well.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON object.")
def compare(
    file: Path, *, preset: str | None, mid: str | None, statement: Path | None, as_json: bool
) -> None:
    """
    Compare the settlement FILE of the bank with what was sold and refunded, and store nothing.

    Ends with 1 when the file is refused, with 3 when there is a discrepancy.
    """
    from entrypoints.operations.settlement_files import compare as compared

    with domain_errors_shown():
        report = compared(settings_from_environment(), file, preset, mid, statement)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report)
    if report["discrepancies"]:
        sys.exit(DISAGREES)


def _show(report: dict[str, Any]) -> None:
    click.echo(f"{report['file']}: {report['lines']} lines by {report['preset']}")
    if report["held_for"]:
        click.echo(f"Held: {', '.join(report['held_for'])}. Nothing is missing by what it lacks.")
    for word in ("matched", "expected"):
        click.echo(f"{word.capitalize()}: {report[word]['count']}, {report[word]['rupees']}")
    for settlement, outcome in report.get("payouts", {}).items():
        click.echo(f"Settlement {settlement}: {outcome}")
    for each in report["discrepancies"]:
        lines = ", ".join(str(number) for number in each["lines"])
        place = f" (line {lines})" if lines else ""
        click.echo(f"{each['type']} / {each['cause']}: {each['ref']} {each['difference']}{place}")
    click.echo(f"Net settlement: {report['totals']['net_settlement']}")
