"""Webhooks to the platform: endpoints added, tested, rotated, replayed and removed."""

from datetime import UTC, datetime

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def webhooks() -> None:
    """Where the platform is told of payments, enrolments, refunds, documents and disputes."""


@webhooks.command("list")
def listed() -> None:
    """Show all endpoints: id, state, url, and what each is told."""
    from entrypoints.operations.webhooks import find_endpoints

    with domain_errors_shown():
        found = find_endpoints(settings_from_environment())
    for each in found:
        types = ",".join(sorted(each.types)) or "all"
        failing = (
            f"  failing since {each.failing_since:%Y-%m-%d %H:%M}" if each.failing_since else ""
        )
        why = f"  {each.why}" if each.why else ""
        click.echo(f"{each.id}  {each.state}  {each.url}  {types}{failing}{why}")
    if not found:
        click.echo("there is no endpoint", err=True)


@webhooks.command("add")
@click.argument("url")
@click.option("--type", "types", multiple=True, help="payment.succeeded, for example; none: all.")
@click.option("--description", default="", help="Shown beside it.")
def add(url: str, types: tuple[str, ...], description: str) -> None:
    """Tell URL what happens from now on, and show its secret once."""
    from domain.webhooks.event_type import WebhookEventType
    from entrypoints.operations.webhooks import add_endpoint

    if unknown := set(types) - set(WebhookEventType):
        known = ", ".join(WebhookEventType)
        raise click.BadParameter(f"no such type: {', '.join(sorted(unknown))}; there are {known}")
    with domain_errors_shown():
        added = add_endpoint(settings_from_environment(), url, types, description)
    click.echo(added.endpoint.id)
    click.echo(added.secret)


@webhooks.command("rotate")
@click.argument("endpoint")
def rotate(endpoint: str) -> None:
    """Show a new secret of ENDPOINT; for 24 hours each message is signed by both."""
    from entrypoints.operations.webhooks import rotate_secret

    with domain_errors_shown():
        rotated = rotate_secret(settings_from_environment(), endpoint)
    click.echo(rotated.secret)
    click.echo(
        f"the one before is valid until {rotated.endpoint.previous_until:%Y-%m-%d %H:%M} UTC",
        err=True,
    )


@webhooks.command("enable")
@click.argument("endpoint")
def enable(endpoint: str) -> None:
    """Call ENDPOINT again; what has happened since it was disabled is delivered."""
    from entrypoints.operations.webhooks import enable_endpoint

    with domain_errors_shown():
        enable_endpoint(settings_from_environment(), endpoint)
    click.echo(f"{endpoint} is enabled")


@webhooks.command("disable")
@click.argument("endpoint")
@click.option("--why", required=True, help="Shown beside it; at most 200 characters.")
def disable(endpoint: str, why: str) -> None:
    """Do not call ENDPOINT until it is enabled; what happens meanwhile waits, for 30 days at most."""
    from entrypoints.operations.webhooks import disable_endpoint

    with domain_errors_shown():
        disable_endpoint(settings_from_environment(), endpoint, why)
    click.echo(f"{endpoint} is disabled")


@webhooks.command("test")
@click.argument("endpoint")
def test(endpoint: str) -> None:
    """Send one endpoint.test to ENDPOINT now, and show what came of it."""
    from entrypoints.operations.webhooks import test_endpoint

    with domain_errors_shown():
        tested = test_endpoint(settings_from_environment(), endpoint)
    if tested.why:
        raise click.ClickException(f"{tested.why} ({tested.took_ms} ms)")
    click.echo(f"{tested.event_id} was taken in {tested.took_ms} ms")


@webhooks.command("replay")
@click.argument("endpoint")
@click.option("--since", type=INSTANT, required=True, help="UTC; at most 30 days ago.")
@click.option("--until", type=INSTANT, help="UTC, not included; without it until now.")
def replay(endpoint: str, since: datetime, until: datetime | None) -> None:
    """Send ended deliveries of that time to ENDPOINT again, under the ids that they had."""
    from entrypoints.operations.webhooks import replay_deliveries

    end = until.replace(tzinfo=UTC) if until else None
    with domain_errors_shown():
        sent = replay_deliveries(
            settings_from_environment(), endpoint, since.replace(tzinfo=UTC), end
        )
    click.echo(f"{sent} deliveries are sent again")


@webhooks.command("remove")
@click.argument("endpoint")
@click.confirmation_option(prompt="Remove it with all its deliveries?")
def remove(endpoint: str) -> None:
    """Remove ENDPOINT and all that waits to be delivered to it."""
    from entrypoints.operations.webhooks import remove_endpoint

    with domain_errors_shown():
        remove_endpoint(settings_from_environment(), endpoint)
    click.echo(f"{endpoint} is removed")


@webhooks.command("deliveries")
@click.argument("endpoint")
@click.option("--last", type=click.IntRange(1, 500), default=50, help="How many, the newest first.")
def deliveries(endpoint: str, last: int) -> None:
    """Show what ENDPOINT was told, and what came of it (UTC)."""
    from entrypoints.operations.webhooks import read_deliveries

    with domain_errors_shown():
        found = read_deliveries(settings_from_environment(), endpoint, last)
    for each in found:
        took = f"  {each.took_ms} ms" if each.took_ms is not None else ""
        why = f"  {each.why}" if each.why else ""
        click.echo(
            f"{each.event_id}  {each.event.type}  {each.event.at:%Y-%m-%d %H:%M:%S}  {each.state}"
            f"  attempts {each.attempts}{took}{why}"
        )
    if not found:
        click.echo("nothing was delivered in the last 30 days", err=True)
