"""Courses and discount codes from a file, all of them or none."""

from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def courses() -> None:
    """Courses on sale."""


@courses.command("import")
@click.argument("file", type=FILE)
def import_courses(file: Path) -> None:
    """Add or replace the courses in FILE (CSV or JSON); one mistake and nothing is written."""
    from entrypoints.operations.catalogue import import_courses as imported

    report = imported(settings_from_environment(), file)
    _show("courses", file, report.count, report.problems)


@click.group()
def discounts() -> None:
    """Discount codes."""


@discounts.command("import")
@click.argument("file", type=FILE)
def import_discounts(file: Path) -> None:
    """Add or replace the codes in FILE (CSV or JSON); one mistake and nothing is written."""
    from entrypoints.operations.catalogue import import_discounts as imported

    report = imported(settings_from_environment(), file)
    _show("discounts", file, report.count, report.problems)


def _show(what: str, file: Path, count: int, problems: Sequence[str]) -> None:
    if problems:
        listed = "\n".join(problems)
        raise click.ClickException(f"nothing was imported from {file.name}:\n\n{listed}")
    click.echo(f"{count} {what} imported")
