"""Nothing in a file raises anything but the one refusal, and nothing over a limit is read."""

import struct
import zipfile
from io import BytesIO
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.settlement_files import limits
from adapters.settlement_files.file_kind import REPORT_ENDINGS, STATEMENT_ENDINGS
from adapters.settlement_files.reader import PresetFileReader, PresetFileReading
from contracts.settlements.reading import PRESETS, UPI, read, statement, upi
from contracts.settlements.sampled import SAMPLES
from domain.settlements.line_warning import RejectionReason
from ports.settlements.settlement_file_reader import (
    FileRefusal,
    HoldReason,
    SettlementFileRefused,
)

FILES: Final = [
    path.read_bytes()
    for path in sorted(SAMPLES.iterdir())
    if not path.name.endswith(".expected.json")
]


def refusal(content: bytes | str, name: str = "a.csv", **given: str) -> FileRefusal:
    """Return why *content* is not taken as a report."""
    with pytest.raises(SettlementFileRefused) as refused:
        read(content, name, **given)
    return refused.value.reason


def taken_or_refused(content: bytes, ending: str) -> None:
    """Read *content* in every way; anything but a result or the refusal fails the test."""
    for told in ({}, {"mid": "M"}):
        try:
            lines, rejected, _, summary = read(content, f"a{ending}", **told)
        except SettlementFileRefused:
            continue
        assert (summary.line_count, summary.rejected_count) == (len(lines), len(rejected))
        assert bool(rejected) == (HoldReason.ROWS_REJECTED in summary.held_for)
    try:
        statement(content, f"a{ending}")
    except SettlementFileRefused:
        return


@settings(max_examples=60)
@given(st.binary(max_size=400), st.sampled_from([*REPORT_ENDINGS, *STATEMENT_ENDINGS, ".pdf", ""]))
@example(b"\xff\xfe", ".csv")
@example(b"\xef\xbb\xbf", ".csv")
@example(b'{"items": [{}]}', ".json")
@example(b'{"settlements": [{"lines": [1]}]}', ".json")
@example(b'{"settlements": [{"lines": {}}], "page": {}}', ".json")
@example(b'{"settlements": [[]]}', ".json")
@example(b"[" * 100_000, ".json")
@example(b'{"settlements": ' + b"[" * 100_000, ".json")
@example(b":20:\n:61:\n", ".mt940")
@example(b"<?xml version='1.0'?><Document/>", ".xml")
@example(b"PK\x03\x04", ".xlsx")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls")
def test_no_bytes_raise(content: bytes, ending: str) -> None:
    """
    Whatever they are called.
    """
    taken_or_refused(content, ending)


@settings(max_examples=60)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4)), max_size=4),
    st.integers(0, 5000),
    st.sampled_from([".csv", ".json", ".mt940", ".txt"]),
)
def test_no_damaged_report_raises(
    content: bytes, changes: list[tuple[int, bytes]], end: int, ending: str
) -> None:
    """
    Bytes changed anywhere, and cut off anywhere.
    """
    for at, other in changes:
        place = at % len(content)
        content = content[:place] + other + content[place + 1 :]
    taken_or_refused(content[: max(end, 1)] if end % 2 else content, ending)


CELLS: Final = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "NaN", "1e6", "-", "=1+1", "31-02-2026", "९", "\x00", "\u2028", "4111111111111111"]
    ),
)


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=28, max_size=29), max_size=4))
def test_no_cells_raise_and_every_row_is_told(rows: list[list[str]]) -> None:
    """
    Each row is a line, rejected, or counted as skipped: none vanishes.
    """
    quoted = [
        ",".join(
            '"' + cell.replace('"', '""').replace("\r", "").replace("\n", "") + '"' for cell in row
        )
        for row in rows
    ]
    content = "\n".join([UPI.splitlines()[0], *quoted]).encode("utf-8", "surrogatepass")
    try:
        lines, rejected, _, summary = read(content)
    except SettlementFileRefused:
        return

    assert len(lines) + len(rejected) + summary.skipped_count == len(rows)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", FileRefusal.NO_PRESET),
        (b"a,b\n1,2\n", "a.csv", FileRefusal.NO_PRESET),
        (b"a,b\n1,2\n", "a.pdf", FileRefusal.NAME_NOT_TAKEN),
        (b"a,b\n1,2\n", "csv", FileRefusal.NAME_NOT_TAKEN),
        (b"<html><table></table></html>", "a.xls", FileRefusal.WRONG_KIND),
        (b"<!DOCTYPE html><html>", "a.csv", FileRefusal.WRONG_KIND),
        (b"a\tb\n", "a.xls", FileRefusal.WRONG_KIND),
        ("<html>".encode("utf-16"), "a.csv", FileRefusal.WRONG_KIND),
        (b"\xff\xfe\x00\xd8", "a.csv", FileRefusal.NOT_DECODED),
        (b"a,b\n", "a.xlsx", FileRefusal.WRONG_KIND),
        (b'{"items": []}', "a.csv", FileRefusal.WRONG_KIND),
        (b"PK\x03\x04", "a.xls", FileRefusal.WRONG_KIND),
        (b"PK\x03\x04", "a.xlsx", FileRefusal.DAMAGED),
        (b"\xef\xbb\xbf\xff\xff", "a.csv", FileRefusal.NOT_DECODED),
        (b'{"other": []}', "a.json", FileRefusal.NO_PRESET),
        (b'{"items": ', "a.json", FileRefusal.DAMAGED),
    ],
)
def test_what_is_no_report_is_refused_with_its_reason(
    content: bytes, name: str, reason: FileRefusal
) -> None:
    """
    Before anything of it is taken.
    """
    assert refusal(content, name) is reason


def test_a_name_that_stands_twice_refuses_the_file() -> None:
    """
    Nobody could say which of the two columns counts.
    """
    assert refusal(UPI.replace("Pay Type", "net amount")) is FileRefusal.HEADER_REPEATED


def test_cells_and_columns_have_limits() -> None:
    """
    A quote that does not end, a long cell, a long line, a wide row.
    """
    assert refusal(upi(["Merchant Name=" + "x" * 2001])) is FileRefusal.CELL_TOO_LONG
    assert refusal(UPI + '"' + "x\n" * 100_000) is FileRefusal.CELL_TOO_LONG
    assert refusal(UPI + "x" * (limits.LINE_CHARS_MAX + 1)) is FileRefusal.CELL_TOO_LONG
    assert refusal(UPI + "," * 200 + "x\n") is FileRefusal.TOO_MANY_COLUMNS


def test_rows_settlements_and_bytes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Beyond them nothing of the file counts.
    """
    monkeypatch.setattr("adapters.settlement_files.delimited.ROWS_MAX", 6)
    assert refusal(UPI) is FileRefusal.TOO_MANY_ROWS
    monkeypatch.setattr("adapters.settlement_files.delimited.ROWS_MAX", 9)
    monkeypatch.setattr("adapters.settlement_files.reader.SETTLEMENTS_MAX", 1)
    assert refusal(upi(["External MID=A"], ["External MID=B"])) is FileRefusal.TOO_MANY_SETTLEMENTS
    small = PresetFileReader(PRESETS, bytes_max=100)
    with (
        pytest.raises(SettlementFileRefused) as refused,
        small.read(BytesIO(UPI.encode()), "a.csv"),
    ):
        pass
    assert refused.value.reason is FileRefusal.TOO_LARGE


def test_a_quote_that_is_wrong_rejects_its_row_alone() -> None:
    """
    The row after it is read.
    """
    lines, rejected, _, _ = read(upi(["Merchant Name=x"], '"a"b,c', ["Merchant Name=y"]))

    assert len(lines) == 2
    assert [(each.line_no, each.reason) for each in rejected] == [(3, RejectionReason.ROW_NOT_READ)]


def packed(parts: dict[str, bytes]) -> bytes:
    """Return an archive of *parts*."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


SHEET: Final = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
LINK: Final = b'<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
BOOK: Final = {
    "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": b"<Relationships>" + LINK + b"</Relationships>",
}


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl/vbaProject.bin": b"x"}, FileRefusal.WITH_MACROS),
        ({"xl/a.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, FileRefusal.XML_WITH_DTD),
        ({"xl/big.bin": b"\x00" * 3_000_000}, FileRefusal.INFLATES_TOO_FAR),
        (
            {"xl/worksheets/sheet1.xml": SHEET + b'<row r="1"><c r="XFD1"/></row>'},
            FileRefusal.TOO_MANY_COLUMNS,
        ),
        (
            {"xl/worksheets/sheet1.xml": SHEET + b'<row r="1048576"><c r="GR1048576"/></row>'},
            FileRefusal.TOO_MANY_ROWS,
        ),
        ({"xl/worksheets/sheet1.xml": SHEET + b'<row r="9999999"/>'}, FileRefusal.DAMAGED),
        ({"xl/worksheets/sheet1.xml": SHEET + b'<row r="x"/>'}, FileRefusal.DAMAGED),
        ({"xl/worksheets/sheet1.xml": SHEET}, FileRefusal.DAMAGED),
        ({"xl/a.xml": b"<?xml version='1.0' encoding='UTF-r'?><a/>"}, FileRefusal.DAMAGED),
        ({}, FileRefusal.DAMAGED),
    ],
)
def test_a_workbook_is_looked_at_before_it_is_opened(
    parts: dict[str, bytes], reason: FileRefusal
) -> None:
    """
    Macros, DTDs, sizes that fill the memory, and cells far out.
    """
    assert refusal(packed(BOOK | parts), "a.xlsx") is reason


def test_a_header_that_lies_about_its_size_does_not_help() -> None:
    """
    What really comes out of the archive is counted.
    """
    honest = packed(BOOK | {"xl/big.bin": b"\x00" * 3_000_000})
    lying = honest.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 10))

    assert refusal(lying, "a.xlsx") is FileRefusal.INFLATES_TOO_FAR


def test_the_parts_of_the_reader_are_the_ones_of_the_port() -> None:
    """
    So that what is tried here is what is used.
    """
    with PresetFileReader(PRESETS).read(BytesIO(UPI.encode()), "a.csv") as reading:
        assert isinstance(reading, PresetFileReading)
