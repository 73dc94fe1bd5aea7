"""Rows of browser sessions do not pile up, and what is asked of them is answered by an index."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.sign_in.browser_sessions import DELETED_MAX, KEPT, PostgresBrowserSessions
from adapters.postgres.sign_in.tables import browser_session
from contracts.sign_in.browser_sessions_contract import LIFETIME, TOKEN, a_session
from fakes.clock import NOON

COUNTED: Final = prepare(select(func.count().label("rows")).select_from(browser_session))
OLD: Final = DELETED_MAX + 5


async def rows(database: Database) -> int:
    return int((await database.fetch(COUNTED))[0]["rows"])


async def test_old_sessions_make_room(database: Database) -> None:
    """
    Each new one takes more old ones along than come, and none that a token could still be tried on.
    """
    sessions = PostgresBrowserSessions(database)
    for number in range(OLD):
        await sessions.begin(a_session(number), TOKEN if number == 0 else None)
    edge = NOON + LIFETIME + KEPT
    await sessions.begin(a_session(OLD, at=edge), None)
    assert await rows(database) == OLD + 1

    later = edge + timedelta(seconds=1)
    await sessions.begin(a_session(OLD + 1, at=later), None)
    assert await rows(database) == OLD + 2 - DELETED_MAX
    await sessions.begin(a_session(OLD + 2, at=later), None)
    assert await rows(database) == 3
