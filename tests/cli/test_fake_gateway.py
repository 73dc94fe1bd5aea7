"""``shulk fake-gateway``, and ``shulk serve`` beside which it stands: one state for all processes, ended with them."""

from typing import Final

import httpx
import pytest
from click.testing import CliRunner

from entrypoints.cli.embedded import free_port
from entrypoints.cli.fake_gateway import fake_gateway_beside
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES, Settings, load_settings
from worlds.settings import settings_with, variables_with

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_control/orders", trust_env=False, verify=False).is_success
    except httpx.TransportError:
        return False


def settings_at(url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    variables = variables_with(fake_gateway_url=url)
    for name, value in variables.items():
        # The process that is started reads what this one has.
        monkeypatch.setenv(name, value)
    return load_settings(variables)


def test_it_is_served_while_the_block_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Once: a second `serve` on this machine uses the one that is there.
    """
    url = f"http://127.0.0.1:{free_port()}"
    settings = settings_at(url, monkeypatch)

    with fake_gateway_beside(settings):
        assert answers(url)
        with fake_gateway_beside(settings):
            pass
        assert answers(url)

    assert not answers(url)


def test_another_machines_address_is_left_to_it() -> None:
    """
    There it is served by a container of its own; and no gateway but the fake one is served at all.
    """
    with (
        fake_gateway_beside(settings_with(fake_gateway_url="http://bank.internal:8091")),
        fake_gateway_beside(settings_with(gateway="simulator")),
    ):
        pass


def test_it_is_refused_beside_another_gateway() -> None:
    """
    Whoever set another gateway would wonder why nobody calls it.
    """
    refused = CliRunner().invoke(
        main, ["fake-gateway"], env=EXAMPLE | {"SHULK_GATEWAY": "simulator"}
    )

    assert refused.exit_code == 1
    assert "SHULK_GATEWAY is simulator, not fake" in refused.output
