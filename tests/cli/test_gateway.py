"""``shulk gateway``: the configuration in effect without its secrets, and a test of the connection."""

from typing import Final

from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES, load_settings, secrets_of

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
FAKE: Final = EXAMPLE | {
    "SHULK_GATEWAY": "fake",
    # Nobody serves one there.
    "SHULK_FAKE_GATEWAY_URL": "http://127.0.0.1:9",
}


def shulk(url: str, *words: str, **changes: str) -> Result:
    env = FAKE | changes | {"SHULK_DATABASE_URL": url}
    return CliRunner().invoke(main, ["gateway", *words], env=env)


def test_the_configuration_is_shown_without_its_secrets(database_url: str) -> None:
    """
    Version 0 is the environment; whether the bank takes its key is asked of the bank, which is not served here.
    """
    shown = shulk(database_url, "show", SHULK_GATEWAY_CONFIG="environment")
    tested = shulk(database_url, "test-connection", "--version", "0")
    unknown = shulk(database_url, "test-connection", "--version", "7")

    assert shown.exit_code == 0, shown.output
    assert "in effect: version 0 (the environment)" in shown.stdout
    assert "locked" in shown.stdout
    assert "  merchant_id: SIMMERCHANT\n" in shown.stdout
    secrets = secrets_of(load_settings(FAKE)) - {""}
    assert not any(secret in shown.output for secret in secrets)
    assert tested.exit_code == 1, tested.output
    told = " ".join(tested.output.replace("│", " ").split())
    assert "the fake gateway is not served; run: shulk fake-gateway" in told
    assert unknown.exit_code == 1
    assert "no such version" in unknown.output


def test_a_bank_that_is_not_there_is_told(database_url: str) -> None:
    """
    Nothing is said of the key then.
    """
    away = shulk(
        database_url,
        "test-connection",
        SHULK_GATEWAY="simulator",
        SHULK_GATEWAY_URL="http://127.0.0.1:9",
    )

    assert away.exit_code == 1
    assert "unreachable" in away.output
