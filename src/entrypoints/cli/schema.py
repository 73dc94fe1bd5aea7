"""The database schema brought up to date, and the documents that are printed from the code."""

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the schema is not current.")
def migrate(*, check: bool) -> None:
    """Bring the database to the schema of this version."""
    from entrypoints.cli.command_errors import domain_errors_shown
    from entrypoints.operations import schema
    from entrypoints.operations.database_roles import RoleUnknown

    settings = settings_from_environment()
    with domain_errors_shown():
        if check:
            problem = schema.schema_problem(settings)
            if problem is not None:
                raise click.ClickException(f"{problem}")
            click.echo("the schema is current")
            return
        try:
            revision = schema.migrate(settings)
        except RoleUnknown as unknown:
            raise click.ClickException(str(unknown)) from None
    click.echo(f"the schema is at {revision}")


@click.group()
def docs() -> None:
    """Documents that are printed from the code."""


@docs.command()
def write() -> None:
    """Write the generated pages of the documents anew."""
    from entrypoints.operations import docs as pages

    pages.write()
