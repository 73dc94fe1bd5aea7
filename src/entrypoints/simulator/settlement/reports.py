"""The settlement report of one day, as JSON and in the columns of the bank's two payment reports (MPR)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.bank_calendar import IST
from entrypoints.simulator.settlement.merchant_codes import MerchantCodes
from entrypoints.simulator.settlement.settlement import Settlement
from entrypoints.simulator.settlement.settlement_lines import Direction, LineType, SettlementLine
from entrypoints.simulator.wire import JsonObject


class ReportFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


class Rail(StrEnum):
    """Which of the two payment reports; net banking is told in JSON only."""

    UPI = "upi"
    CARD = "card"


RAIL_METHODS: Final = {Rail.UPI: Method.UPI, Rail.CARD: Method.CARD}
UPI_COLUMNS: Final = [
    "External MID",
    "External TID",
    "UPI Merchant ID",
    "Merchant Name",
    "Merchant VPA",
    "Payer VPA",
    "UPI Trxn ID",
    "Order ID",
    "Txn ref no. (RRN)",
    "Transaction Req Date",
    "Settlement Date",
    "Currency",
    "Transaction Amount",
    "MSF Amount",
    "CGST AMT",
    "SGST AMT",
    "IGST AMT",
    "UTGST AMT",
    "Net Amount",
    "GST Invoice No",
    "Trans Type",
    "Pay Type",
    "CR / DR",
    "Additional Field 1",
    "Additional Field 2",
    "Additional Field 3",
    "Additional Field 4",
    "Additional Field 5",
]
CARD_COLUMNS: Final = [
    "MERCHANT CODE",
    "TERMINAL NUMBER",
    "REC FMT",
    "BAT NBR",
    "CARD TYPE",
    "CARD NUMBER",
    "TRANS DATE",
    "SETTLE DATE",
    "APPROV CODE",
    "INTNL AMT",
    "DOMESTIC AMT",
    "TRAN_ID",
    "UPVALUE",
    "MERCHANT_TRACKID",
    "MSF",
    "SERV TAX",
    "SB Cess",
    "KK Cess",
    "CGST AMT",
    "SGST AMT",
    "IGST AMT",
    "UTGST AMT",
    "Net Amount",
    "DEBITCREDIT_TYPE",
    "ARN NO",
    "INVOICE_NUMBER",
    "GSTN_TRANSACTION_ID",
    "UDF1",
    "UDF2",
    "UDF3",
    "UDF4",
    "UDF5",
    "SEQUENCE NUMBER",
]
COLUMNS: Final = {Rail.UPI: UPI_COLUMNS, Rail.CARD: CARD_COLUMNS}
CARD_WORDS: Final = {
    LineType.PAYMENT: "BAT",
    LineType.REFUND: "CVD",
    LineType.CHARGEBACK: "CBK",
    LineType.CHARGEBACK_REVERSAL: "CBR",
    LineType.RESERVE_HOLD: "RSV",
    LineType.RESERVE_RELEASE: "RSR",
    LineType.ADJUSTMENT: "ADJ",
}
"""The first two are the bank's; the others are the simulator's own."""

UPI_PREFIX: Final = "70001"
HOLD: Final = "HOLD"

ReportLine = tuple[Settlement, SettlementLine]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """*without_lines* are settlements of which no line is told; they stand on the last page."""

    number: int
    pages: int
    lines: Sequence[ReportLine]
    without_lines: Sequence[Settlement] = ()


def page_of(settlements: Sequence[Settlement], number: int, size: int) -> ReportPage | None:
    """Return one page of the lines, None beyond the last; a settlement may run over several pages."""
    lines = [(each, line) for each in settlements for line in each.lines]
    pages = max(1, -(-len(lines) // size))
    if not 1 <= number <= pages:
        return None
    told = lines[(number - 1) * size : number * size]
    empty = [each for each in settlements if not each.lines] if number == pages else []
    return ReportPage(number, pages, told, empty)


def json_report(page: ReportPage, *, merchant_id: str, date: str) -> bytes:
    """Return the page as JSON; each settlement on it has the totals of all its pages."""
    told: dict[str, tuple[Settlement, list[SettlementLine]]] = {}
    for settlement, line in page.lines:
        told.setdefault(settlement.id, (settlement, []))[1].append(line)
    told |= {each.id: (each, []) for each in page.without_lines}
    body: JsonObject = {
        "report": "settlement",
        "version": "1",
        "merchant_id": merchant_id,
        "date": date,
        "page": page.number,
        "pages": page.pages,
        "settlements": [_settlement(each, lines) for each, lines in told.values()],
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


def _settlement(settlement: Settlement, lines: Iterable[SettlementLine]) -> JsonObject:
    totals, carried = settlement.totals, settlement.is_carried_forward
    return {
        "settlement_id": settlement.id,
        "mid": settlement.mid,
        "settled_on": settlement.settled_on,
        "status": "CARRIED_FORWARD" if carried else "PROCESSED",
        "currency": "INR",
        "utr": None if carried else settlement.utr,
        "totals": {
            "lines": totals.lines,
            "credits": rupees(totals.credits),
            "debits": rupees(totals.debits),
            "fee": rupees(totals.fee),
            "tax": rupees(totals.tax),
            "net": rupees(totals.net),
        },
        "lines": [line_body(line) for line in lines],
    }


def line_body(line: SettlementLine) -> JsonObject:
    """Return a line of the JSON report; what only some lines have stands at its end."""
    body: JsonObject = {
        "type": line.type,
        "direction": line.direction,
        "order_id": line.order_id,
        "txn_id": line.txn_id,
        "bank_txn_id": line.bank_txn_id,
        "rrn": line.rrn,
        "method": line.method,
        "amount": rupees(line.gross),
        "fee": rupees(line.fees.fee),
        "cgst": rupees(line.fees.cgst),
        "sgst": rupees(line.fees.sgst),
        "igst": rupees(line.fees.igst),
        "net": rupees(line.net),
        "transaction_at": line.at.astimezone(IST).isoformat(timespec="seconds"),
    }
    if line.refund_id is not None:
        body["refund_id"] = line.refund_id
    if line.arn is not None:
        body["arn"] = line.arn
    if line.on_hold:
        body["status"] = HOLD
    return body


def csv_report(page: ReportPage, rail: Rail, codes: MerchantCodes, merchant_name: str) -> bytes:
    """Return the page in the columns of *rail*; cards end with a row of totals on their last page."""
    rows = [COLUMNS[rail]]
    first = page.lines[0][0] if page.lines else None
    for number, (settlement, line) in enumerate(page.lines, start=1):
        rows.append(
            _upi_row(settlement, line, codes, merchant_name)
            if rail is Rail.UPI
            else _card_row(settlement, line, codes, number)
        )
    if rail is Rail.CARD and first is not None and page.number == page.pages:
        rows += [[], total_row(rail, [line for _, line in page.lines])]
    return write_rows(rows)


def total_row(rail: Rail, lines: Sequence[SettlementLine]) -> list[str]:
    """Return the row of totals of the lines as they are told."""
    net = COLUMNS[rail].index("Net Amount")
    return ["TOTAL", str(len(lines)), *[""] * (net - 2), rupees(sum(line.net for line in lines))]


def write_rows(rows: Iterable[Sequence[str]], newline: str = "\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows(rows)
    return text.getvalue().encode()


def _upi_row(
    settlement: Settlement, line: SettlementLine, codes: MerchantCodes, merchant_name: str
) -> list[str]:
    at = line.at.astimezone(IST).strftime("%d-%b-%Y %H:%M:%S").upper()
    known = line.type in {LineType.PAYMENT, LineType.REFUND}
    order = (line.txn_id or "").split("-", 1)[-1]
    return [
        codes.mid, "SIMT01", "SIMUPI01", merchant_name, "sim@hdfcbank", line.payer, line.bank_txn_id or "",
        f"{UPI_PREFIX}-{order}" if order else "", line.rrn or "", at,
        f"{settlement.settled_on:%d-%b-%Y}".upper() + " 10:00:00", "INR", rupees(line.gross),
        rupees(line.fees.fee), rupees(line.fees.cgst), rupees(line.fees.sgst), rupees(line.fees.igst), "0.00",
        rupees(line.net), _invoice(settlement) if line.fees.fee else "", "PAY" if known else line.type.value,
        "P2M", line.direction.value, HOLD if line.on_hold else "", "", "", "", "",
    ]  # fmt: skip


def _card_row(
    settlement: Settlement, line: SettlementLine, codes: MerchantCodes, number: int
) -> list[str]:
    return [
        codes.mid, codes.terminal, CARD_WORDS[line.type], f"{settlement.settled_on:%j}".zfill(6), line.card,
        line.payer, f"{line.at.astimezone(IST):%d-%m-%Y}", f"{settlement.settled_on:%d-%m-%Y}",
        line.auth_code or "", "0.00", rupees(line.gross), line.bank_txn_id or "", "0.00", line.txn_id or "",
        rupees(line.fees.fee), "0.00", "0.00", "0.00", rupees(line.fees.cgst), rupees(line.fees.sgst),
        rupees(line.fees.igst), "0.00", rupees(line.net), "C" if line.direction is Direction.CR else "D",
        line.arn or "", _invoice(settlement), "", HOLD if line.on_hold else "", "", "", "", "", f"{number:06d}",
    ]  # fmt: skip


def _invoice(settlement: Settlement) -> str:
    return f"INV{settlement.settled_on:%y%m}{settlement.settled_on:%j}".ljust(13, "0")


def rupees(paise: int) -> str:
    """Return *paise* in rupees with two decimals, exactly: ``-500.00``."""
    return f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"
