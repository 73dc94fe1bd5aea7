"""Members of staff: who they are, what they may do, and the app that shows their codes."""

import os
from io import StringIO
from pathlib import Path
from typing import Any, Final

import rich_click as click

from domain.staff.second_factor import TotpWrong
from domain.staff.staff_member import StaffMember
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

ROLES: Final = click.Choice(["support", "finance", "admin", "auditor"])
TRIES_MAX: Final = 3
PNG_SCALE: Final = 8
PNG = click.Path(path_type=Path, dir_okay=False)


@click.group()
def staff() -> None:
    """Members of staff, by the id that the platform's tokens call them."""


@staff.command("add")
@click.argument("staff_id", metavar="ID")
@click.option("--name", required=True, help="Name, as the audit trail's readers know them.")
@click.option("--email", required=True, help="Address; it names the account in their app.")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be repeated.")
def add(staff_id: str, name: str, email: str, roles: tuple[str, ...]) -> None:
    """Add the member of staff ID; their app comes next: shulk staff totp ID."""
    from entrypoints.operations.staff import add_staff

    with domain_errors_shown():
        add_staff(settings_from_environment(), staff=staff_id, name=name, email=email, roles=roles)
    click.echo(
        f"{staff_id} added: {' '.join(sorted(set(roles)))}; next: shulk staff totp {staff_id}"
    )


@staff.command("roles")
@click.argument("staff_id", metavar="ID")
@click.argument("roles", type=ROLES, nargs=-1)
def roles(staff_id: str, roles: tuple[str, ...]) -> None:
    """Show the roles of ID, or set them to exactly ROLES."""
    from entrypoints.operations.staff import set_roles, show_staff

    with domain_errors_shown():
        settings = settings_from_environment()
        member = set_roles(settings, staff_id, roles) if roles else show_staff(settings, staff_id)
    click.echo(_described(member))


@staff.command("suspend")
@click.argument("staff_id", metavar="ID")
def suspend(staff_id: str) -> None:
    """Let ID do nothing any more, whatever their token says."""
    _set_active(staff_id, active=False)


@staff.command("resume")
@click.argument("staff_id", metavar="ID")
def resume(staff_id: str) -> None:
    """Let ID do again what their roles say."""
    _set_active(staff_id, active=True)


@staff.command("totp")
@click.argument("staff_id", metavar="ID")
@click.option("--png", type=PNG, help="Write the QR code to this new file as well.")
@click.option("--remove", is_flag=True, help="Only make the present app worthless: lost or stolen.")
def totp(staff_id: str, png: Path | None, *, remove: bool) -> None:
    """Set up an authenticator app for ID, in the place of any before it.

    Shows a new secret once, as a QR code and as text, and keeps it only after the app has shown a
    right code for it; until then the app before it holds.
    """
    from entrypoints.operations.staff import invite, remove_second_factor

    if remove:
        with domain_errors_shown():
            remove_second_factor(settings_from_environment(), staff_id)
        click.echo(f"{staff_id} has no app any more; set one up: shulk staff totp {staff_id}")
        return
    import segno

    with domain_errors_shown():
        invitation = invite(settings_from_environment(), staff_id)
    code = segno.make(invitation.provisioning_uri, error="m", micro=False)
    if png is not None:
        _write_png(code, png)
    drawn = StringIO()
    code.terminal(out=drawn, compact=True)
    click.echo(drawn.getvalue())
    click.echo(f"Scan this, or type the secret (shown once): {_in_fours(invitation.seed)}")
    _confirm(staff_id, invitation.seed)
    click.echo(f"{staff_id} has a new app; codes of any before it open nothing any more")


def _set_active(staff_id: str, *, active: bool) -> None:
    from entrypoints.operations.staff import set_active

    with domain_errors_shown():
        member = set_active(settings_from_environment(), staff_id, active=active)
    click.echo(_described(member))


def _confirm(staff_id: str, seed: str) -> None:
    from entrypoints.operations.staff import confirm

    for left in reversed(range(TRIES_MAX)):
        shown = click.prompt("The code the app shows now").replace(" ", "")
        try:
            confirm(settings_from_environment(), staff_id, seed, shown)
        except TotpWrong:
            click.echo("That is not it; is the phone's clock right?", err=True)
            if not left:
                raise click.ClickException(
                    "nothing was changed; remove this account from the app and start again"
                ) from None
        else:
            return


def _write_png(code: Any, file: Path) -> None:
    """Write the QR code to a new file that only its owner can read; no file is overwritten."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as refusal:
        raise click.ClickException(f"cannot write {file}: {refusal.strerror}") from None
    with os.fdopen(descriptor, "wb") as out:
        code.save(out, kind="png", scale=PNG_SCALE)
    click.echo(f"{file} holds the secret too; delete it once it is scanned", err=True)


def _in_fours(seed: str) -> str:
    return " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))


def _described(member: StaffMember) -> str:
    app = "with an app" if member.seed else "without an app"
    state = "active" if member.active else "suspended"
    return f"{member.id} ({member.name}): {' '.join(sorted(member.roles))}; {state}, {app}"
