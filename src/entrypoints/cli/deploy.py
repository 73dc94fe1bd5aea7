"""``shulk deploy``: the files by which a machine runs the processes (docs/deploy.md)."""

from pathlib import Path

import rich_click as click

from entrypoints.cli.reverse_proxies import caddy, nginx


@click.group()
def deploy() -> None:
    """Files by which a machine runs the processes (docs/deploy.md)."""


@deploy.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the units into, /etc/systemd/system for example.",
)
@click.option(
    "--programs",
    default="/opt/shulk/current/bin",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the installed programs.",
)
@click.option(
    "--settings",
    default="/etc/shulk/shulk.env",
    show_default=True,
    type=click.Path(path_type=Path),
    help="File with the SHULK_* variables, without the secrets.",
)
@click.option(
    "--secrets",
    default="/etc/shulk/secrets",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder with the files cipher-keys and audit-key, readable by root alone.",
)
@click.option("--user", default="shulk", show_default=True, help="Who the processes run as.")
@click.option("--force", is_flag=True, help="Write over units that are there.")
def systemd(
    out: Path, programs: Path, settings: Path, secrets: Path, user: str, *, force: bool
) -> None:
    """Write units for the API, workers and the scheduler, each shut in as far as it bears."""
    from entrypoints.operations.deployment.systemd_units import Installation, systemd_units

    for each in (programs, settings, secrets):
        if not each.is_absolute() or any(mark.isspace() or mark == "%" for mark in str(each)):
            raise click.ClickException(
                f"{each}: systemd needs a path from the root, without blanks and %"
            )
    if not user.replace("-", "").replace("_", "").isalnum() or not user.isascii():
        raise click.ClickException(f"{user}: no name of a user")
    units = systemd_units(
        Installation(programs=programs, settings=settings, secrets=secrets, user=user)
    )
    there = [name for name in units if (out / name).exists()]
    if there and not force:
        raise click.ClickException(
            f"{', '.join(there)} are there already: --force writes over them"
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        (out / name).write_text(text, encoding="utf-8")
        click.echo(str(out / name))


for each in (nginx, caddy):
    deploy.add_command(each)
