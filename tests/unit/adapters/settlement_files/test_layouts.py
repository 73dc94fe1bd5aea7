"""What each layout says, row by row, and what is refused or noticed about it."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import pytest
from msgspec.structs import replace

from adapters.settlement_files.presets import Presets, Trailer
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.seen_keys import SeenKeys
from contracts.settlements.reading import CARD, PRESETS, UPI, read, upi
from domain.money import Money
from domain.settlements.line_warning import LineWarning, RejectionReason
from domain.settlements.settlement_line import Direction, LineType
from ports.settlements.settlement_file_reader import (
    FileRefusal,
    HoldReason,
    SettlementFileRefused,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("Transaction Amount=", RejectionReason.AMOUNT_NOT_EXACT),
        ("Transaction Amount=1.005", RejectionReason.AMOUNT_NOT_EXACT),
        ("MSF Amount=NaN", RejectionReason.AMOUNT_NOT_EXACT),
        ("MSF Amount=", RejectionReason.AMOUNT_NOT_EXACT),
        ("Net Amount=1e6", RejectionReason.AMOUNT_NOT_EXACT),
        ("Settlement Date=soon", RejectionReason.DATE_NOT_READ),
        ("Transaction Req Date=", RejectionReason.DATE_NOT_READ),
        ("Settlement Date=11-NOV-2026 10:00:00", RejectionReason.SETTLED_BEFORE_PAID),
        ("Currency=USD", RejectionReason.CURRENCY_NOT_INR),
        ("Currency=", RejectionReason.CURRENCY_NOT_INR),
        ("CR / DR=XX", RejectionReason.LINE_TYPE_UNKNOWN),
        ("Trans Type=DISPUTE", RejectionReason.LINE_TYPE_UNKNOWN),
        ("Transaction Amount=-11800.00", RejectionReason.DIRECTION_UNKNOWN),
        ("External MID=", RejectionReason.ROW_NOT_READ),
        ("UPI Trxn ID=a\x07b", RejectionReason.ROW_NOT_READ),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_and_holds_the_file(
    change: str, reason: RejectionReason
) -> None:
    """
    With its reason; the rows beside it are read.
    """
    lines, rejected, _, summary = read(upi([change], ["Order ID=x"], ["Order ID=y"]))

    assert [(each.line_no, each.reason) for each in rejected] == [(2, reason)]
    assert len(lines) == 2
    assert summary.held_for == (HoldReason.ROWS_REJECTED,)


def test_a_rejected_row_is_kept_without_card_numbers() -> None:
    """
    Masked, and without control characters.
    """
    _, rejected, _, _ = read(
        upi(["Transaction Amount=?", "Additional Field 1=4012 0000 0000 1097", "Payer VPA=a\x07b"])
    )

    assert "4012 0000" not in rejected[0].text
    assert "1097" in rejected[0].text
    assert "\x07" not in rejected[0].text


@pytest.mark.parametrize(
    ("changes", "warning", "field"),
    [
        (["Net Amount=11799.99"], LineWarning.NET_DOES_NOT_FOLLOW, "net"),
        (["Settlement Date=28-DEC-2026 10:00:00"], LineWarning.SETTLED_LATE, "settled_on"),
        (["Txn ref no. (RRN)=42"], LineWarning.ZEROS_RESTORED, "rrn"),
        (["UPI Trxn ID=7.45E+22"], LineWarning.ID_LOST_IN_SPREADSHEET, "bank_txn_id"),
        (["Merchant Name=4012000000001097"], LineWarning.CARD_NUMBER_REMOVED, None),
    ],
)
def test_what_is_odd_is_told_and_counts(
    changes: list[str], warning: LineWarning, field: str | None
) -> None:
    """
    The line is live; a person can see why it was noticed.
    """
    lines, rejected, warned, summary = read(upi(changes))

    assert (len(lines), rejected, summary.held_for) == (1, [], ())
    assert [(each.line_no, each.warning, each.field) for each in warned] == [(2, warning, field)]


def test_forty_five_days_are_not_late() -> None:
    """
    The first day after them is.
    """
    assert read(upi(["Settlement Date=27-DEC-2026 10:00:00"]))[2] == []


def test_a_net_that_does_not_follow_is_kept_as_told() -> None:
    """
    It becomes a discrepancy, not another number.
    """
    assert read(upi(["Net Amount=11799.99"]))[0][0].net == Money(1179999)


def test_more_cells_than_the_header_are_noticed_when_they_say_something() -> None:
    """
    Empty ones at the end say nothing; a card number among them is found too.
    """
    row = UPI.splitlines()[1]

    assert read(upi(row + ",,"))[2] == []
    assert [each.warning for each in read(upi(row + ",x"))[2]] == [LineWarning.ROW_TOO_LONG]
    assert [each.warning for each in read(upi(row + ",4012000000001097"))[2]] == [
        LineWarning.ROW_TOO_LONG,
        LineWarning.CARD_NUMBER_REMOVED,
    ]


@pytest.mark.parametrize("net", ["500.00", "-500.00"])
def test_a_refund_takes_money_whatever_sign_is_printed(net: str) -> None:
    """
    And whichever sign its gross amount has.
    """
    for gross in ("500.00", "-500.00"):
        lines, _, warned, _ = read(
            upi(["CR / DR=DR", f"Transaction Amount={gross}", f"Net Amount={net}"])
        )
        assert (lines[0].line_type, lines[0].direction) == (LineType.REFUND, Direction.DR)
        assert (lines[0].gross, lines[0].net, warned) == (Money(50000), Money(-50000), [])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found(delimiter: str, newline: str) -> None:
    """
    On the row of the header.
    """
    content = UPI.replace(",", delimiter).replace("\n", newline)
    lines, rejected, _, summary = read(content, "a.txt")

    assert (len(lines), rejected) == (6, [])
    assert summary.format.delimiter == delimiter
    assert summary.format.newline == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[newline]
    assert [each.line_no for each in lines] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("codec", "name", "bom"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", True),
        ("utf-16", "utf-16", True),
        ("cp1252", "windows-1252", False),
    ],
)
def test_the_encoding_is_found(codec: str, name: str, bom: bool) -> None:  # noqa: FBT001 - a case
    """
    The mark decides; then UTF-8; then Windows-1252.
    """
    _, rejected, _, summary = read(upi(["Merchant Name=Café"]).encode(codec))

    assert rejected == []
    assert (summary.format.encoding, summary.format.bom) == (name, bom)


def test_a_guessed_encoding_is_told() -> None:
    """
    Bytes that Windows-1252 does not have are neither replaced nor dropped.
    """
    content = upi(
        ["Merchant Name=" + "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 " * 20]
    )
    _, _, _, summary = read(content.encode("cp866").replace(b"\xac", b"\x8d"))

    assert summary.format.encoding_guessed


def test_a_header_is_known_whatever_its_case_and_blanks_are() -> None:
    """
    And below title rows; not below the fortieth.
    """
    header, *rows = UPI.splitlines()
    odd = "\n".join([header.upper().replace(" / ", "/ "), *rows])

    assert len(read(odd)[0]) == 6
    assert len(read("title\n" * 39 + odd)[0]) == 6
    with pytest.raises(SettlementFileRefused):
        read("title\n" * 40 + odd)


def test_totals_have_to_agree() -> None:
    """
    A row more or less, or a paisa, holds the file.
    """
    rows = CARD.splitlines()

    assert read(CARD)[3].held_for == ()
    assert read("\n".join(rows[:5] + rows[6:]))[3].held_for == (HoldReason.TOTALS_DIFFER,)
    assert read(CARD.replace("1,39,175.61", "1,39,175.60"))[3].held_for == (
        HoldReason.TOTALS_DIFFER,
    )
    with pytest.raises(SettlementFileRefused):
        read(CARD.replace("1,39,175.61", "about 1,39,175"))


def test_a_merchant_whose_id_begins_like_a_tax_number_is_not_skipped() -> None:
    """
    Rows of PAN and GST are those with few cells.
    """
    for mid in ("PAN", "PAN-01", "GST 9", "PANJAB"):
        assert len(read(upi([f"External MID={mid}"]))[0]) == 1
    assert (
        read(upi("PAN : AAAAA0000A,GST : 27AAAAA0000A1Z5", "*****,***", ""))[3].skipped_count == 3
    )


def test_old_taxes_have_to_be_zero() -> None:
    """
    A service tax of today would be money that nobody explains.
    """
    _, rejected, _, _ = read(CARD.replace("191.16,0.00", "191.16,1.00", 1))

    assert [each.reason for each in rejected] == [RejectionReason.AMOUNT_NOT_EXACT]


def test_totals_that_are_always_there_must_not_be_missing() -> None:
    """
    Where the preset says so: a file without them may be cut off.
    """
    strict = replace(
        PRESETS.reports["hdfc_card_mpr"], trailer=Trailer(presence="required", lines_at=2)
    )
    reader = PresetFileReader(Presets({strict.name: strict}, {}))
    held = []
    for content in (CARD, CARD.split("TOTAL")[0]):
        with reader.read(BytesIO(content.encode()), "a.csv") as reading:
            list(reading.items())
            held.append(reading.summary().held_for)

    assert held == [(), (HoldReason.TOTALS_MISSING,)]


def test_many_keys_are_counted_in_little_memory() -> None:
    """
    However often the table of them has grown.
    """
    seen = SeenKeys()
    keys = [sha256(str(number).encode()).digest() for number in range(5000)]

    assert {seen.occurrence(key) for key in keys} == {1}
    assert {seen.occurrence(key) for key in keys} == {2}


def test_equal_rows_are_counted() -> None:
    """
    The third is the third, wherever it stands.
    """
    lines, _, _, _ = read(
        upi(["External TID=a"], ["External TID=b"], ["External TID=a"], ["External TID=a"])
    )

    assert [each.occurrence for each in lines] == [1, 1, 2, 3]


RAZORPAY: Final[dict[str, Any]] = {
    "entity_id": "pay_1",
    "type": "payment",
    "debit": 0,
    "credit": 99704,
    "amount": 100000,
    "currency": "INR",
    "fee": 296,
    "tax": 46,
    "on_hold": False,
    "settled": True,
    "created_at": 1794458700,
    "settled_at": 1794545100,
    "settlement_id": "setl_1",
    "settlement_utr": "UTR1",
    "order_receipt": "SK7QMZ2VKA4CYD6HRN3B",
    "order_id": "order_1",
    "method": "card",
    "dispute_id": None,
}


def razorpay(*changes: dict[str, Any]) -> str:
    return json.dumps({"entity": "collection", "items": [RAZORPAY | each for each in changes]})


def test_razorpay_reports_paise_and_a_fee_that_holds_its_tax() -> None:
    """
    Payments, refunds, disputes and adjustments; what is not settled is counted and left out.
    """
    lines, rejected, warned, summary = read(
        razorpay(
            {},
            {
                "type": "refund",
                "entity_id": "rfnd_1",
                "debit": 5000,
                "credit": 0,
                "amount": 5000,
                "fee": 0,
                "tax": 0,
            },
            {
                "type": "adjustment",
                "dispute_id": "disp_1",
                "debit": 7000,
                "credit": 0,
                "amount": 7000,
                "fee": None,
                "tax": None,
            },
            {"type": "adjustment", "debit": 0, "credit": 10, "amount": 10, "fee": 0, "tax": 0},
            {"settled": False, "settled_at": None},
            {"type": "transfer"},
        ),
        "a.json",
        mid="M1",
    )

    assert [(each.line_type.value, each.direction.value, each.net.paise) for each in lines] == [
        ("payment", "CR", 99704),
        ("refund", "DR", -5000),
        ("chargeback", "DR", -7000),
        ("adjustment", "CR", 10),
    ]
    assert (lines[0].fee, lines[0].igst, warned) == (Money(250), Money(46), [])
    assert (lines[0].mid, lines[0].method, lines[0].payment_id) == (
        "M1",
        "CARD",
        "SK7QMZ2VKA4CYD6HRN3B",
    )
    assert (lines[0].settlement_key, lines[0].utr) == ("setl_1", "UTR1")
    assert [(each.line_no, each.reason) for each in rejected] == [
        (6, RejectionReason.LINE_TYPE_UNKNOWN)
    ]
    assert summary.skipped_count == 1


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_json_is_read_in_any_encoding(codec: str) -> None:
    """
    With its mark or without one.
    """
    content = json.dumps({"items": [RAZORPAY | {"description": "Caf\u00e9"}]}, ensure_ascii=False)
    lines, rejected, _, summary = read(content.encode(codec), "a.json", mid="M1")

    assert (len(lines), rejected) == (1, [])
    assert summary.format.bom == (codec in {"utf-8-sig", "utf-16"})


def test_a_layout_without_a_merchant_needs_one() -> None:
    """
    Money of an unknown MID belongs to nobody.
    """
    with pytest.raises(SettlementFileRefused) as refused:
        read(razorpay({}), "a.json")

    assert refused.value.reason is FileRefusal.NO_MERCHANT


CASHFREE: Final[dict[str, Any]] = {
    "event_id": "1",
    "event_type": "PAYMENT",
    "event_amount": 100.0,
    "event_settlement_amount": 97.64,
    "event_currency": "INR",
    "event_time": "2026-11-12T10:15:00+05:30",
    "sale_type": "CREDIT",
    "payment_service_charge": 2.0,
    "payment_service_tax": 0.36,
    "settlement_utr": "UTR2",
    "settlement_date": "2026-11-13T12:00:00+05:30",
    "cf_settlement_id": 77,
    "order_id": "SK7QMZ2VKA4CYD6HRN3B",
    "payment_group": "upi",
}


def test_cashfree_sums_its_payout_among_the_lines() -> None:
    """
    That row is not added to them; ids come as numbers or as text.
    """
    events: list[dict[str, Any]] = [
        {},
        {"event_type": "SETTLEMENT", "event_amount": 97.64, "event_settlement_amount": 97.64},
        {
            "event_type": "DISPUTE", "sale_type": "DEBIT", "event_amount": 5, "event_settlement_amount": -5,
            "payment_service_charge": None, "payment_service_tax": None, "cf_settlement_id": "77",
        },
        {"event_type": "OTHER", "sale_type": "DEBIT"},
    ]  # fmt: skip
    content = json.dumps({"data": [CASHFREE | each for each in events]})
    lines, rejected, warned, summary = read(content, "a.json", mid="M1")

    assert [(each.line_type.value, each.net.paise) for each in lines] == [
        ("payment", 9764),
        ("chargeback", -500),
    ]
    assert [each.key for each in summary.settlements] == ["77"]
    assert (warned, summary.skipped_count, len(rejected)) == ([], 1, 1)


def test_hyperpg_tells_holds_and_disputes() -> None:
    """
    A dispute shows by its id; a hold word is no payout.
    """
    header = (
        "Order Id,Transaction Id,Transaction Date,RRN,Transaction Type,Type,Hold Status,Dispute Id,Overall Txn Amount,"
        "Overall Fee,Overall Tax,Overall Settlement Amount,Vendor Settlement Id,Vendor Utr,Vendor Settlement Date"
    )
    begins = "SK7QMZ2VKA4CYD6HRN3B,T{0},2026-11-12 10:15:00,631610150001,"
    row = begins + "{1},{2},{3},{4},100.00,2.00,0.36,{5},V1,U1,2026-11-13"
    content = "\n".join(
        [
            header,
            row.format(1, "ORDER", "CREDIT", "", "", "97.64"),
            row.format(2, "REFUND", "DEBIT", "", "", "-102.36"),
            row.format(3, "ORDER", "CREDIT", "HOLD", "", "97.64"),
            row.format(4, "ORDER", "DEBIT", "", "D1", "-102.36"),
            row.format(5, "ORDER", "CREDIT", "PERHAPS", "", "97.64"),
        ]
    )
    lines, rejected, warned, _ = read(content, mid="M1")

    assert [(each.line_type.value, each.on_hold) for each in lines] == [
        ("payment", False),
        ("refund", False),
        ("payment", True),
        ("chargeback", False),
    ]
    assert lines[0].igst == Money(36)
    assert (warned, [each.reason for each in rejected]) == ([], [RejectionReason.ROW_NOT_READ])


def test_the_second_card_export_is_read() -> None:
    """
    With the names of database columns.
    """
    content = (
        "MECODE,ME_NAME,CARDNBR,CHG_DATE,PROCESS_DATE,TERMINAL_NO,APP_CODE,PYMT_CHGAMNT,PYMT_COMM,PYMT_CGST,PYMT_SGST,"
        "PYMT_IGST,PYMT_UTGST,PYMT_NETAMNT,DEBITCREDIT_TYPE,ARN,UDF1\n"
        "M1,Name,401200XXXXXX1097,12-11-2026,13-11-2026,T1,012345,11800.00,212.40,0.00,0.00,38.23,0.00,11549.37,C,"
        "74542106316000000000011,SIM-SK7QMZ2VKA4CYD6HRN3B-1\n"
    )
    lines, rejected, warned, summary = read(content)

    assert (summary.format.preset, rejected, warned) == ("hdfc_card_mpr_db", [], [])
    assert (lines[0].auth_code, lines[0].payment_id) == ("012345", "SK7QMZ2VKA4CYD6HRN3B")


def test_a_report_with_more_pages_is_held() -> None:
    """
    What is on the others is not absent.
    """
    page = {"page": 1, "pages": 2, "settlements": []}

    assert read(json.dumps(page), "a.json")[3].held_for == (HoldReason.PAGES_MISSING,)
    assert read(json.dumps(page | {"pages": 1}), "a.json")[3].held_for == ()
