"""The archive of the audit log: closed months as files, out of the database."""

from pathlib import Path
from typing import Final

import rich_click as click

from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from entrypoints.cli.audit import FILE, VKEY, trail_faults_told
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


class MonthType(click.ParamType[ArchiveMonth]):
    name = "month"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> ArchiveMonth:
        try:
            return ArchiveMonth.parse(str(value))
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


MONTH: Final = MonthType()


@click.group()
def archive() -> None:
    """Closed months of what is on record: archived, verified, and only then out of the database (docs/retention.md)."""


@archive.command("run")
def run() -> None:
    """Take each step that is due now; the workers do it each day. Ends with 1 when a month is not as it was sealed."""
    from entrypoints.operations.audit_archive import run as taken

    with trail_faults_told(), domain_errors_shown():
        found = taken(settings_from_environment())
    for state, count in found.items():
        click.echo(f"{count} {state}")
    if not found:
        click.echo("nothing is due")


@archive.command("list")
def list_() -> None:
    """List the archived months: state, lines, file, until when it has to be kept, and what holds it back."""
    from entrypoints.operations.audit_archive import months

    with domain_errors_shown():
        found = months(settings_from_environment())
    for each in found:
        month, told = each.month, each.month.manifest.told
        held = f" held by {', '.join(each.held)}" if each.held else ""
        first = f" from {told['first']}" if "first" in told else ""
        click.echo(
            f"{each.kind} {month.month} {month.state} {told['count']} lines{first}"
            f" {month.manifest.sha256} keep until {month.kept_until}{held}"
        )


@archive.command("delete")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and change nothing.")
def delete(*, dry_run: bool) -> None:
    """
    Delete files of months that no law wants any more; the workers do it each day. Legal holds and locks keep theirs.

    Shows what is left to delete: a file stays for a day when its time has ended.
    """
    from entrypoints.operations.audit_archive import delete as deleted

    with domain_errors_shown():
        found = deleted(settings_from_environment(), dry_run=dry_run)
    for each in found:
        click.echo(
            f"{each.kind} {each.month.month} {each.month.state} {each.month.manifest.sha256}"
            f" kept until {each.month.kept_until}"
        )
    if not found:
        click.echo("nothing is due")


@archive.command("restore")
@click.argument("month", type=MONTH)
@click.option(
    "--kind",
    type=click.Choice([each.value for each in RecordKind]),
    help="Restore these rows, into the table restored_record; without it the audit log.",
)
@click.option("--remove", is_flag=True, help="Take what was restored away again.")
def restore(month: ArchiveMonth, kind: str | None, *, remove: bool) -> None:
    """Restore MONTH, such as 2026-10, into the table restored_line; the audit log itself stays as it is."""
    from entrypoints.operations.audit_archive import remove as removed
    from entrypoints.operations.audit_archive import restore as restored

    settings = settings_from_environment()
    with trail_faults_told(), domain_errors_shown():
        of = None if kind is None else RecordKind(kind)
        count = removed(settings, month, of) if remove else restored(settings, month, of)
    click.echo(f"{count} lines {'removed' if remove else 'restored'}")


@archive.command("verify")
@click.argument("file", type=FILE)
@click.argument("manifest", type=FILE)
@VKEY
def verify(file: Path, manifest: Path, vkeys: tuple[str, ...]) -> None:
    """
    Verify that FILE, the archived month that MANIFEST names, holds what was sealed; needs no settings, only --vkey.

    Ends with 1 and the first broken index.
    """
    from entrypoints.operations.audit import parse_keys
    from entrypoints.operations.audit_archive import verify_month

    with trail_faults_told():
        try:
            count = verify_month(file, manifest, parse_keys(vkeys))
        except ValueError as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(f"whole: {count} lines")


@archive.command("search")
@click.argument("subject")
def search(subject: str) -> None:
    """Show each archived line about SUBJECT, an id of a payment or a refund, or that names it; nothing is restored."""
    from entrypoints.operations.audit_archive import search as found

    with trail_faults_told(), domain_errors_shown():
        count = found(
            settings_from_environment(),
            subject,
            click.echo,
        )
    if not count:
        raise click.ClickException(f"no archived month has a line about {subject}")
