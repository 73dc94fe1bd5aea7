"""Dead letters, emails, documents and webhooks that were given up: listed, requeued, closed, or dismissed."""

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

LINE = click.IntRange(min=1)
OLD_GROUP = "errands"
"""The former name of the group; it works for one more release, with a warning."""


@click.group()
def dead_letters() -> None:
    """Emails, documents and webhooks that were given up and wait for a person."""


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


@dead_letters.command("webhooks")
def webhooks() -> None:
    """Show webhooks about no order of ours, since when (UTC), their order and why; oldest first."""
    from entrypoints.operations.dead_letters import find_refused_webhooks

    with domain_errors_shown():
        found = find_refused_webhooks(settings_from_environment())
    for each in found:
        click.echo(
            f"{each.id}  {each.event}  {each.order or 'no order'}  {each.since:%Y-%m-%d %H:%M}"
            f"  came {each.copies}x  {each.why}"
        )
    if not found:
        click.echo("no webhook was refused", err=True)


@dead_letters.command("dismiss")
@click.argument("webhook_ids", metavar="WEBHOOK...", type=LINE, nargs=-1, required=True)
@click.option("--why", required=True, help="Kept in the audit log; at most 200 characters.")
def dismiss(webhook_ids: tuple[int, ...], why: str) -> None:
    """Dismiss each refused WEBHOOK: somebody has looked at it, and nothing has to be done."""
    from entrypoints.operations.dead_letters import dismiss_webhooks

    with domain_errors_shown():
        done = dismiss_webhooks(settings_from_environment(), webhook_ids, why)
    for each in done:
        click.echo(f"{each.event} of {each.order or 'no order'} is dismissed")


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
