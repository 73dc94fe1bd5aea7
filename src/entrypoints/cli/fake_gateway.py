"""``shulk fake-gateway``: one fake gateway for all processes of an installation, with a page for the payer."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import rich_click as click

from entrypoints.cli.command_settings import settings_of_a_process
from entrypoints.cli.loading import loading
from entrypoints.cli.subprocesses import ChildDied, Children, wait_until
from entrypoints.settings.settings import GatewayKind, Settings

STARTS_WITHIN_SECONDS: Final = 30.0


@click.command("fake-gateway")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
def fake_gateway(host: str) -> None:
    """
    Serve the fake gateway at SHULK_FAKE_GATEWAY_URL, with the simulator's control calls.

    `shulk serve` does it by itself where that address is on loopback. Nothing here asks for credentials.
    """
    settings = settings_of_a_process()
    if settings.gateway is not GatewayKind.FAKE:
        raise click.ClickException(f"SHULK_GATEWAY is {settings.gateway}, not fake")
    with loading():
        from entrypoints.operations.fake_bank.serving import AddressTaken, serve_fake_gateway

    try:
        serve_fake_gateway(settings, lambda url: click.echo(f"fake gateway at {url}"), host)
    except AddressTaken as refusal:
        raise click.ClickException(str(refusal)) from None


@contextmanager
def fake_gateway_beside(settings: Settings) -> Iterator[None]:
    """
    Serve the fake gateway in a process that ends with this block, when SHULK_GATEWAY says so.

    Not where it answers already, or where its address is another machine's: then somebody else serves it.
    """
    if settings.gateway is not GatewayKind.FAKE:
        yield
        return
    from entrypoints.operations.fake_bank.serving import is_answered, is_on_loopback

    if not is_on_loopback(settings) or is_answered(settings):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="shulk-fake-gateway-") as name, Children() as children:
        children.forget_folder_on_death(Path(name))
        command = [sys.executable, "-m", "entrypoints.cli.main", "fake-gateway"]
        children.start("the fake gateway", command, log=Path(name) / "fake-gateway.log")
        try:
            wait_until(
                lambda: is_answered(settings),
                children,
                at_most_seconds=STARTS_WITHIN_SECONDS,
                what="the fake gateway",
            )
        except ChildDied as death:
            # Another process may have served it meanwhile; then this one is not needed.
            if not is_answered(settings):
                raise click.ClickException(str(death)) from None
        yield
