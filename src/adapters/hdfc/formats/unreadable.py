"""How much of a foreign text is read, in any dialect, and what is said when it is not."""

from typing import Final

DEPTH_MAX: Final = 24
"""Objects and lists within each other."""

VALUES_MAX: Final = 10_000
"""Texts, objects and lists of one answer; an order with its 25 attempts has about two thousand."""


class Unreadable(ValueError):
    """The text is none that we are willing to read; the message names the reason, not the text."""
