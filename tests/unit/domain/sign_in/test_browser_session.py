"""A session is live until its end, and until nobody used it for too long."""

from datetime import datetime, timedelta

import pytest

from contracts.sign_in.browser_sessions_contract import IDLE, LIFETIME, SECOND, a_session
from domain.sign_in.browser_session import SEEN_EVERY, SessionId
from domain.staff.access import Role
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


def test_a_confirmed_session_is_another_one() -> None:
    """
    With an id and roles of its own, it ends when the one before would have ended.
    """
    later = NOON + SECOND
    before = a_session()
    confirmed = before.confirmed(SessionId("f" * 32), {Role.FINANCE}, later)

    assert before.confirmed_at is None
    assert confirmed.id == "f" * 32
    assert confirmed.roles == {Role.FINANCE}
    assert (confirmed.confirmed_at, confirmed.seen_at) == (later, later)
    assert (confirmed.began_at, confirmed.ends_at) == (before.began_at, before.ends_at)
