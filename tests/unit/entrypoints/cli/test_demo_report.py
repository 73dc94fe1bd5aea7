"""What the demo prints once it is open: where to go, and what is not as in production."""

from pathlib import Path

import pytest

from entrypoints.cli.demo.jwt_keys import JwtKeys
from entrypoints.cli.demo.report import say_where_to_click
from entrypoints.cli.demo.stack import Stack
from entrypoints.cli.subprocesses import Children
from worlds.settings import settings_with, variables_with


def a_stack(**changes: str) -> Stack:
    key = Path("key.pem")
    return Stack(
        variables=variables_with(**changes),
        settings=settings_with(**changes),
        simulator="http://127.0.0.1:8090",
        mailbox="http://127.0.0.1:8025",
        platform="http://127.0.0.1:8070",
        children=Children(),
        totp_secrets={},
        server_key="the-key-of-the-platform",
        jwt_keys=JwtKeys(
            key_id="key",
            merchant_private_key=key,
            merchant_public_key=key,
            bank_private_key=key,
            bank_public_key=key,
        ),
    )


def printed(stack: Stack, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is printed, its frames and columns as single spaces."""
    say_where_to_click(stack, announce=None)
    lines = capsys.readouterr().out.splitlines()
    return "\n".join(" ".join(line.strip("│╭╮╰╯─ ").split()) for line in lines)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_it_says_what_is_not_as_in_production(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Each setting that is lifted or shortened beside its usual value, and what no setting says; no secret.
    """
    stack = a_stack(limit_refund="6000/minute", api_key="of-this-demo-alone")

    said = printed(stack, capsys)

    _, _, differences = said.partition("Not as in production")
    assert "\nSetting Here Usually\n" in differences
    assert "\nSHULK_LIMIT_REFUND 6000/minute 10/hour\n" in differences
    for each in (
        "Money a stand-in bank (fake) the bank",
        "Sign-in by picking a person; staff's codes are shown the platform's",
        "Data gone when the demo ends kept",
    ):
        assert f"\n{each}\n" in differences
    assert "of-this-demo-alone" not in said
    assert stack.server_key not in said


def test_it_says_where_to_go(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The shop, the console, the mail, the platform and the stand-in bank, by their addresses.
    """
    stack = a_stack(public_url="http://127.0.0.1:8001")

    said, _, _ = printed(stack, capsys).partition("Not as in production")

    assert "Buy a course http://127.0.0.1:8001/\n" in said
    for address in (f"{stack.api}/console", stack.mailbox, stack.platform, stack.simulator):
        assert address in said
