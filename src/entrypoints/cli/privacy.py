"""The data of people from the command line: export, erasure, and legal holds."""

import sys
from pathlib import Path

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.cli.whole_file import whole_file


@click.group()
def privacy() -> None:
    """The data of people: hand it out, erase what no law keeps, hold it back (docs/privacy.md)."""


@privacy.command("export")
@click.argument("student", metavar="STUDENT")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write; without it the data goes to standard output.",
)
def export(student: str, out: Path | None) -> None:
    """Write all that is kept of STUDENT as JSON; the audit log says that it was."""
    from entrypoints.operations.privacy import export as exported

    with domain_errors_shown():
        content = exported(settings_from_environment(), student)
    if out is None:
        sys.stdout.buffer.write(content)
        return
    with whole_file(out) as file:
        file.write(content)
    click.echo(f"{len(content)} bytes written to {out}", err=True)


@privacy.command("erase")
@click.argument("student", metavar="STUDENT")
@click.option("--reason", required=True, help="Why; it stays in the audit log and names no person.")
@click.option("--confirm", help="What a first run without it has shown; then it is done.")
def erase(student: str, reason: str, confirm: str | None) -> None:
    """
    Show what would be erased of STUDENT and what stays by which law; with --confirm erase it.

    It cannot be undone. Tax documents and the ledger stay, and so does the sealed audit log.
    """
    from entrypoints.operations.privacy import erase as erased
    from entrypoints.operations.privacy import lines_of, plan

    settings = settings_from_environment()
    with domain_errors_shown():
        found = plan(settings, student)
        for line in lines_of(found):
            click.echo(line)
        if confirm is None:
            click.echo(f"nothing is erased yet; to erase it: --confirm {found.fingerprint}")
            return
        counts = erased(settings, student, reason, confirm)
    click.echo(
        f"erased: contact of {counts.contact} payments, names of {counts.names},"
        f" {counts.sessions} sessions, {counts.addresses} addresses in the audit log"
    )


@privacy.command("holds")
def holds() -> None:
    """List the payments under legal hold."""
    from entrypoints.operations.privacy import holds as listed

    for each in listed(settings_from_environment()):
        click.echo(each)


@privacy.command("hold")
@click.argument("payment", metavar="PAYMENT")
@click.option("--reason", required=True, help="Which case or inquiry; it names no person.")
def hold(payment: str, reason: str) -> None:
    """Place a legal hold on PAYMENT: nothing of it is erased until it is released."""
    from entrypoints.operations.privacy import hold as held

    with domain_errors_shown():
        held(settings_from_environment(), payment, reason)
    click.echo(f"{payment} is held")


@privacy.command("release")
@click.argument("payment", metavar="PAYMENT")
@click.option("--reason", required=True, help="Why the hold ends; it names no person.")
def release(payment: str, reason: str) -> None:
    """End the legal hold of PAYMENT."""
    from entrypoints.operations.privacy import release as released

    with domain_errors_shown():
        released(settings_from_environment(), payment, reason)
    click.echo(f"{payment} is released")
