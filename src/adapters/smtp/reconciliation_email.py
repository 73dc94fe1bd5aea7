"""The words of the reconciliation summary: what was settled, what matched, and what a person has to check."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from adapters.smtp.one_line import Line, one_line
from domain.business_day import IST
from domain.money import PAISE_PER_RUPEE, Money
from ports.notifications.email_texts import AwaitedFile, ReconciliationFigures

SHOWN_MAX: Final = 20
"""The email lists at most so many unexplained items and files; the page lists all of them."""


def subject(figures: ReconciliationFigures) -> str:
    """Return the subject, which already says the result."""
    return f"Reconciliation of {_days(figures.first, figures.last)}: {_verdict(figures)}"


def words(figures: ReconciliationFigures) -> Mapping[str, object]:
    """Return what the templates say about *figures*."""
    verdict, left = _verdict(figures), len(figures.unexplained) - SHOWN_MAX
    more_files = len(figures.files) - SHOWN_MAX
    return {
        "headline": verdict[0].upper() + verdict[1:],
        "message": f"Reconciliation of {_days(figures.first, figures.last)}. {_message(figures)}",
        "figures": _lines(figures),
        "items": [
            Line(one_line(f"{each.reference}: {each.what}"), _signed(each.difference))
            for each in figures.unexplained[:SHOWN_MAX]
        ],
        "more": f"And {left} more on the page." if left > 0 else "",
        "files": [_awaited(each) for each in figures.files[:SHOWN_MAX]],
        "checkpoint": figures.checkpoint.strip(),
        "more_files": f"And {more_files} more on the page." if more_files > 0 else "",
    }


def _verdict(figures: ReconciliationFigures) -> str:
    if figures.ties_out:
        return "all matched"
    count = len(figures.unexplained)
    if figures.agrees:
        return f"incomplete, {_files(figures)} awaited"
    found = f"{_items(count)} to look at" if count else "a difference without a cause"
    return f"{found}, {_files(figures)} awaited" if figures.files else found


def _message(figures: ReconciliationFigures) -> str:
    if figures.ties_out:
        return "Everything the bank settled is in our books, to the paisa. There is nothing to do."
    awaited = (
        "It is reconciled again as soon as the file comes: nothing is called missing until then."
    )
    if figures.agrees:
        return f"What the bank has told so far agrees with our books. {awaited}"
    if not figures.unexplained:
        return "Every item found its match, and yet the sums differ. Please look before the day is closed."
    differs = "The bank's settlement and our books do not agree everywhere."
    return f"{differs} {awaited}" if figures.files else differs


def _awaited(file: AwaitedFile) -> Line:
    since = "not asked for yet" if file.since is None else f"asked for since {_instant(file.since)}"
    return Line(one_line(f"{file.mid or 'Any MID'}, up to {file.day:%d %B %Y}"), since)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(IST):%d %B %Y, %H:%M} IST"


def _files(figures: ReconciliationFigures) -> str:
    count = len(figures.files)
    return "a file is" if count == 1 else f"{count} files are"


def _lines(figures: ReconciliationFigures) -> Sequence[Line]:
    rows = (
        ("Settled by the bank", figures.settled_count, figures.settled),
        ("Matched with our books", figures.matched_count, figures.matched),
        ("Sold, not due from the bank yet", figures.awaited_count, figures.awaited),
    )
    return [
        *(
            Line(label if count is None else f"{label}, {_items(count)}", str(amount))
            for label, count, amount in rows
        ),
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
