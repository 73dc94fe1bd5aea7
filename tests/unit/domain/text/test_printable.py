"""Names and addresses are printable words in any script."""

import pytest

from domain.text.printable import on_one_line, unprintable_reason, without_invisible_marks
from text_vectors import BLANK_NAMES, FOLDED_NAMES, NAMES, UNPRINTABLE_NAMES


@pytest.mark.parametrize(
    "text",
    ["Asha", "आशा", "ക്‍ഷ", "मराठी र्‍य", "12/3, Example Road, Pune 411001", "x" * 40, "  Ravi "],
)
def test_words_in_any_script_are_printable(text: str) -> None:
    """
    The joiners Indian scripts are spelt with are no control characters here.
    """
    assert unprintable_reason(text, 40) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "blank"),
        (" \t ", "blank"),
        ("\u00a0", "blank"),
        ("x" * 41, "longer than 40"),
        ("Asha\n", "control"),
        ("A\x00sha", "control"),
        ("A\x1b[31msha", "control"),
        ("\u202eahsA", "control"),
        ("A\u200bsha", "control"),
        ("A\u2028sha", "control"),
        ("A\ud800sha", "control"),
    ],
)
def test_what_cannot_be_printed_is_named(text: str, fault: str) -> None:
    """
    Blank, too long, or with marks that would forge the look of a document or a log.
    """
    assert fault in (unprintable_reason(text, 40) or "")


@pytest.mark.parametrize("text", NAMES)
def test_a_name_in_any_script_is_printable(text: str) -> None:
    """
    A letter, a digit or a symbol is enough.
    """
    assert unprintable_reason(text, 100) is None


@pytest.mark.parametrize("text", BLANK_NAMES)
def test_a_text_without_a_visible_character_is_blank(text: str) -> None:
    """
    "Billed to" with a joiner, a filler or a lone accent behind it is an invoice to nobody.
    """
    assert unprintable_reason(text, 100) == "it is blank"


@pytest.mark.parametrize("text", UNPRINTABLE_NAMES)
def test_what_no_font_has_is_refused_beside_letters(text: str) -> None:
    """
    Controls, direction marks, surrogates, private use and noncharacters.
    """
    assert unprintable_reason(text, 100) == "it holds control characters"


@pytest.mark.parametrize(("typed", "kept"), FOLDED_NAMES)
def test_tabs_and_line_breaks_of_a_name_become_blanks(typed: str, kept: str) -> None:
    """
    They come from pasting; other controls stay, and are refused.
    """
    assert kept == on_one_line(typed)
    assert on_one_line("A\x00sha  Rao") == "A\x00sha  Rao"


def test_invisible_marks_are_taken_out() -> None:
    """
    Direction marks, soft hyphens and fillers go; the joiners that words are spelt with stay.
    """
    assert without_invisible_marks("\u200fAs\u00adha\u3164 \ufeffRao\u202e") == "Asha Rao"
    assert without_invisible_marks("ക്\u200dഷ\t") == "ക്\u200dഷ\t"
