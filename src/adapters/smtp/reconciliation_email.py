"""The words of the reconciliation summary: what was settled, what matched, and what a person has to check."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from adapters.smtp.one_line import Line, one_line
from domain.money import PAISE_PER_RUPEE, Money
from ports.notifications.email_texts import ReconciliationFigures

SHOWN_MAX: Final = 20
"""The email lists at most so many unexplained items; the page lists all of them."""


def subject(figures: ReconciliationFigures) -> str:
    """Return the subject, which already says the result."""
    return f"Reconciliation of {_days(figures.first, figures.last)}: {_verdict(figures)}"


def words(figures: ReconciliationFigures) -> Mapping[str, object]:
    """Return what the templates say about *figures*."""
    verdict, left = _verdict(figures), len(figures.unexplained) - SHOWN_MAX
    return {
        "headline": verdict[0].upper() + verdict[1:],
        "message": f"Reconciliation of {_days(figures.first, figures.last)}. {_message(figures)}",
        "figures": _lines(figures),
        "items": [
            Line(one_line(f"{each.reference}: {each.what}"), _signed(each.difference))
            for each in figures.unexplained[:SHOWN_MAX]
        ],
        "more": f"And {left} more on the page." if left > 0 else "",
    }


def _verdict(figures: ReconciliationFigures) -> str:
    if figures.ties_out:
        return "all matched"
    count = len(figures.unexplained)
    return f"{_items(count)} to look at" if count else "a difference without a cause"


def _message(figures: ReconciliationFigures) -> str:
    if figures.ties_out:
        return "Everything the bank settled is in our books, to the paisa. There is nothing to do."
    if not figures.unexplained:
        return "Every item found its match, and yet the sums differ. Please look before the day is closed."
    return "The bank's settlement and our books do not agree everywhere."


def _lines(figures: ReconciliationFigures) -> Sequence[Line]:
    rows = (
        ("Settled by the bank", figures.settled_count, figures.settled),
        ("Matched with our books", figures.matched_count, figures.matched),
        ("Sold, not due from the bank yet", figures.awaited_count, figures.awaited),
    )
    return [
        *(Line(f"{label}, {_items(count)}", str(amount)) for label, count, amount in rows),
        Line("Difference", _signed(figures.difference), strong=True),
    ]


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _signed(difference: Money) -> str:
    """Return the difference with its sign; one below a rupee is given in paise too, as it is easily missed."""
    if not difference:
        return str(difference)
    sign, size = ("+", difference) if difference.paise > 0 else ("\N{MINUS SIGN}", -difference)
    paise = f" ({size.paise} {'paisa' if size.paise == 1 else 'paise'})"
    return f"{sign}{size}{paise if size.paise < PAISE_PER_RUPEE else ''}"


def _days(first: date, last: date) -> str:
    return f"{first:%d %B %Y}" if first == last else f"{first:%d %B %Y} to {last:%d %B %Y}"
