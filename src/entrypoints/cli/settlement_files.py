"""Settlement files and bank statements from the command line: imported, listed, released, taken, fetched."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import rich_click as click

from domain.settlements.file_state import SettlementFileState
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

HELD: Final = 2
"""What an import ends with when the file is held, or one of its settlements waits for a person."""

REFUSED: Final = 1
DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
HASH_SHOWN: Final = 12

Command = TypeVar("Command", bound=Callable[..., Any])


def as_json_option(command: Command) -> Command:
    """Add ``--json`` to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Report as JSON.")(command)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--preset", help="Layout of the file; without it the one whose columns are there.")
@click.option("--mid", help="MID of the file, where its layout does not name one.")
@as_json_option
def import_(file: Path, *, preset: str | None, mid: str | None, as_json: bool) -> None:
    """
    Import the settlement FILE of the bank. Nothing is posted: a reconciliation does that.

    The same file again changes nothing. Ends with 1 when it is refused, with 2 when it is held or a
    re-issue in it waits for a person.
    """
    from entrypoints.operations.settlement_imports import import_file, told_of

    with domain_errors_shown():
        told = told_of(import_file(settings_from_environment(), file, preset, mid))
    _tell(told, as_json=as_json)
    if told["state"] == SettlementFileState.REFUSED:
        sys.exit(REFUSED)
    if told["state"] == SettlementFileState.HELD or _waits(told):
        sys.exit(HELD)


@click.command("import-statement")
@click.argument("file", type=FILE)
@click.option("--preset", help="Layout of the file; without it the one that fits.")
@click.option("--account", help="Number of our account, where the statement does not name it.")
@as_json_option
def import_statement(file: Path, *, preset: str | None, account: str | None, as_json: bool) -> None:
    """
    Import the bank statement FILE; each entry is kept once, however often it comes.

    Ends with 1 when it is refused, with 2 when it is held: its balances do not follow, or something is
    missing between it and what is known of the account.
    """
    from entrypoints.operations.settlement_imports import import_statement as imported
    from entrypoints.operations.settlement_imports import told_of_statement

    with domain_errors_shown():
        found = imported(settings_from_environment(), file, preset, account)
    told = [told_of_statement(each) for each in found]
    if as_json:
        click.echo(json.dumps(told, indent=2))
    for each in () if as_json else told:
        held = f"  held: {', '.join(each['held_for'])}" if each["held_for"] else ""
        click.echo(
            f"{each['account']}  {each['first_day']} to {each['last_day']}"
            f"  {each['new_entries']} new of {each['entries']}{held}"
        )
    if any(each["held_for"] for each in told):
        sys.exit(HELD)


@click.command("files")
@click.option(
    "--state", type=click.Choice([each.value for each in SettlementFileState]), help="Only these."
)
@as_json_option
def files(state: str | None, *, as_json: bool) -> None:
    """List the latest settlement files with what became of them."""
    from entrypoints.operations.settlement_imports import files as read
    from entrypoints.operations.settlement_imports import told_of

    wanted = None if state is None else SettlementFileState(state)
    with domain_errors_shown():
        told = [told_of(each) for each in read(settings_from_environment(), wanted)]
    if as_json:
        click.echo(json.dumps(told, indent=2))
    for each in () if as_json else told:
        click.echo(
            f"{each['sha256'][:HASH_SHOWN]}  {each['received_at'][:10]}  {each['state']:<10}"
            f"  {each['lines']:>7}  {each['name']}"
        )


@click.command("statements")
@as_json_option
def statements(*, as_json: bool) -> None:
    """List the latest bank statements, held ones included."""
    from entrypoints.operations.settlement_imports import statements as read
    from entrypoints.operations.settlement_imports import told_of_statement

    with domain_errors_shown():
        told = [told_of_statement(each) for each in read(settings_from_environment())]
    if as_json:
        click.echo(json.dumps(told, indent=2))
    for each in () if as_json else told:
        held = f"  held: {', '.join(each['held_for'])}" if each["held_for"] else ""
        click.echo(
            f"{each['sha256'][:HASH_SHOWN]}  {each['received_at'][:10]}  {each['account']}"
            f"  {each['first_day']} to {each['last_day']}  {each['closing']:>16}  {each['name']}{held}"
        )


@click.command("release")
@click.argument("file", metavar="HASH")
@click.option("--reason", required=True, help="Why it may count; kept with your name.")
def release(file: str, reason: str) -> None:
    """Let the held file with the hash HASH (its first digits do) count from now on."""
    from entrypoints.operations.settlement_imports import release as released
    from entrypoints.operations.settlement_imports import told_of

    with domain_errors_shown():
        _tell(told_of(released(settings_from_environment(), file, reason)), as_json=False)


@click.command("take")
@click.argument("file", metavar="HASH")
@click.argument("settlement")
@click.option("--reason", required=True, help="Why it is right; kept with your name.")
def take(file: str, settlement: str, reason: str) -> None:
    """Take the re-issue of SETTLEMENT that waits in the file with the hash HASH."""
    from entrypoints.operations.settlement_imports import take as taken
    from entrypoints.operations.settlement_imports import told_of

    with domain_errors_shown():
        _tell(told_of(taken(settings_from_environment(), file, settlement, reason)), as_json=False)


@click.command("decline")
@click.argument("file", metavar="HASH")
@click.argument("settlement")
@click.option("--reason", required=True, help="Why it is wrong; kept with your name.")
def decline(file: str, settlement: str, reason: str) -> None:
    """Decline the re-issue of SETTLEMENT that waits in the file with the hash HASH: what stands still counts."""
    from entrypoints.operations.settlement_imports import decline as declined
    from entrypoints.operations.settlement_imports import told_of

    settings = settings_from_environment()
    with domain_errors_shown():
        _tell(told_of(declined(settings, file, settlement, reason)), as_json=False)


@click.command("fetch")
@click.argument("day", type=DAY)
def fetch(day: datetime) -> None:
    """
    Ask the sources for the settlement files of DAY (2026-11-13), and import what is ready.

    Ends with 2 while a file is awaited. The workers do the same by themselves.
    """
    from entrypoints.operations.settlement_imports import fetch as fetched

    with domain_errors_shown():
        told = fetched(settings_from_environment(), day.date())
    for each in told.answers:
        why = f"  {each.why}" if each.why else ""
        click.echo(f"{each.mid}  {each.origin}  {each.answer}{why}")
    if not told.answers:
        click.echo("no source is named: see SHULK_SETTLEMENT_FOLDER", err=True)
    for file in told.files:
        click.echo(f"{file.received.name}: {file.state}")
    if told.awaited or not told.answers:
        sys.exit(HELD)


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(f"{told['name']}: {told['state']}, {told['lines']} lines by {told['preset']}")
    click.echo(f"SHA-256 {told['sha256']}")
    if told["refusal"]:
        click.echo(f"Refused: {told['refusal']['detail']}")
    if told["held_for"]:
        click.echo(f"Held for: {', '.join(told['held_for'])}")
    for word, count in told["warnings"].items():
        click.echo(f"Warning {word}: {count}")
    for each in told["settlements"]:
        again = f" ({each['reported']})" if each["reported"] else ""
        click.echo(f"Settlement {each['settlement']}: {each['state']}{again}, net {each['net']}")


def _waits(told: dict[str, Any]) -> bool:
    return any(each["state"] == "waiting" for each in told["settlements"])


COMMANDS: Final = (import_, import_statement, files, statements, release, take, decline, fetch)
