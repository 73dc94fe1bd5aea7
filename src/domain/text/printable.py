"""Which text may be printed on a tax document: visible, of limited length, in any script."""

import re
import unicodedata
from typing import Final

from domain.text.language import Sentence

JOINERS: Final = frozenset("\u200c\u200d")
"""Malayalam, Marathi and others cannot be spelt without them; they are not visible alone."""

LINE_BREAKS: Final = "\n\v\f\r\x85\u2028\u2029"

_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_VISIBLE: Final = frozenset("LNS")  # letters, numbers, symbols
_BLANK_GLYPHS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols by category, with a glyph of nothing: fillers, the empty Braille cell, a null note."""

_PLANE_END: Final = 0xFFFE
_NONCHARACTERS: Final = range(0xFDD0, 0xFDF0)
_BREAK: Final = re.compile(rf" *[\t{LINE_BREAKS}][ \t{LINE_BREAKS}]*")


def unprintable_reason(text: str, longest: int) -> str | None:
    """
    Return why *text* cannot be printed, or ``None``; *longest* counts characters.

    A text is blank unless it holds a visible letter, digit or symbol: combining marks, joiners,
    fillers and punctuation alone are none. Controls, characters that change the reading direction,
    characters of private use and noncharacters (Unicode 23.7) are refused.
    """
    if not any(_is_visible(mark) for mark in text):
        return "it holds control characters" if any(map(_is_control, text)) else "it is blank"
    if len(text) > longest:
        return Sentence.of("it is longer than %(longest)s characters", longest=longest)
    if any(map(_is_unprintable, text)):
        return "it holds control characters"
    return None


def on_one_line(text: str) -> str:
    """Return *text* without blanks around it, each tab and line break inside it as one blank."""
    return _BREAK.sub(" ", text).strip()


def without_invisible_marks(text: str) -> str:
    """
    Return *text* without what has no glyph and changes none: soft hyphens, direction marks, fillers.

    Joiners stay, and so do control characters, which ``unprintable_reason`` names.
    """
    return "".join(
        mark
        for mark in text
        if mark in JOINERS or not (unicodedata.category(mark) == "Cf" or mark in _BLANK_GLYPHS)
    )


def _is_visible(mark: str) -> bool:
    return unicodedata.category(mark)[0] in _VISIBLE and mark not in _BLANK_GLYPHS


def _is_control(mark: str) -> bool:
    return _is_unprintable(mark) and mark not in f"\t{LINE_BREAKS}"


def _is_unprintable(mark: str) -> bool:
    if mark in JOINERS:
        return False
    return unicodedata.category(mark) in _UNPRINTABLE or _is_noncharacter(ord(mark))


def _is_noncharacter(code: int) -> bool:
    return code in _NONCHARACTERS or code & _PLANE_END == _PLANE_END
