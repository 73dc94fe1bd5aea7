"""Settlements of the bank from the command line."""

from datetime import datetime

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment


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
