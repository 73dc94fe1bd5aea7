"""Secrets at rest, and the keys they are encrypted under."""

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def secrets() -> None:
    """Secrets at rest and their keys."""


@secrets.command("rotate")
def rotate() -> None:
    """Encrypt under the first key whatever is encrypted under another; may be ended and repeated at any time.

    Put a new key first and keep the old ones, restart every process, run this, then take the old
    keys away.
    """
    from entrypoints.operations.staff import rotate_secrets

    settings = settings_from_environment()
    done = rotate_secrets(settings)
    click.echo(f"{done.reencrypted} encrypted anew under {settings.keys_at_rest.active}")
    if done.undecryptable:
        places = ", ".join(
            f"{each.table}.{each.column} of {each.row}" for each in done.undecryptable
        )
        raise click.ClickException(
            f"no key that is set opens these: {places}; set the key they name, or enrol again"
        )
