"""What the pytest plugin for platforms has of its own: signatures, tokens, one-time codes, and where Shulk is."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import jwt
import pyotp
import pytest
from standardwebhooks.webhooks import Webhook

from shulk_testing import plugin
from shulk_testing.finding import ShulkNotFound, find_shulk
from shulk_testing.signatures import NotSigned, sign, verify
from shulk_testing.tokens import signed_token, totp
from shulk_testing.waiting import NeverCame, wait_for

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY: Final = b'{"type":"payment.succeeded"}'
AT: Final = 1_795_933_800
SHARED: Final = "the-platform-and-we-share-this-secret-0"


def headers(signature: str, at: int = AT) -> dict[str, str]:
    return {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(at), "Webhook-Signature": signature}


def test_a_signature_is_that_of_the_standards_own_library() -> None:
    """
    Two implementations agree; a rotated secret signs beside the one before.
    """
    ours = sign(SECRET, "evt_1", AT, BODY)
    both = f"v1,b2xkb25lc3NpZ25hdHVyZQ== {ours}"

    theirs = Webhook(SECRET).sign("evt_1", datetime.fromtimestamp(AT, UTC), BODY.decode())
    assert ours == theirs
    assert verify(SECRET, headers(both), BODY, now=AT + 299) == {"type": "payment.succeeded"}


@pytest.mark.parametrize(
    ("signature", "body", "now"),
    [
        (sign(SECRET, "evt_1", AT, BODY), b'{"type":"payment.failed"}', AT),
        (sign(SECRET, "evt_2", AT, BODY), BODY, AT),
        (sign("whsec_b3RoZXI=", "evt_1", AT, BODY), BODY, AT),
        (sign(SECRET, "evt_1", AT, BODY), BODY, AT + 301),
        (sign(SECRET, "evt_1", AT, BODY), BODY, AT - 301),
        ("", BODY, AT),
    ],
)
def test_what_is_not_signed_so_is_refused(signature: str, body: bytes, now: float) -> None:
    """
    Another body, another message, another key, too old, from the future, nothing.
    """
    with pytest.raises(NotSigned):
        verify(SECRET, headers(signature), body, now=now)
    with pytest.raises(NotSigned):
        verify(SECRET, {}, body, now=now)


def test_tokens_and_codes_are_what_others_make() -> None:
    token = signed_token(SHARED, "us", "shulk", subject="asha", claims={"roles": ["student"]})
    seed = pyotp.random_base32()

    read = jwt.decode(token, SHARED, ["HS256"], audience="shulk", issuer="us")
    assert (read["sub"], read["roles"]) == ("asha", ["student"])
    assert totp(seed, AT) == pyotp.TOTP(seed).at(AT)


def test_shulk_is_found_in_its_own_environment(tmp_path: Path) -> None:
    """
    As named, else as pipx has it; where there is none, the message says how to have one.
    """
    environ = {"PATH": "", "HOME": str(tmp_path)}
    program = tmp_path / ".local/share/pipx/venvs/shulk/bin/shulk"
    with pytest.raises(ShulkNotFound, match="pipx install"):
        find_shulk(None, environ)
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    assert find_shulk(None, environ) == str(program)
    assert find_shulk(str(program), environ) == str(program)
    with pytest.raises(ShulkNotFound, match="no program nobody"):
        find_shulk(None, environ | {"SHULK_BIN": "nobody"})


def test_what_never_comes_is_told() -> None:
    assert wait_for(lambda: 1, 0, lambda: "") == 1
    with pytest.raises(NeverCame, match="not within 0 seconds: nothing"):
        wait_for(lambda: None, 0, lambda: "nothing")


@pytest.mark.parametrize(("fixture", "status"), [(plugin.pay, "success"), (plugin.fail, "failed")])
def test_what_nobody_tells_of_is_not_waited_for(fixture: Any, status: str) -> None:
    """
    To read the status would ask the bank, which is what the test wants to see undone.
    """
    bank = SimpleNamespace(act=lambda *_, **__: None, come_back=lambda _: None)
    shulk = SimpleNamespace(wait_for=lambda _, reached: {"status": reached})
    end = fixture.__wrapped__(SimpleNamespace(bank=bank, shulk=shulk))

    assert end(None, webhooks=False, comes_back=False) == {"status": "pending"}
    assert end(None, comes_back=False) == {"status": status}
