"""The cursors of the lists of dead letters and of refused webhooks, as opaque texts for clients."""

from datetime import datetime
from typing import Final

from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.problem_types import CURSOR_INVALID
from entrypoints.http.problems import HttpProblem
from ports.notifications.outbox import DeadLetter, DeadLetterCursor
from ports.payments.inbox import RefusedWebhook, RefusedWebhookCursor

NUMBER_MAX: Final = 2**63 - 1
"""The database knows no larger one."""


def write_dead_letter_cursor(last: DeadLetter) -> str:
    return write_text_cursor(last.since, str(last.id))


def read_dead_letter_cursor(text: str) -> DeadLetterCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    since, number = _read(text)
    return DeadLetterCursor(since=since, id=number)


def write_refused_webhook_cursor(last: RefusedWebhook) -> str:
    return write_text_cursor(last.since, str(last.id))


def read_refused_webhook_cursor(text: str) -> RefusedWebhookCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    since, number = _read(text)
    return RefusedWebhookCursor(since=since, id=number)


def _read(text: str) -> tuple[datetime, int]:
    since, number = read_text_cursor(text)
    if not (number.isascii() and number.isdigit() and int(number[:20]) <= NUMBER_MAX):
        raise HttpProblem(CURSOR_INVALID)
    return since, int(number)
