"""How deep and how large a body may be, in every format."""

from typing import Final

DEPTH_MAX: Final = 24
"""Levels of objects and lists."""

VALUES_MAX: Final = 10_000
"""Texts, objects and lists in one answer; an order with 25 attempts has about two thousand."""


class UnreadableBody(ValueError):
    """The body is refused; the message names the reason and quotes nothing."""
