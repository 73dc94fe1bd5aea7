"""Errands that were given up, such as a letter that an address never takes."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from domain.errors import DomainError
from entrypoints.cli.lazy import called, settings_from_environment


@click.group()
def dead_letters() -> None:
    """Letters and documents that were given up, waiting for a person."""


@dead_letters.command("list")
def listed() -> None:
    """Show what was given up, since when (UTC) and why; oldest first."""
    found = _do("parked")
    for each in found:
        click.echo(
            f"{each.id}  {each.task}  {each.payment}  {each.since:%Y-%m-%d %H:%M}  {each.why}"
        )
    if not found:
        click.echo("nothing was given up", err=True)


@dead_letters.command("again")
@click.argument("line", type=click.IntRange(min=1))
@click.option("--to", "email", help="Write to the student at this address from now on.")
def again(line: int, email: str | None) -> None:
    """Try LINE again, now that its cause is mended; once more it may take days to be given up."""
    done = _do("again", line, email)
    click.echo(f"{done.task} of {done.payment} is due again")


@dead_letters.command("close")
@click.argument("line", type=click.IntRange(min=1))
@click.option("--why", required=True, help="Kept with the errand; at most 200 characters.")
def close(line: int, why: str) -> None:
    """Close LINE without doing it: the student was told another way, or need not be told."""
    done = _do("close", line, why)
    click.echo(f"{done.task} of {done.payment} is closed")


def _do(command: str, *words: Any) -> Any:
    act: Callable[..., Any] = called(f"entrypoints.operations.dead_letters:{command}")
    try:
        return act(settings_from_environment(), *words)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
