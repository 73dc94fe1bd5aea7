"""What is read by one pattern of the whole row is what the careful reader makes of it."""

from io import BytesIO
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.settlement_files.line_mapper import LineMapper
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.rows import Header
from adapters.settlement_files.usual_lines import UsualLines
from contracts.settlements.reading import PRESETS, UPI
from domain.settlements.date_text import DatePattern, instant_of
from domain.settlements.keyed_line import KeyedLine
from ports.settlements.settlement_file_reader import FileSummary, SettlementFileRefused

CAREFUL: Final = PresetFileReader(PRESETS, takes_usual_lines=False)
QUICK: Final = PresetFileReader(PRESETS)
HEADER, SALE, OTHER = (line.split(",") for line in UPI.splitlines()[:3])
REFUND: Final = next(line.split(",") for line in UPI.splitlines() if ",DR," in line)
AT: Final = {name: place for place, name in enumerate(HEADER)}

AMOUNTS: Final = (
    "0.00", "0", "", "5", "1,499.50", "11800.00", "-11800.00", "11799.99", "1.005", "+5", "1e6", " 5.00",
    "'5.00", "₹5.00", "(5.00)", "5.00-", "\u0665.00", "000.10", "-0.00", "1499.5", "1" * 15 + ".00", "1" * 16 + ".00",
)  # fmt: skip
IDS: Final = (
    "", "0", "-", "NA", "na", "N/A", "NULL", "abc", "abcde", "SIM0002", "7.45E+22", "'00123", "a b c d e", "42",
    "012345678901", "1234567890123", "a\x07bcde", "=1+1", "x" * 101, "Ünïcode", "a/b@c.d-12345", "5E+10",
)  # fmt: skip
ORDERS: Final = (
    "", "SK7QMZ2VKA4CYD6HRN3B", "70001-SK7QMZ2VKA4CYD6HRN3B-1", "70001-SK7QMZ2VKA4CYD6HRN3B-07",
    "-SK7QMZ2VKA4CYD6HRN3B", "sk7qmz2vka4cyd6hrn3b", " SK7QMZ2VKA4CYD6HRN3B ", "'SK7QMZ2VKA4CYD6HRN3B",
    "SK1QMZ2VKA4CYD6HRN3B", "other",
    "SK7QMZ2VKA4CYD6HRN3B-123",
)  # fmt: skip
INSTANTS: Final = (
    "12-NOV-2026 10:15:00", "12-nov-2026 1:5:9", "12-NOV-2026", "12-11-2026 10:15", "31-NOV-2026 10:15:00", "",
    "14-NOV-2026 10:15:00", "01-JAN-2026 00:00:00", " 12-NOV-2026 10:15:00 ", "12-NOV-2026 23:59:59.999999",
    "12-NOV-2026 10:15:59", "12-NOV-2026 10:15:60", "12-NOV-2026 24:00:59", "12-NOV-2026 1:05:07",
    "12-NOV-2026 10:15:0",
)  # fmt: skip
WORDS: Final = (
    "CR",
    "cr",
    " CR ",
    "DR",
    "CREDIT",
    "C",
    "X",
    "",
    "REFUND",
    "PAY",
    "Cr",
    "INR",
    "356",
    "USD",
    "inr",
)
TEXTS: Final = (
    "", "Asha", "4012000000001097", "4012 0000 0000 1097", "98765432101234", "123456789012", "asha@okaxis",
    "a\tb", 'say "hi"', "one, two", "line\nbreak", "\u0664\u0660\u0661\u0662" * 4, "PAN", "TOTAL", "*", "x" * 2_001,
)  # fmt: skip
CELLS: Final[dict[str, tuple[str, ...]]] = {
    "External MID": (*IDS, "TOTAL", "total ", "PAN: X", "GST", "PANTRY01", "'TOTAL", "***"),
    "External TID": IDS,
    "UPI Trxn ID": IDS,
    "Order ID": ORDERS,
    "Txn ref no. (RRN)": IDS,
    "Transaction Req Date": INSTANTS,
    "Settlement Date": INSTANTS,
    "Currency": WORDS,
    "Trans Type": WORDS,
    "CR / DR": WORDS,
    "Pay Type": TEXTS,
    "Merchant Name": TEXTS,
    "Payer VPA": TEXTS,
    "Additional Field 5": TEXTS,
} | dict.fromkeys(
    (
        "Transaction Amount",
        "MSF Amount",
        "CGST AMT",
        "SGST AMT",
        "IGST AMT",
        "UTGST AMT",
        "Net Amount",
    ),
    AMOUNTS,
)

changed = st.sampled_from(sorted(CELLS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(CELLS[name]))
)
whole_rows = st.builds(
    lambda base, changes: [
        dict(changes).get(name, cell) for name, cell in zip(HEADER, base, strict=True)
    ],
    st.sampled_from([SALE, SALE, OTHER, REFUND]),
    st.lists(changed, max_size=3),
)
rows = st.one_of(
    whole_rows,
    whole_rows,
    st.builds(
        lambda row, behind: [*row, *behind],
        whole_rows,
        st.lists(st.sampled_from(["", "x"]), max_size=12),
    ),
    st.builds(lambda row, count: row[:count], whole_rows, st.integers(0, len(HEADER))),
    st.sampled_from([[""], ["TOTAL", "3"], ["TOTAL", "three"], ["PAN", "X"], ["****"]]),
)


def written(table: list[list[str]], delimiter: str, quotes: str, end: str) -> bytes:
    """Return the text of *table*; cells that hold a delimiter, a quote or a line end are quoted, as *quotes* says."""

    def cell(text: str) -> str:
        needs = quotes == "all" or any(mark in text for mark in (delimiter, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if needs and quotes != "never" else text

    return (end.join(delimiter.join(map(cell, row)) for row in table) + end).encode()


def told(reader: PresetFileReader, content: bytes) -> tuple[list[Any], FileSummary | str]:
    items: list[Any] = []
    try:
        with reader.read(BytesIO(content), "a.csv") as reading:
            items.extend(reading.items())
            return items, reading.summary()
    except SettlementFileRefused as refused:
        return items, str(refused)


@settings(max_examples=150)
@given(
    table=st.lists(rows, min_size=1, max_size=6),
    before=st.lists(st.sampled_from([[""], ["Report of November"]]), max_size=2),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quotes=st.sampled_from(["needed", "needed", "all", "never"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_usual_line_is_what_the_careful_reader_makes_of_it(
    table: list[list[str]], before: list[list[str]], delimiter: str, quotes: str, end: str
) -> None:
    """
    Whatever stands in the rows, and beside them: lines, keys, occurrences, rejected rows, warnings, sums, refusal.
    """
    content = written([*before, HEADER, *table], delimiter, quotes, end)

    assert told(QUICK, content) == told(CAREFUL, content)


DATES: Final = DatePattern.of("dd-MMM-yyyy[ HH:mm[:ss[.f]]]")


def usual(row: list[str], txn_at: DatePattern = DATES) -> KeyedLine | None:
    """Return what the pattern makes of *row*."""
    mapper = LineMapper(PRESETS.reports["hdfc_upi_mpr"], Header.of(1, HEADER))
    mapper.txn_at, mapper.settled_on = txn_at, DATES
    lines = UsualLines.of(mapper, ",")
    assert lines is not None
    return lines.reader()(",".join(row) + "\r\n", 2)


def changed_to(**cells: str) -> list[str]:
    """Return the usual sale with other *cells*, by their names with ``_`` for a blank."""
    told = {name.replace("_", " "): cell for name, cell in cells.items()}
    return [told.get(name, cell) for name, cell in zip(HEADER, SALE, strict=True)]


def test_usual_lines_are_read_by_the_pattern() -> None:
    """
    Sales and refunds of a report as the bank writes it; else reading would be right, and slow.
    """
    quoted = [f'"{cell}"' for cell in SALE]

    lines = [usual(SALE), usual(REFUND), usual([*SALE, "", ""]), usual(quoted)]

    told = [each and each.line_type for each in lines]
    assert told == ["payment", "refund", "payment", "payment"]
    assert lines[3] == lines[0]


@pytest.mark.parametrize(
    "row",
    [
        changed_to(Net_Amount="11799.99"),
        changed_to(External_MID="TOTAL"),
        changed_to(External_MID="PANTRY01"),
        changed_to(Merchant_Name="4012000000001097"),
        changed_to(Payer_VPA="4012 0000 0000 1097"),
        changed_to(Settlement_Date="11-NOV-2026 10:00:00"),
        changed_to(Settlement_Date="28-DEC-2026 10:00:00"),
        changed_to(UPI_Trxn_ID="7.45E+22"),
        changed_to(Order_ID="other"),
        changed_to(Trans_Type="DISPUTE"),
        changed_to(Currency="USD"),
        changed_to(Pay_Type='"P2M'),
        changed_to(Pay_Type='P2"M'),
        changed_to(Pay_Type=' "P2M"'),
        changed_to(Payer_VPA='"asha, with love@upi"'),
        changed_to(Payer_VPA='"say ""hi"" to me"'),
        [*SALE, "more"],
        SALE[:-1],
    ],
)
def test_what_is_odd_is_not_usual(row: list[str]) -> None:
    """
    It goes to the careful reader, who warns, rejects, or counts it as totals.
    """
    assert usual(row) is None


@pytest.mark.parametrize(
    ("pattern", "cell"),
    [
        ("dd-MMM-yyyy[ HH:mm[:ss[.f]]]", "12-NOV-2026 10:15:59"),
        ("dd-MMM-yyyy[ HH:mm[:ss[.f]]]", "12-NOV-2026 10:15"),
        ("yyyy-MM-dd[[ ][T]HH:mm[:ss[.f]][ ][zone]]", "2026-11-12T10:15:07"),
        ("yyyy-MM-dd[[ ][T]HH:mm[:ss[.f]][ ][zone]]", "2026-11-12 10:15:07 +05:30"),
        ("yyyy-MM-dd[[ ][T]HH:mm[:ss[.f]][ ][zone]]", "2026-11-12 10:15 +05:30"),
        ("ss:mm:HH dd-MM-yyyy", "07:15:10 12-11-2026"),
        ("dd-MM-yyyy ss:mm:HH", "12-11-2026 07:15:10"),
        ("yyyy-MM dd:HH:mm[:ss]", "2026-11 12:10:15"),
        ("dd-MM-yyyy HH:mm:ssf", "12-11-2026 10:15:07"),
    ],
)
def test_an_instant_is_what_its_pattern_reads(pattern: str, cell: str) -> None:
    """
    Where a cell ends with its second that is added to its minute; any other pattern is asked each time.
    """
    form = DatePattern.of(pattern)
    row = changed_to(Transaction_Req_Date=cell, Settlement_Date="13-NOV-2026 10:00:00")

    lines = [usual(row, form), usual(row, form)]

    assert instant_of(form, cell) is not None
    assert [each and each.txn_at for each in lines] == [instant_of(form, cell)] * 2


@pytest.mark.parametrize("name", ["hdfc_card_mpr", "razorpay_recon", "cashfree_recon"])
def test_other_layouts_have_no_usual_lines(name: str) -> None:
    """
    Sums, a second table, and amounts in paise are for the careful reader.
    """
    preset = PRESETS.reports[name]
    names = [each for columns in preset.columns.values() for each in columns]

    assert UsualLines.of(LineMapper(preset, Header.of(1, names)), ",") is None


def test_an_equal_line_is_counted_again() -> None:
    """
    Its key is the same, and its occurrence the next one.
    """
    items, _ = told(QUICK, written([HEADER, SALE, SALE], ",", "needed", "\n"))

    assert [each.occurrence for each in items if isinstance(each, KeyedLine)] == [1, 2]
