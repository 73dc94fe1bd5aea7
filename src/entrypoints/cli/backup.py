"""``shulk backup`` and ``shulk restore``: the database copied, and brought back to an instant (docs/drills.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment

FOLDER: Final = click.Path(file_okay=False, path_type=Path)
PROGRAMS: Final = click.option(
    "--programs",
    type=FOLDER,
    help="Folder of PostgreSQL's programs; without it they are looked for on the PATH.",
)


@click.group()
def backup() -> None:
    """Base backups of the database, and the settings of its archive of WAL (docs/drills.md)."""


@backup.command("base")
@click.option(
    "--out", required=True, type=FOLDER, help="Folder to make; it has to be new or empty."
)
@PROGRAMS
def base(out: Path, programs: Path | None) -> None:
    """Copy the server into a folder while it serves, and verify the copy. The role needs REPLICATION."""
    from entrypoints.operations.backup import Programs, take_base_backup

    with refusals_told():
        take_base_backup(settings_from_environment(), out, Programs(programs))
    click.echo(f"verified: {out}")


@backup.command("settings")
@click.option(
    "--archive",
    required=True,
    type=FOLDER,
    help="Folder that keeps the WAL, on another machine's disk.",
)
def settings(archive: Path) -> None:
    """Show the lines of postgresql.conf by which the server archives its WAL."""
    from entrypoints.operations.backup import archive_settings

    if not archive.is_absolute():
        raise click.ClickException(f"{archive}: the server needs a path from the root")
    for line in archive_settings(archive):
        click.echo(line)


@click.command()
@click.option("--base", required=True, type=FOLDER, help="Folder that `shulk backup base` made.")
@click.option("--archive", required=True, type=FOLDER, help="Folder that keeps the WAL.")
@click.option("--into", required=True, type=FOLDER, help="Folder to make: the new server's data.")
@click.option(
    "--to",
    "until",
    required=True,
    help="Instant to go back to, with its offset: 2026-12-01T10:15:00+05:30.",
)
def restore(base: Path, archive: Path, into: Path, until: str) -> None:
    """
    Make the data of a new server as the database was at an instant; nothing that is there is touched.

    Start PostgreSQL on the folder as its owner; it replays the archive and then serves. Look at it with `shulk
    invariants` and `shulk audit verify` before anybody else does.
    """
    from entrypoints.operations.backup import restore as prepared

    try:
        instant = datetime.fromisoformat(until)
    except ValueError:
        raise click.ClickException(f"{until}: write 2026-12-01T10:15:00+05:30") from None
    with refusals_told():
        prepared(base, archive, into, instant)
    click.echo(f"ready to be started: {into}")


@contextmanager
def refusals_told() -> Iterator[None]:
    """Let a ``BackupRefused`` inside the block end the command with its message."""
    from entrypoints.operations.backup import BackupRefused

    try:
        yield
    except BackupRefused as refusal:
        raise click.ClickException(str(refusal)) from None
