"""Workbooks are read by their stored values, and looked at before they are opened."""

import struct
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.settlement_files.workbook import number_text
from contracts.settlements.reading import CARD, UPI, read, statement
from contracts.settlements.xls_file import Formula, compound, xls
from domain.money import Money
from domain.settlements.amount_text import amount_of
from domain.settlements.line_warning import LineWarning, RejectionReason
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

ROWS: Final = [line.split(",") for line in UPI.splitlines()]
AMOUNTS: Final = (12, 13, 14, 15, 16, 17, 18)
RRN: Final = 8
PAID: Final = 9
SETTLED: Final = 10


def saved(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return *rows* as a spreadsheet keeps them: amounts are numbers."""
    return [
        list(row)
        if at == 0
        else [float(cell) if place in AMOUNTS else cell for place, cell in enumerate(row)]
        for at, row in enumerate(rows)
    ]


def xlsx(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook of *sheets*; a text that begins with ``=`` is a formula with the value 2360."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd-mm-yyyy hh:mm"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, column, cell, day)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(number, column, cell, value=2360)
                    elif cell != "":
                        sheet.write(number, column, cell)
    return out.getvalue()


def keys(content: bytes | str, name: str) -> list[tuple[Any, ...]]:
    """Return what the lines of a file say."""
    lines, rejected, _, _ = read(content, name)
    assert rejected == []
    return [
        (each.line_no, each.payment_id, each.rrn, each.net, each.txn_at, each.settled_on)
        for each in lines
    ]


def test_both_kinds_of_workbook_say_what_the_text_says() -> None:
    """
    Cell by cell, whatever holds them.
    """
    assert keys(xlsx(saved(ROWS)), "a.xlsx") == keys(UPI, "a.csv")
    assert keys(xls(saved(ROWS)), "a.xls") == keys(UPI, "a.csv")


def test_the_line_is_the_row_of_the_sheet() -> None:
    """
    Title rows and blank ones before the header are counted.
    """
    _, _, _, summary = read(xlsx([["Report"], [], *saved(ROWS)]), "a.xlsx")

    assert (summary.format.header_line, summary.format.sheet) == (3, "Sheet1")
    assert summary.skipped_count >= 1
    assert keys(xlsx([[], [], *saved(ROWS)]), "a.xlsx")[0][0] == 4
    assert keys(xls(saved(ROWS), at=2), "a.xls")[0][0] == 4


def test_numbers_lose_ids_and_zeros_and_dates_stay_exact() -> None:
    """
    An RRN of twelve digits survives as a number, its zeros do not; a date cell is a date.
    """
    rows = saved(ROWS)
    rows[1][RRN], rows[2][RRN] = 631610150001.0, 63115470002.0
    rows[1][6] = 74542106211234567890123.0
    for row in rows[1:]:
        row[PAID], row[SETTLED] = datetime(2026, 11, 12, 10, 15), datetime(2026, 11, 13)  # noqa: DTZ001 - a cell has no zone
    lines, rejected, warned, _ = read(xlsx(rows), "a.xlsx")

    assert rejected == []
    assert (lines[0].rrn, lines[1].rrn) == ("631610150001", "063115470002")
    assert lines[0].bank_txn_id is None
    assert {(each.warning, each.field) for each in warned} == {
        (LineWarning.ZEROS_RESTORED, "rrn"),
        (LineWarning.ID_LOST_IN_SPREADSHEET, "bank_txn_id"),
    }
    assert lines[0].txn_at is not None
    assert lines[0].txn_at.isoformat() == "2026-11-12T04:45:00+00:00"


def test_dates_that_a_spreadsheet_half_converted_are_not_guessed() -> None:
    """
    12-11-2026 became the eleventh of December and 13-11-2026 stayed text: no pattern reads both, and the file is held.
    """
    rows = saved(ROWS)
    rows[1][SETTLED] = datetime(2026, 12, 11)  # noqa: DTZ001 - a cell has no zone
    _, rejected, _, summary = read(xlsx(rows), "a.xlsx")

    assert {each.reason for each in rejected} == {RejectionReason.DATE_NOT_READ}
    assert summary.held_for


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_a_formula_is_read_by_its_stored_value_and_told(ending: str) -> None:
    """
    Nothing is computed here.
    """
    rows = saved(ROWS)
    rows[4][12] = "=2000+360" if ending == "xlsx" else Formula(2360.0)
    content = xlsx(rows) if ending == "xlsx" else xls(rows)
    lines, _, warned, _ = read(content, f"a.{ending}")

    assert lines[3].gross == Money(236000)
    assert [(each.line_no, each.warning) for each in warned] == [(5, LineWarning.FORMULA_CELL)]


def test_a_second_table_in_the_sheet_is_read_by_its_own_preset() -> None:
    """
    Cards first, then the row UPI TRANSACTIONS, its header, and the rows of UPI.
    """
    cards = [line.split(",") for line in CARD.splitlines()[:5]]
    both = [*cards, [], ["UPI TRANSACTIONS"], [], *saved(ROWS)]
    lines, rejected, _, summary = read(xlsx(both), "a.xlsx")

    assert rejected == []
    assert [each.method for each in lines] == ["CARD"] * 2 + ["UPI"] * 6
    assert {each.key for each in summary.settlements} == {
        "SIM9001/2026-11-13",
        "SIM0001/2026-11-13",
    }
    text = "\n".join(",".join(map(str, row)) for row in both)
    assert keys(text, "a.csv") == keys(xlsx(both), "a.xlsx")


def test_a_second_table_without_its_header_is_not_read_as_the_first() -> None:
    """
    Its rows are rejected, and the file is held.
    """
    cards = CARD.splitlines()
    content = "\n".join([*cards[:5], "UPI TRANSACTIONS", cards[5]])
    _, rejected, _, _ = read(content)

    assert [each.reason for each in rejected] == [RejectionReason.ROW_NOT_READ]


def test_two_sheets_with_tables_are_for_a_person() -> None:
    """
    Neither is left out silently.
    """
    with pytest.raises(SettlementFileRefused) as refused:
        read(xlsx(saved(ROWS), saved(ROWS)), "a.xlsx")

    assert refused.value.reason is FileRefusal.SEVERAL_PRESETS
    assert read(xlsx([["notes"]], saved(ROWS)), "a.xlsx")[3].format.sheet == "Sheet2"


BIG: Final = b"x" * 4096


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (compound({"EncryptedPackage": BIG}), FileRefusal.ENCRYPTED),
        (compound({"Workbook": BIG, "_VBA_PROJECT_CUR": BIG}), FileRefusal.WITH_MACROS),
        (compound({"Other": BIG}), FileRefusal.DAMAGED),
        (xls(ROWS, more=struct.pack("<HHH", 0x002F, 2, 0)), FileRefusal.ENCRYPTED),
        (xls(ROWS, at=65_000), FileRefusal.NO_PRESET),
        (
            xls(ROWS, more=struct.pack("<HHHHHd", 0x0203, 14, 0, 65_000, 0, 1.0)),
            FileRefusal.TOO_MANY_COLUMNS,
        ),
        (
            xls(ROWS, more=struct.pack("<HHHHHd", 0x0203, 14, 65_535, 199, 0, 1.0)),
            FileRefusal.TOO_MANY_ROWS,
        ),
    ],
)
def test_an_old_workbook_is_looked_at_before_it_is_opened(
    content: bytes, reason: FileRefusal
) -> None:
    """
    Encryption, macros, and cells so far out that they would fill the memory.
    """
    with pytest.raises(SettlementFileRefused) as refused:
        read(content, "a.xls")

    assert refused.value.reason is reason


NEW, OLD = xlsx(saved(ROWS)), xls(saved(ROWS))


@settings(max_examples=60)
@given(
    st.sampled_from([(NEW, "a.xlsx"), (OLD, "a.xls")]),
    st.lists(st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=4)), max_size=5),
    st.integers(0, 20_000),
)
def test_no_damaged_workbook_raises(
    file: tuple[bytes, str], changes: list[tuple[int, bytes]], end: int
) -> None:
    """
    It is read or refused.
    """
    content, name = file
    for at, other in changes:
        place = at % len(content)
        content = content[:place] + other + content[place + len(other) :]
    content = content[: max(end, 10)] if end % 3 == 0 else content
    for take in (read, statement):
        try:
            take(content, name)
        except SettlementFileRefused:
            continue


@pytest.mark.parametrize(
    ("number", "text", "paise"),
    [
        (1499.5, "1499.5", 149950),
        (0.1 + 0.2, "0.3", 30),
        (118000.0, "118000", 11800000),
        (1e15, "1e+15", None),
        (1.005, "1.005", None),
        (float("nan"), "nan", None),
        (float("inf"), "inf", None),
        (-2.5, "-2.5", -250),
        (631610150001.0, "631610150001", 63161015000100),
        (7.454210621123457e22, "7.45421062112346e+22", None),
    ],
)
def test_a_number_cell_is_read_by_its_fifteen_digits(
    number: float, text: str, paise: int | None
) -> None:
    """
    As many as a spreadsheet keeps; then the rules for text.
    """
    assert number_text(number) == text
    assert amount_of(text) == (None if paise is None else Money(paise))
