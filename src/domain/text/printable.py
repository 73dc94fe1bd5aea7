"""Which text may be printed on a tax document: visible, of limited length, in any script."""

import unicodedata
from typing import Final

_JOINERS: Final = frozenset("\u200c\u200d")  # Malayalam, Marathi and others cannot be spelt without
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def unprintable_reason(text: str, longest: int) -> str | None:
    """Return why *text* cannot be printed, or ``None``; *longest* counts characters."""
    if not text.strip():
        return "it is blank"
    if len(text) > longest:
        return f"it is longer than {longest} characters"
    if any(unicodedata.category(mark) in _UNPRINTABLE for mark in text if mark not in _JOINERS):
        return "it holds control characters"
    return None
