"""Posting to the ledger: a fact is posted once, and taken back by its mirror once."""

from datetime import datetime
from typing import Protocol

from domain.ledger.journal import Journal, Reversal


class JournalWrites(Protocol):
    """
    The part of a unit of work that posts.

    A posting whose key was posted before is nothing new: it changes nothing. A day in a closed period
    takes no posting; the journal is posted on the first open day and keeps the day of its fact.
    Those of one unit get their numbers in any order.
    """

    def post(self, journal: Journal, at: datetime) -> None:
        """
        Collect *journal*, posted at the instant *at* (UTC).

        What a capture or a paid refund lets the bank owe is expected from then on, and written with it.
        """
        ...

    def post_document(self, journal: Journal, at: datetime) -> None:
        """Collect *journal*; its reference is the number of the document that the same unit issues."""
        ...

    def reverse(self, reversal: Reversal, at: datetime) -> None:
        """
        Collect the mirror of a journal that was posted before.

        One that was never posted is no error: nothing is taken back, and the back-fill posts both.
        """
        ...
