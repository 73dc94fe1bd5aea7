"""A statement that takes so many rows takes no more, however PostgreSQL plans it."""

import re
from typing import Final

from architecture.sources import SRC, place_of, python_files

TAKEN_AGAIN: Final = re.compile(
    r"\bIN\s*\(\s*SELECT\b(?:(?!\bSELECT\b).)*?\bLIMIT\b(?:(?!\bSELECT\b).)*?\bFOR\s+(?:NO KEY\s+)?UPDATE",
    re.DOTALL,
)
"""As the inner side of a nested loop it runs once for each row, locks the next ones, and the limit is passed."""


def test_what_is_limited_and_locked_is_read_once() -> None:
    """
    An array is made once, before the statement begins: ``= ANY (ARRAY(SELECT ... LIMIT ... FOR UPDATE))``.
    """
    found = [
        place_of(path)
        for path in python_files(SRC)
        if TAKEN_AGAIN.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_rule_sees_it() -> None:
    """
    And takes an array for what it is.
    """
    again = """
        DELETE FROM t WHERE id IN (
            SELECT id FROM t WHERE at < :at ORDER BY at LIMIT :at_most FOR UPDATE SKIP LOCKED)"""
    once = """
        DELETE FROM t WHERE id = ANY (ARRAY(
            SELECT id FROM t WHERE at < :at ORDER BY at LIMIT :at_most FOR UPDATE SKIP LOCKED))"""

    assert TAKEN_AGAIN.search(again)
    assert not TAKEN_AGAIN.search(once)
