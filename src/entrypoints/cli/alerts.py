"""Alerts: listed, taken on, silenced for some hours."""

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

HOURS_MAX = 24


@click.group()
def alerts() -> None:
    """What calls a person now, who looks at it, and what is silenced."""


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are resolved.")
def listed(*, everything: bool) -> None:
    """Show the alerts that go on, with their values and since when (UTC)."""
    from entrypoints.operations.alerts import find_alerts

    with domain_errors_shown():
        found = find_alerts(settings_from_environment())
    shown = [each for each in found if everything or each.is_open]
    for each in shown:
        silent = f"  silenced until {each.silenced_until:%H:%M}" if each.silenced_until else ""
        by = f"  {each.acknowledged_by}" if each.acknowledged_by else ""
        click.echo(
            f"{each.id}  {each.state}  {each.rule}  {each.subject or '-'}  {each.value}"
            f"  {each.since:%Y-%m-%d %H:%M}{by}{silent}  {each.detail}".rstrip()
        )
    if not shown:
        click.echo("nothing fires", err=True)


@alerts.command("acknowledge")
@click.argument("alert")
@click.option("--note", default="", help="Shown to everybody who sees the alert.")
def acknowledge(alert: str, note: str) -> None:
    """Say that somebody looks at ALERT."""
    from entrypoints.operations.alerts import acknowledge_alert

    with domain_errors_shown():
        done = acknowledge_alert(settings_from_environment(), alert, note)
    click.echo(f"{done.rule} is acknowledged")


@alerts.command("silence")
@click.argument("alert")
@click.option("--hours", type=click.IntRange(1, HOURS_MAX), required=True, help="From now on.")
@click.option("--reason", required=True, help="Kept in the audit log, and shown.")
def silence(alert: str, hours: int, reason: str) -> None:
    """Tell nobody of changes of ALERT for some hours; it goes on being judged."""
    from entrypoints.operations.alerts import silence_alert

    with domain_errors_shown():
        done = silence_alert(settings_from_environment(), alert, hours, reason)
    click.echo(f"{done.rule} is silenced until {done.silenced_until:%Y-%m-%d %H:%M} UTC")
