"""Foreign JSON is read without surprises."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.formats.body_limits import DEPTH_MAX
from adapters.hdfc.formats.json_text import NotJson, read_json
from samples.hdfc.samples import UNHURRIED


def test_numbers_stay_as_they_were_written() -> None:
    """
    No amount passes through a float, no digit is lost or added.
    """
    expected = {"a": "1499.5", "b": "100.10", "c": "9007199254740993", "d": "1e3", "e": "21"}

    assert expected == read_json(b'{"a":1499.5,"b":100.10,"c":9007199254740993,"d":1e3,"e":"21"}')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{",
        b'{"a":1}x',
        b"\xff\xfe{\x00",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1,"a":2}',
        b'{"o":{"a":1,"a":1}}',
        b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
        b"[" * 500_000,
        b'{"a":' * 200_000,
        b'"' + b'\\"' * 200_000,
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(body: bytes) -> None:
    """
    Repeated keys, depth, other encodings and words that are no numbers are refused in bounded time.
    """
    with pytest.raises(NotJson):
        read_json(body)


def test_a_byte_order_mark_is_skipped() -> None:
    """
    Some libraries write one before JSON (RFC 8259, 8.1); elsewhere it is none.
    """
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": "1"}
    for body in (b"\xef\xbb\xbf" * 2 + b"{}", b"{}\xef\xbb\xbf"):
        with pytest.raises(NotJson):
            read_json(body)


def test_brackets_inside_a_text_are_no_depth() -> None:
    """
    Only structure nests; a text may hold what it likes.
    """
    text = '[{"\\' * 3 + "[" * 100

    assert [text] == read_json(
        b'["' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"]'
    )


@UNHURRIED
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """
    Nothing but ``NotJson`` ever leaves.
    """
    with suppress(NotJson):
        read_json(body)
