"""How the gateway is configured: shown without its secrets, and tried at the bank."""

from datetime import datetime

import rich_click as click

from application.gateway_config.read_configuration import ConfigurationView, SecretMask
from application.gateway_config.try_connection import ConnectionVerdict
from domain.business_day import IST
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def gateway() -> None:
    """The gateway configuration."""


@gateway.command("show")
def show() -> None:
    """Show what is in effect, what waits for a second officer, and the versions before; secrets as masks."""
    from entrypoints.operations.gateway_config import overview

    with domain_errors_shown():
        found = overview(settings_from_environment())
    if found.locked:
        click.echo("locked: SHULK_GATEWAY_CONFIG keeps the configuration in the environment")
    source = "the environment" if found.in_effect.stored is None else "stored"
    click.echo(f"in effect: version {found.in_effect.number} ({source})")
    for name, value in found.in_effect.terms.words().items():
        click.echo(f"  {name}: {value}")
    for mask in found.in_effect.secrets:
        click.echo(f"  {mask.secret}: {_shown(mask)}")
    old = found.old_secrets
    if old is not None:
        click.echo(f"secrets before version {old.number} count until {_at(old.overlap_until)}")
    for each in found.history:
        click.echo(_line(each))


@gateway.command("test-connection")
@click.option("--version", type=click.IntRange(0), help="A stored version; 0 is the environment.")
def test_connection(version: int | None) -> None:
    """
    Ask the bank for an order that does not exist, by the configuration in effect.

    Ends with 1 when the bank refuses the credentials, or is not reached.
    """
    from entrypoints.operations.gateway_config import try_connection

    with domain_errors_shown():
        tested = try_connection(settings_from_environment(), version)
    detail = f": {tested.detail}" if tested.detail else ""
    said = f"version {tested.number} {tested.verdict}{detail}"
    if tested.verdict in {ConnectionVerdict.REFUSED, ConnectionVerdict.UNREACHABLE}:
        raise click.ClickException(said)
    click.echo(said)


@gateway.command("check")
@click.argument("name", metavar="PACKAGE.MODULE:OPEN_GATEWAY")
@click.option("-k", "only", default="", help="Only promises whose names contain this.")
def check(name: str, only: str) -> None:
    """
    Hold a gateway adapter of your own to every promise of the port; docs/simulator.md says what it opens.

    Ends with 1 when a promise is not kept, with 2 when nothing was run. Reads no SHULK_* variable.
    """
    try:
        from entrypoints.operations.gateway_contract.checking import check_gateway
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed; install shulk[check]") from None

    raise SystemExit(check_gateway(name, only))


def _shown(mask: SecretMask) -> str:
    if not mask.readable:
        return "cannot be read; enter it again"
    return f"••••{mask.tail} {mask.fingerprint}"


def _line(view: ConfigurationView) -> str:
    stored = view.stored
    if stored is None:
        return f"version {view.number}"
    decided = f", decided by {stored.decided_by}" if stored.decided_by else ""
    effective = f", from {_at(stored.effective_from)}" if stored.effective_from else ""
    return (
        f"version {view.number} {stored.state}, proposed by {stored.proposed_by} "
        f"{_at(stored.proposed_at)}{decided}{effective}: {stored.reason}"
    )


def _at(instant: datetime | None) -> str:
    return f"{instant.astimezone(IST):%Y-%m-%d %H:%M:%S}" if instant else "-"
