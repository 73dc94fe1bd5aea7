"""Dead letters, emails and documents that were given up: listed, requeued, or closed."""

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

LINE = click.IntRange(min=1)
OLD_GROUP = "errands"
"""The former name of the group; it works for one more release, with a warning."""


@click.group()
def dead_letters() -> None:
    """Emails and documents that were given up and wait for a person."""


@dead_letters.command("list")
def listed() -> None:
    """Show what was given up, since when (UTC) and why; oldest first."""
    from entrypoints.operations.dead_letters import find_dead_letters

    with domain_errors_shown():
        found = find_dead_letters(settings_from_environment())
    for each in found:
        click.echo(
            f"{each.id}  {each.task}  {each.payment}  {each.since:%Y-%m-%d %H:%M}  {each.why}"
        )
    if not found:
        click.echo("nothing was given up", err=True)


@dead_letters.command("requeue")
@click.argument("line", type=LINE)
@click.option("--to", "email", help="Write to the student at this address from now on.")
def requeue(line: int, email: str | None) -> None:
    """Try LINE again, now that its cause is repaired; it may take days until it is given up again."""
    from entrypoints.operations.dead_letters import requeue_dead_letter

    with domain_errors_shown():
        done = requeue_dead_letter(settings_from_environment(), line, email)
    click.echo(f"{done.task} of {done.payment} is due again")


@dead_letters.command("close")
@click.argument("line", type=LINE)
@click.option("--why", required=True, help="Kept with the task; at most 200 characters.")
def close(line: int, why: str) -> None:
    """Close LINE without doing it: the student was told another way, or need not be told."""
    from entrypoints.operations.dead_letters import close_dead_letter

    with domain_errors_shown():
        done = close_dead_letter(settings_from_environment(), line, why)
    click.echo(f"{done.task} of {done.payment} is closed")


@click.group(OLD_GROUP, hidden=True)
@click.pass_context
def errands(context: click.Context) -> None:
    """Do what `shulk dead-letters` does; this name goes with the next release."""
    old = context.invoked_subcommand or ""
    new = "requeue" if old == "again" else old
    click.echo(
        f"warning: `shulk {OLD_GROUP} {old}` is called `shulk dead-letters {new}` now;"
        " the old name goes with the next release",
        err=True,
    )


errands.add_command(listed, "list")
errands.add_command(requeue, "again")
errands.add_command(close, "close")
