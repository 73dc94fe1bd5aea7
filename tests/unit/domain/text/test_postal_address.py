"""An address may be typed in lines; it is kept on one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text.postal_address import address_line
from domain.text.printable import LINE_BREAKS
from text_vectors import FOLDED_ADDRESSES


@pytest.mark.parametrize(("typed", "kept"), FOLDED_ADDRESSES)
def test_lines_become_parts_of_one_line(typed: str, kept: str) -> None:
    """
    A comma stands where a line ended, unless one stood there already; tabs are blanks.
    """
    assert kept == address_line(typed)


@given(st.text(st.sampled_from(f"ab, \t;-{LINE_BREAKS}")))
def test_folding_twice_is_folding_once(text: str) -> None:
    """
    So that the form shows what is kept, and sends it unchanged.
    """
    kept = address_line(text)

    assert kept == address_line(kept)
    assert not set(kept) & set(f"\t{LINE_BREAKS}")
