"""Bank statements of each layout: balances, batches, reversals, summaries, and whose account it is."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.settlements.reading import statement
from contracts.settlements.sampled import SAMPLES
from contracts.settlements.xls_file import xls
from domain.money import Money
from domain.settlements.bank_statement import NarratedDay
from domain.settlements.line_warning import RejectionReason
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

CSV: Final = (SAMPLES / "11-bank-statement.csv").read_text(encoding="utf-8")
MT940: Final = (SAMPLES / "12-bank-statement.mt940").read_text(encoding="utf-8")

SHEET: Final[list[list[str | float]]] = [
    ["HDFC BANK Ltd."],
    ["Statement of accounts"],
    ["Account No : 50200000000001"],
    [],
    ["Date", "Narration", "Chq./Ref.No.", "Value Dt", "Withdrawal Amt.", "Deposit Amt.", "Closing Balance"],
    ["********"] * 7,
    ["12/11/26", "UPI SETTLEMENT -SIM001- 12/11/26", "000000000000000", "12/11/26", "", 127500.0, 227500.0],
    ["13/11/26", "CHARGES", "CHG1", "13/11/26", "29.50", "", "2,27,470.50"],
    ["********"] * 7,
    [],
    ["STATEMENT SUMMARY  :-"],
    ["Opening Balance", "", "Dr Count", "Cr Count", "Debits", "Credits", "Closing Bal"],
    [100000.0, "", 1.0, 1.0, 29.5, 127500.0, 227470.5],
    ["Generated on 14/11/26"],
]  # fmt: skip


def changed(row: int, column: int, cell: str | float) -> bytes:
    """Return the workbook with one cell changed."""
    rows = [list(each) for each in SHEET]
    rows[row][column] = cell
    return xls(rows)


def refusal(content: bytes | str, name: str, **given_: str) -> FileRefusal:
    with pytest.raises(SettlementFileRefused) as refused:
        statement(content, name, **given_)
    return refused.value.reason


def test_a_workbook_with_titles_and_a_summary_is_read() -> None:
    """
    Indian grouping, text dates, stars, the account above and the summary below.
    """
    report = statement(xls(SHEET), "a.xls", account="50200000000001")
    (read,) = report.statements

    assert (read.account, read.opening, read.closing) == (
        "50200000000001",
        Money(10000000),
        Money(22747050),
    )
    assert [entry.amount.paise for entry in read.entries] == [12750000, -2950]
    assert [entry.reference for entry in read.entries] == [None, "CHG1"]
    assert not report.is_held


@pytest.mark.parametrize("column", [0, 2, 3, 4, 5, 6])
def test_each_figure_of_the_summary_has_to_agree(column: int) -> None:
    """
    Opening balance, both counts, both sums, closing balance.
    """
    report = statement(changed(12, column, 7.0), "a.xls")

    assert not report.summary_agrees
    assert report.is_held


@pytest.mark.parametrize(
    ("row", "column", "cell", "reason"),
    [
        (7, 0, "soon", RejectionReason.DATE_NOT_READ),
        (7, 3, "", RejectionReason.DATE_NOT_READ),
        (7, 4, "", RejectionReason.AMOUNT_NOT_EXACT),
        (7, 4, "x", RejectionReason.AMOUNT_NOT_EXACT),
        (7, 6, "", RejectionReason.AMOUNT_NOT_EXACT),
        (7, 5, "1.00", RejectionReason.DIRECTION_UNKNOWN),
    ],
)
def test_an_entry_that_cannot_be_read_holds_the_statement(
    row: int, column: int, cell: str, reason: RejectionReason
) -> None:
    """
    Nothing is guessed, and nothing left out silently.
    """
    report = statement(changed(row, column, cell), "a.xls")

    assert [(each.line_no, each.reason) for each in report.rejected] == [(8, reason)]
    assert report.is_held


def test_a_balance_that_does_not_follow_holds_the_statement() -> None:
    """
    A row was lost or changed.
    """
    rows = CSV.splitlines(keepends=True)

    assert not statement("".join(rows[:3] + rows[4:]), "a.csv").balances_follow
    assert statement("".join(rows[:2]), "a.csv").statements == ()
    short = "".join(rows[:3]) + "13/11/26, X\r\n"
    assert [each.reason for each in statement(short, "a.csv").rejected] == [
        RejectionReason.ROW_TOO_SHORT
    ]


def test_equal_entries_are_counted() -> None:
    """
    Money in and out and in again on one day leaves the same balance twice.
    """
    rows = [
        "Date,Narration,Value Dat,Debit Amount,Credit Amount,Chq/Ref Number,Closing Balance",
        "12/11/26,IN,12/11/26,0.00,5.00,0,15.00",
        "12/11/26,OUT,12/11/26,5.00,0.00,0,10.00",
        "12/11/26,IN,12/11/26,0.00,5.00,0,15.00",
    ]
    (read,) = statement("\n".join(rows), "a.csv").statements

    assert [entry.occurrence for entry in read.entries] == [1, 1, 2]


def test_several_messages_are_several_statements() -> None:
    """
    Each joins the one before, or the file is held.
    """
    second = (
        ":20:X\n:25:SIMBINBB/50200000000001\n:28C:1/1\n:60F:C261113INR273744,60\n"
        ":61:2611141114RC100,00NTRFNONREF\n:86:REVERSAL OF CREDIT\n"
        ":61:2611141114RD50,00NTRFREF1//BANK1\n:86:" + "x" * 65 + "\ny :26: z\n"
        ":62F:C261114INR273694,60\n-\n"
    )
    report = statement(MT940 + second, "a.sta")
    read = report.statements[1]

    assert report.balances_follow
    assert [entry.amount.paise for entry in read.entries] == [-10000, 5000]
    assert read.entries[1].narration == "x" * 65 + "y :26: z"
    assert not statement(MT940 + second.replace("273744,60", "273744,61"), "a.sta").balances_follow


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("nothing", FileRefusal.NO_PRESET),
        (MT940.replace("INR", "USD"), FileRefusal.CURRENCY_NOT_INR),
        (MT940.replace(":62F:", ":99:"), FileRefusal.DAMAGED),
        (MT940.replace("C3540,00N", "C3540,00,1N"), FileRefusal.DAMAGED),
        (MT940.replace("2611121112", "2613991112"), FileRefusal.DAMAGED),
        (MT940 + "x" * 2001, FileRefusal.CELL_TOO_LONG),
    ],
)
def test_a_message_that_cannot_be_read_whole_is_refused(content: str, reason: FileRefusal) -> None:
    """
    Nothing of it is taken.
    """
    assert refusal(content, "a.mt940") is reason


def test_what_cannot_be_read_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """
    The library would log the entry with its narration, at level error.
    """
    refusal(MT940.replace("C3540,00N", "?3540,00N"), "a.mt940")

    assert caplog.text == ""


def camt(
    entries: str, opening: str = "1000.00", closing: str = "1100.00", currency: str = "INR"
) -> str:
    """Return a camt.053 of one statement."""
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-13</Dt></Dt></Bal>"
        for code, amount in (("OPBD", opening), ("CLBD", closing))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><Othr><Id>50200000000001</Id></Othr></Id></Acct>{balances}{entries}"
        "</Stmt></BkToCstmrStmt></Document>"
    )


def entry(amount: str, sign: str = "CRDT", inside: str = "", status: str = "<Cd>BOOK</Cd>") -> str:
    return (
        f'<Ntry><NtryRef>N1</NtryRef><Amt Ccy="INR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Sts>{status}</Sts><BookgDt><Dt>2026-11-13</Dt></BookgDt>"
        f"<ValDt><DtTm>2026-11-12T22:00:00Z</DtTm></ValDt>{inside}</Ntry>"
    )


NARRATED: Final = (
    "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><TxId>T1</TxId></Refs><RmtInf>"
    "<Ustrd>UPI SETTLEMENT -SIM001- 13/11/26</Ustrd></RmtInf></TxDtls></NtryDtls>"
)


def test_a_camt_statement_is_read() -> None:
    """
    Account, balances, days in India, narration and reference of the transaction.
    """
    (read,) = statement(
        camt(entry("100.00", inside=NARRATED)), "a.xml", account="50200000000001"
    ).statements
    (only,) = read.entries

    assert (read.account, read.opening, read.closing) == (
        "50200000000001",
        Money(100000),
        Money(110000),
    )
    assert (only.amount, only.reference, f"{only.value_on}") == (Money(10000), "T1", "2026-11-13")
    assert only.narrated is not None
    assert only.narrated.day_is is NarratedDay.SETTLED_ON
    assert read.balances_follow


def part(amount: str, sign: str = "") -> str:
    told = f"<CdtDbtInd>{sign}</CdtDbtInd>" if sign else ""
    return f'<TxDtls><Refs><TxId>{amount}</TxId></Refs><Amt Ccy="INR">{amount}</Amt>{told}</TxDtls>'


def test_a_batch_is_divided_when_its_parts_add_up() -> None:
    """
    Else it stays one entry: money is never made by division.
    """
    batch = f"<NtryDtls>{part('70.00')}{part('40.00')}{part('10.00', 'DBIT')}</NtryDtls>"
    wrong = f"<NtryDtls>{part('70.00')}{part('40.00')}</NtryDtls>"
    (divided,) = statement(camt(entry("100.00", inside=batch)), "a.xml").statements
    (whole,) = statement(camt(entry("100.00", inside=wrong)), "a.xml").statements

    assert [each.amount.paise for each in divided.entries] == [7000, 4000, -1000]
    assert [each.amount.paise for each in whole.entries] == [10000]
    assert divided.balances_follow
    assert whole.balances_follow


@pytest.mark.parametrize(
    ("sign", "closing", "paise"),
    [
        ("DBIT", "1100.00", 10000),
        ("CRDT", "1100.00", 10000),
        ("CRDT", "900.00", -10000),
        ("DBIT", "900.00", -10000),
    ],
)
def test_a_reversal_has_the_sign_that_adds_up(sign: str, closing: str, paise: int) -> None:
    """
    Banks differ in whose sign they write beside it; the balances say.
    """
    reversal = entry("100.00", sign, "<RvslInd>true</RvslInd>")
    (read,) = statement(camt(reversal, closing=closing), "a.xml").statements

    assert [each.amount.paise for each in read.entries] == [paise]
    assert read.balances_follow


def test_what_is_not_booked_is_no_entry() -> None:
    """
    A pending one comes again when it is.
    """
    pending = entry("5.00", status="<Cd>PDNG</Cd>") + entry("100.00", status="BOOK")
    (read,) = statement(camt(pending), "a.xml").statements

    assert [each.amount.paise for each in read.entries] == [10000]


DTD: Final = '<!DOCTYPE Document [<!ENTITY a "b">]><Document'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (camt(entry("100.00")).replace("<Document", DTD), FileRefusal.XML_WITH_DTD),
        (camt(entry("1,00")), FileRefusal.DAMAGED),
        (camt(entry("-1.00")), FileRefusal.DAMAGED),
        (camt(entry("1.00", "UP")), FileRefusal.DAMAGED),
        (camt(entry("1.00").replace("2026-11-13", "13/11/26")), FileRefusal.DAMAGED),
        (camt("").replace("OPBD", "XXXX"), FileRefusal.DAMAGED),
        (camt("", currency="USD"), FileRefusal.CURRENCY_NOT_INR),
        (camt("")[:-9], FileRefusal.DAMAGED),
        ("<?xml version='1.0'?><Document/>", FileRefusal.NO_PRESET),
        ("<?xml version='1.0' encoding='nope'?><Document/>", FileRefusal.DAMAGED),
        ("<?xml version='1.0'?>" + "<a>" * 50, FileRefusal.DAMAGED),
    ],
)
def test_a_camt_file_that_cannot_be_read_whole_is_refused(
    content: str, reason: FileRefusal
) -> None:
    """
    Nothing of it is taken, and no entity is looked up.
    """
    assert refusal(content, "a.xml") is reason


@pytest.mark.parametrize(
    ("content", "name"), [(MT940, "a.mt940"), (camt(""), "a.xml"), (xls(SHEET), "a.xls")]
)
def test_another_account_is_refused(content: bytes | str, name: str) -> None:
    """
    By its number, in every layout that has one.
    """
    assert refusal(content, name, account="50200000000009") is FileRefusal.ANOTHER_ACCOUNT


@settings(max_examples=60)
@given(
    st.sampled_from(
        [(MT940, "a.mt940"), (camt(entry("100.00", inside=NARRATED)), "a.xml"), (CSV, "a.csv")]
    ),
    st.lists(st.tuples(st.integers(0, 2000), st.text(max_size=3)), max_size=4),
)
def test_no_damaged_statement_raises(file: tuple[str, str], changes: list[tuple[int, str]]) -> None:
    """
    It is read or refused.
    """
    content, name = file
    for at, other in changes:
        place = at % len(content)
        content = content[:place] + other + content[place + 1 :]
    try:
        report = statement(content.encode("utf-8", "surrogatepass"), name)
    except SettlementFileRefused:
        return
    assert all(entry.entry_no for each in report.statements for entry in each.entries)


@pytest.mark.parametrize("name", ["a.csv", "a.sta", "a.xml"])
def test_a_card_number_in_a_narration_is_masked_and_told(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The bank, or a payer, wrote it; nothing but its last four digits is kept or logged.
    """
    card = "4012 8888-8888 1881"
    told = {
        "a.csv": CSV.replace("CHARGES", card),
        "a.sta": MT940.replace("CHARGES", card),
        "a.xml": camt(entry("100.00", inside=f"<AddtlNtryInf>{card}</AddtlNtryInf>")),
    }
    statements = statement(told[name], name, account="50200000000001").statements
    kept = [each.narration for read in statements for each in read.entries]

    assert any("XXXXXXXXXXXX1881" in each for each in kept), kept
    assert card not in repr(statements)
    (line,) = [each for each in caplog.records if each.name.endswith("statement_entries")]
    assert (line.getMessage(), line.count) == ("bank_statement.card_number_removed", 1)  # type: ignore[attr-defined]
