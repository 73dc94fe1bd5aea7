"""The ledger from the command line: balances, accounts, journals, exports and periods."""

import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Final, TextIO

import rich_click as click

from domain.ledger.account import CHART, Account
from domain.money import ZERO, Money
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from ports.ledger.ledger_queries import PostedJournal

FILE_MODE: Final = 0o640
BEGINNING: Final = "2000-01-01"
FORMATS: Final = ("csv", "tally", "zoho", "beancount", "hledger")
NARROW: Final = 16
DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
UNBALANCED: Final = 1


@click.group()
def ledger() -> None:
    """The double-entry ledger: each movement of money as a balanced journal (docs/ledger.md)."""


@ledger.command("trial-balance")
@click.option(
    "--through", type=DAY, help="Last business date that counts; today in India without it."
)
def trial_balance(through: datetime | None) -> None:
    """Show the balance of each account, debits beside credits. Ends with 1 when they differ."""
    from entrypoints.operations.ledger import trial_balance as read

    day, balances = read(settings_from_environment(), _day(through))
    click.echo(f"Trial balance through {day}")
    debits, credits_ = ZERO, ZERO
    for each in balances:
        debit, credit = _sides(each.balance)
        click.echo(f"{each.account.value:<{NARROW}} {debit:>{NARROW}} {credit:>{NARROW}}")
        debits += max(each.balance, ZERO)
        credits_ += max(-each.balance, ZERO)
    click.echo(f"{'':<{NARROW}} {debits.grouped():>{NARROW}} {credits_.grouped():>{NARROW}}")
    if debits != credits_:
        click.echo("the ledger does not balance: `shulk invariants` says where", err=True)
        raise SystemExit(UNBALANCED)


@ledger.command("account")
@click.argument("account", type=click.Choice([each.value for each in CHART]))
@click.option("--first", type=DAY, default=BEGINNING, help="First business date.")
@click.option("--last", type=DAY, default="9999-12-30", help="Last business date.")
def account(account: str, first: datetime, last: datetime) -> None:
    """Show the entries of ACCOUNT in a period, oldest first, with its balance after each."""
    from entrypoints.operations.ledger import account_statement

    statement = account_statement(
        settings_from_environment(), Account(account), first.date(), last.date()
    )
    balance = statement.opening
    click.echo(f"{first.date()}  opening balance  {balance.grouped()}")
    for each in statement.entries:
        balance += each.entry.amount
        debit, credit = _sides(each.entry.amount)
        click.echo(
            f"{each.posted_on}  {each.journal:>8}  {each.key.kind:<15} {debit:>{NARROW}}"
            f" {credit:>{NARROW}} {balance.grouped():>{NARROW}}  {each.key.subject}"
        )
    if statement.more:
        click.echo("there are more: name a shorter period, or export it", err=True)


@ledger.command("journal")
@click.argument("wanted", metavar="PAYMENT|NUMBER")
def journal(wanted: str) -> None:
    """Show the journals about PAYMENT in the order of their posting, or the one with NUMBER."""
    from entrypoints.operations.ledger import journals

    if not wanted.isdecimal() and not wanted.startswith("SK"):
        raise click.BadParameter("neither a transaction id nor the number of a journal")
    with domain_errors_shown():
        found = journals(settings_from_environment(), wanted)
    for each in found:
        _show(each)
    if not found:
        click.echo(f"nothing is posted about {wanted}")


@ledger.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="csv has every id; tally and zoho have the columns that these import; beancount and hledger are text.",
)
@click.option("--first", type=DAY, default=BEGINNING, help="First business date.")
@click.option("--last", type=DAY, help="Last business date; today in India without it.")
@click.option(
    "--account",
    type=click.Choice([each.value for each in CHART]),
    help="Only journals with an entry of this account.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write; without it the export goes to standard output.",
)
def export(
    form: str, first: datetime, last: datetime | None, account: str | None, out: Path | None
) -> None:
    """Write all journals of a period, whole, so that each balances where it is imported."""
    if out is None:
        written = _export(form, first, last, account, sys.stdout)
    else:
        aside = out.with_name(f".{out.name}.part")
        try:
            with aside.open("w", encoding="utf-8", newline="") as file:
                # It names payments: only our user and group may read it.
                os.fchmod(file.fileno(), FILE_MODE)
                written = _export(form, first, last, account, file)
            aside.replace(out)
        finally:
            aside.unlink(missing_ok=True)
    click.echo(f"{written} journal{'' if written == 1 else 's'}", err=True)


@ledger.command("backfill")
def backfill() -> None:
    """
    Post what was stored before the ledger existed, and whatever else is missing.

    It may be stopped at any time, goes on when it is called again, and posts nothing twice. The
    workers do the same by themselves after an upgrade.
    """
    from entrypoints.operations.ledger import backfill as post

    with domain_errors_shown():
        read = post(settings_from_environment())
    click.echo(f"{read} payment{'' if read == 1 else 's'} read")


@ledger.command("close")
@click.option("--through", type=DAY, required=True, help="Last day to close; at most yesterday.")
def close(through: datetime) -> None:
    """
    Close all days up to a day for good.

    What is posted later about a closed day stands on the first open one, and names its own.
    """
    from entrypoints.operations.ledger import close as closed

    with domain_errors_shown():
        closed(settings_from_environment(), through.date())
    click.echo(f"closed through {through.date()}")


def _export(
    form: str, first: datetime, last: datetime | None, account: str | None, to: TextIO
) -> int:
    from entrypoints.operations.ledger import export as exported
    from entrypoints.operations.ledger_text import LedgerFormat

    return exported(
        settings_from_environment(),
        LedgerFormat(form),
        to,
        first=first.date(),
        last=_day(last),
        account=Account(account) if account else None,
    )


def _show(journal: PostedJournal) -> None:
    late = f"  of {journal.day}" if journal.day != journal.posted_on else ""
    back = f"  takes back {journal.reverses}" if journal.reverses else ""
    click.echo(
        f"{journal.number}  {journal.posted_on}{late}  {journal.key.kind}  {journal.key.subject}"
        f"  {journal.reference}{back}".rstrip()
    )
    for entry in journal.entries:
        debit, credit = _sides(entry.amount)
        click.echo(f"    {entry.account.value:<{NARROW}} {debit:>{NARROW}} {credit:>{NARROW}}")


def _sides(amount: Money) -> tuple[str, str]:
    """Return an amount in the column of debits or in that of credits."""
    return (amount.grouped(), "") if amount > ZERO else ("", (-amount).grouped())


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
