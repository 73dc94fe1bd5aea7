"""Settlements of the bank from the command line."""

import sys
from datetime import datetime
from pathlib import Path

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment

HELD = 2
"""What ``preview`` ends with when the file would be held."""


@click.group()
def settlements() -> None:
    """What the bank pays out, and when (docs/settlement.md)."""


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
