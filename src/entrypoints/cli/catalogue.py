"""Courses and discount codes from a file, all of them or none."""

from pathlib import Path

import rich_click as click

from entrypoints.cli.lazy import called, settings_from_environment

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def courses() -> None:
    """Courses on sale."""


@courses.command("import")
@click.argument("file", type=FILE)
def import_courses(file: Path) -> None:
    """Add or replace the courses in FILE (CSV or JSON); one mistake and nothing is written."""
    _import("courses", file)


@click.group()
def discounts() -> None:
    """Discount codes."""


@discounts.command("import")
@click.argument("file", type=FILE)
def import_discounts(file: Path) -> None:
    """Add or replace the codes in FILE (CSV or JSON); one mistake and nothing is written."""
    _import("discounts", file)


def _import(what: str, file: Path) -> None:
    settings = settings_from_environment()
    report = called(f"entrypoints.operations.catalogue:import_{what}")(settings, file)
    if report.problems:
        listed = "\n".join(report.problems)
        raise click.ClickException(f"nothing was imported from {file.name}:\n\n{listed}")
    click.echo(f"{report.count} {what} imported")
