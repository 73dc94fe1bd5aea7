"""Names and addresses are printable words in any script."""

import pytest

from domain.text.printable import unprintable_reason


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
