"""Server keys of the platform's back ends: added, rotated, revoked."""

from datetime import timedelta

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def keys() -> None:
    """Keys by which the platform's back ends call the API, each with its scopes."""


@keys.command("list")
def listed() -> None:
    """Show all keys: id, state, name, scopes, and when each was used last (UTC)."""
    from entrypoints.operations.server_keys import find_keys

    with domain_errors_shown():
        found = find_keys(settings_from_environment())
    for key, state in found:
        used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
        ends = f"  expires {key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else ""
        scopes = ",".join(sorted(key.scopes))
        click.echo(f"{key.id}  {state}  {key.name}  {scopes}  {used}{ends}")
    if not found:
        click.echo("there is no key", err=True)


@keys.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="payments:pay, for example.")
@click.option("--days", type=click.IntRange(1, 3650), help="It ends after so many; none: never.")
def add(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key called NAME that may do what its scopes name, and show it once."""
    from domain.sign_in.server_key import SCOPES
    from entrypoints.operations.server_keys import add_key

    if unknown := set(scopes) - SCOPES:
        known = ", ".join(sorted(SCOPES))
        raise click.BadParameter(f"no such scope: {', '.join(sorted(unknown))}; there are {known}")
    with domain_errors_shown():
        added = add_key(settings_from_environment(), name, scopes, days)
    click.echo(added.key.id)
    click.echo(added.secret)


@keys.command("rotate")
@click.argument("key")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    help="So long the secret before stays valid.",
)
def rotate(key: str, overlap_hours: int) -> None:
    """Show a new secret of KEY; the one before stays valid for a while."""
    from entrypoints.operations.server_keys import rotate_key

    with domain_errors_shown():
        rotated = rotate_key(settings_from_environment(), key, timedelta(hours=overlap_hours))
    click.echo(rotated.secret)
    click.echo(
        f"the one before is valid until {rotated.key.previous_until:%Y-%m-%d %H:%M} UTC", err=True
    )


@keys.command("revoke")
@click.argument("key")
def revoke(key: str) -> None:
    """Let KEY open nothing from now on; there is no way back."""
    from entrypoints.operations.server_keys import revoke_key

    with domain_errors_shown():
        revoked = revoke_key(settings_from_environment(), key)
    click.echo(f"{key} is revoked since {revoked:%Y-%m-%d %H:%M} UTC")
