"""The sealed audit log: its key, its seal, its export, and what shows that nobody changed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import rich_click as click

from domain.audit.signed_note import NoteMalformed
from domain.audit.trail import TrailBroken
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

BROKEN: Final = 1
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
VKEY: Final = click.option(
    "--vkey",
    "vkeys",
    multiple=True,
    help="Public key that seals, or a file of such keys, one a line; repeat it for earlier ones.",
)


@click.group()
def audit() -> None:
    """The sealed audit log: nobody changes, removes or inserts a line unseen (docs/audit.md)."""


@audit.command("key")
@click.option("--name", required=True, help="Name of the log, such as shulk.example.in/audit.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to make, for SHULK_AUDIT_KEY_FILE.",
)
def key(name: str, out: Path) -> None:
    """Make a key that seals, and show its public key: give that to whoever verifies."""
    from entrypoints.operations.audit import make_key

    try:
        public = make_key(name, out)
    except (OSError, NoteMalformed) as trouble:
        raise click.ClickException(str(trouble)) from None
    click.echo(public)


@audit.command("seal")
def seal() -> None:
    """Seal now what waits; the workers do it each minute."""
    from entrypoints.operations.audit import seal_all

    settings = settings_from_environment()
    if settings.audit_key_file is None:
        raise click.ClickException(
            "no key is set: make one with `shulk audit key`, and set SHULK_AUDIT_KEY_FILE"
        )
    with domain_errors_shown():
        count = seal_all(settings)
    click.echo(f"{_entries(count)} sealed")


@audit.command("verify")
@click.argument("export", type=FILE, required=False)
@VKEY
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=FILE,
    help="File with a checkpoint that was kept elsewhere, such as one from an email to finance.",
)
def verify(export: Path | None, vkeys: tuple[str, ...], anchors: tuple[Path, ...]) -> None:
    """
    Verify that no sealed line was changed, removed, inserted or moved.

    With EXPORT, a file that `shulk audit export` wrote, it needs no settings and no database, only --vkey.
    Without it the database is verified, and compared with the checkpoints in the file store. Ends with 1
    and the first broken index.
    """
    from entrypoints.operations.audit import parse_keys, verify_database, verify_file

    with trail_faults_told(), domain_errors_shown():
        keys = parse_keys(vkeys)
        # What was copied out of an email may have lost its last line end.
        notes = [f"{each.read_text(encoding='utf-8').strip()}\n" for each in anchors]
        if export is None:
            found = verify_database(settings_from_environment(), keys, notes)
        elif keys:
            found = verify_file(export, keys, notes)
        else:
            raise click.UsageError(
                "--vkey is missing: the public key that `shulk audit key` showed"
            )
    click.echo(f"whole: {_entries(found.size)}, compared with {found.anchored} anchors")
    if found.gone:
        click.echo(f"deleted at the end of their retention: {found.gone.start} to {found.gone[-1]}")


@audit.command("export")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, JSON lines; packed when its name ends with .gz.",
)
def export(out: Path) -> None:
    """Write all sealed lines with their checkpoints, to verify them elsewhere."""
    from entrypoints.operations.audit import export_trail

    with trail_faults_told(), domain_errors_shown():
        count = export_trail(settings_from_environment(), out)
    click.echo(f"{_entries(count)} written to {out}", err=True)


@audit.command("prove")
@click.argument("subject")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to: for each entry its line and its proof.",
)
def prove(subject: str, out: Path) -> None:
    """Write each sealed entry about SUBJECT, such as a transaction id, with the proof that it is in the log."""
    from entrypoints.operations.audit import prove as proved

    with trail_faults_told(), domain_errors_shown():
        found = proved(settings_from_environment(), subject)
    if not found:
        raise click.ClickException(f"nothing is sealed about {subject}")
    out.mkdir(parents=True, exist_ok=True)
    for each in found:
        (out / f"{each.proof.index}.json").write_bytes(each.line + b"\n")
        (out / f"{each.proof.index}.tlog-proof").write_text(str(each.proof), encoding="utf-8")
    click.echo(f"{_entries(len(found))} proved in {out}", err=True)


@audit.command("verify-proof")
@click.argument("proof", type=FILE)
@click.argument("line", type=FILE)
@VKEY
def verify_proof(proof: Path, line: Path, vkeys: tuple[str, ...]) -> None:
    """Verify that PROOF shows LINE to be in the log; needs no settings. Ends with 1 when it does not."""
    from entrypoints.operations.audit import parse_keys
    from entrypoints.operations.audit import verify_proof as index_of

    with trail_faults_told():
        index = index_of(proof.read_text(encoding="utf-8"), line.read_bytes(), parse_keys(vkeys))
    if index is None:
        raise click.ClickException("the proof is not about this line")
    click.echo(f"proved: the line is entry {index} of the log")


@contextmanager
def trail_faults_told() -> Iterator[None]:
    """Let a broken trail end the command with 1 and its index, and what cannot be read with a message."""
    try:
        yield
    except TrailBroken as broken:
        click.echo(str(broken), err=True)
        raise SystemExit(BROKEN) from None
    except (NoteMalformed, UnicodeDecodeError) as trouble:
        raise click.ClickException(str(trouble)) from None


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
