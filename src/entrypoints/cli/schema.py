"""The database schema brought up to date, and the documents that are printed from the code."""

import rich_click as click

from entrypoints.cli.lazy import called, settings_from_environment


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when the schema is not current.")
def migrate(*, check: bool) -> None:
    """Bring the database to the schema of this version."""
    settings = settings_from_environment()
    if check:
        problem = called("entrypoints.operations.schema:schema_problem")(settings)
        if problem is not None:
            raise click.ClickException(f"{problem}")
        click.echo("the schema is current")
        return
    revision = called("entrypoints.operations.schema:migrate")(settings)
    click.echo(f"the schema is at {revision}")


@click.group()
def docs() -> None:
    """Documents that are printed from the code."""


@docs.command()
def write() -> None:
    """Write the generated pages of the documents anew."""
    called("entrypoints.operations.docs:write")()
