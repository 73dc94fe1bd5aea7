"""The cursor of the list of payments under review, as an opaque text for clients."""

from entrypoints.http.api.cursor import read_cursor, write_cursor
from ports.payments.payment_queries import HistoryCursor
from ports.reviews.review_queries import ReviewCursor


def write_review_cursor(cursor: ReviewCursor) -> str:
    return write_cursor(HistoryCursor(cursor.since, cursor.payment))


def read_review_cursor(text: str) -> ReviewCursor:
    """Return the cursor that was written as *text*, or raise ``HttpProblem``."""
    read = read_cursor(text)
    return ReviewCursor(read.opened_at, read.payment)
