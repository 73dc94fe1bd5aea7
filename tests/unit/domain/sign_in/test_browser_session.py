"""A session is live until its end, and until nobody used it for too long."""

from datetime import datetime, timedelta

import pytest

from contracts.sign_in.browser_sessions_contract import IDLE, LIFETIME, SECOND, a_session
from domain.sign_in.browser_session import SEEN_EVERY
from fakes.clock import NOON


@pytest.mark.parametrize(
    ("at", "is_live"),
    [
        (NOON, True),
        (NOON + IDLE - SECOND, True),
        (NOON + IDLE, False),
        (NOON + LIFETIME, False),
    ],
)
def test_a_session_left_alone(at: datetime, *, is_live: bool) -> None:
    """
    It ends *idle* after its last request.
    """
    assert a_session().is_live(at) is is_live


def test_a_busy_session_ends_too() -> None:
    """
    At the end of its lifetime, however lately it was used.
    """
    last = NOON + LIFETIME - SECOND

    assert a_session().seen(last).is_live(last)
    assert not a_session().seen(last).is_live(NOON + LIFETIME)


def test_a_request_is_noted_after_a_while() -> None:
    """
    Not each of them.
    """
    session = a_session()

    assert not session.is_seen_again(NOON + SEEN_EVERY - timedelta(microseconds=1))
    assert session.is_seen_again(NOON + SEEN_EVERY)
