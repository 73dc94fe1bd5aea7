"""The cursor of the list of dead letters, as an opaque text for clients."""

from typing import Final

from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.notifications.outbox import DeadLetter, DeadLetterCursor

NUMBER_MAX: Final = 2**63 - 1
"""The database knows no larger one."""


def write_dead_letter_cursor(last: DeadLetter) -> str:
    return write_text_cursor(last.since, str(last.id))


def read_dead_letter_cursor(text: str) -> DeadLetterCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    since, number = read_text_cursor(text)
    if not (number.isascii() and number.isdigit() and int(number[:20]) <= NUMBER_MAX):
        raise HttpProblem(CURSOR_INVALID)
    return DeadLetterCursor(since=since, id=int(number))
