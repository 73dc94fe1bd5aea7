"""The roles of the database: what the one that serves may do, printed for its owner or given at once."""

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def database() -> None:
    """The database beside its schema (see migrate)."""


@database.command("roles")
@click.option(
    "--apply", "at_once", is_flag=True, help="Give the rights now, as the role that migrates."
)
def roles(*, at_once: bool) -> None:
    """
    Show the rights that the role of SHULK_DATABASE_URL needs to serve, as SQL for the owner of the tables.

    `shulk migrate` gives them by itself where SHULK_MIGRATION_DATABASE_URL is set.
    """
    from entrypoints.operations import database_roles

    settings = settings_from_environment()
    if not at_once:
        for each in database_roles.grants(settings):
            click.echo(f"{each};")
        return
    if settings.migration_database_url is None:
        raise click.ClickException("SHULK_MIGRATION_DATABASE_URL is not set: who owns the tables?")
    with domain_errors_shown():
        try:
            role = database_roles.apply_grants(settings)
        except database_roles.RoleUnknown as unknown:
            raise click.ClickException(str(unknown)) from None
    click.echo(f"{role} may serve")
