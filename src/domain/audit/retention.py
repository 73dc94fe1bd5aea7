"""How long the record of the business is kept: the longest time that a law wants of any of it."""

from datetime import date
from typing import Final

YEARS_KEPT: Final = 8
"""From the end of the financial year (Companies Act, section 128(5)); GST and income tax want less."""

LAST_MONTH: Final = 3
LAST_DAY: Final = 31


def kept_until(event: date) -> date:
    """
    Return the last day on which books, documents and audit entries of the day *event* have to be kept.

    It is 31 March, eight years after the financial year of *event* has ended: never less than seven years after
    the event itself. What is under legal hold is kept for longer.
    """
    ends = event.year + (event.month > LAST_MONTH)
    return date(ends + YEARS_KEPT, LAST_MONTH, LAST_DAY)
