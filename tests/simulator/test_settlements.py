"""Settlements of the simulated bank: reports, statement, corrections, by its own calendar."""

import csv
import io
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import msgspec
import pytest

from simulator.in_process import HandClock
from simulator.merchant import Merchant

HOLIDAYS = ["2026-11-10", "2026-11-24"]


async def turn(merchant: Merchant, now: str) -> None:
    answer = await merchant.control("clock", now=f"{now}:00+05:30", frozen=True, holidays=HOLIDAYS)
    assert answer.status_code == 200, answer.text


async def sell(merchant: Merchant, order_id: str, amount: str, method: str = "UPI") -> None:
    await merchant.create_session(order_id, amount=amount)
    await merchant.pay(order_id, method=method, webhooks=False)


async def refund(merchant: Merchant, order_id: str, name: str, amount: str) -> None:
    plan = {"unique_request_id": name, "amount": amount, "outcome": "pending", "webhooks": False}
    answer = await merchant.control(f"orders/{order_id}/refunds", **plan)
    assert answer.status_code == 200, answer.text
    done = f"orders/{order_id}/refunds/{name}/decide"
    assert (await merchant.control(done, outcome="success", webhooks=False)).status_code == 200


async def report(merchant: Merchant, **query: str) -> httpx.Response:
    return await merchant.http.get(
        "/settlements", params={"date": "2026-11-13", **query}, headers=merchant.headers
    )


async def run(merchant: Merchant, day: str) -> list[dict[str, Any]]:
    answer = await merchant.control("settlements/run", date=day)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content)["settlements"]  # type: ignore[no-any-return]  # a JSON list


async def account(merchant: Merchant, form: str, last: str = "2026-11-30") -> str:
    query = {"from": "2026-11-01", "to": last, "format": form}
    answer = await merchant.http.get("/_control/statement", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
async def sold(merchant: Merchant, clock: HandClock) -> Merchant:
    """A merchant who sold for 11,800.00 by UPI and by card on Thursday the 12th, and 1,499.50 on Friday."""
    await turn(merchant, "2026-11-12T10:15")
    await sell(merchant, "SKUPI1", "11800.00")
    await turn(merchant, "2026-11-12T23:58")
    await sell(merchant, "SKCARD1", "11800.00", "CARD")
    await turn(merchant, "2026-11-13T00:01")
    await sell(merchant, "SKUPI2", "1499.50")
    return merchant


async def test_a_report_is_ready_at_its_hour(sold: Merchant) -> None:
    """
    Not before; a day without a payout has none; only the merchant reads it.
    """
    waiting = await report(sold)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3600")
    assert (await report(sold, date="2026-11-14")).status_code == 204
    assert (await report(sold, date="2026-11-11")).status_code == 204
    assert (await report(sold, mid="OTHER01")).status_code == 404
    assert (await sold.http.get("/settlements?date=2026-11-13")).status_code == 401
    for wrong in ({"date": "13-11"}, {"format": "xls"}, {"rail": "sea"}, {"page": "x"}):
        assert (await report(sold, **wrong)).status_code == 400

    await turn(sold, "2026-11-13T10:00")

    assert (await report(sold)).status_code == 200
    assert (await report(sold, page="2")).status_code == 400
    assert (await report(sold, date="2026-11-16")).status_code == 202


async def test_a_report_in_json(sold: Merchant) -> None:
    """
    It tells each payment with its fee and its net, and nothing of the next day; asked again it is the same.
    """
    await turn(sold, "2026-11-13T10:00")

    answer = await report(sold)
    told = answer.json()

    assert (told["date"], told["page"], told["pages"]) == ("2026-11-13", 1, 1)
    upi, card = told["settlements"]
    assert (upi["settlement_id"], upi["mid"], upi["utr"]) == (
        "STL20261113UPI",
        "SIM0001",
        "SIMBN26317000001",
    )
    assert [line["order_id"] for line in upi["lines"]] == ["SKUPI1"]
    assert card["totals"] == {
        "lines": 1,
        "credits": "11800.00",
        "debits": "0.00",
        "fee": "212.40",
        "tax": "38.23",
        "net": "11549.37",
    }
    (line,) = card["lines"]
    status = (await sold.ask_status("SKCARD1")).json()["payment_gateway_response"]
    assert line["rrn"] == status["rrn"]
    assert line["transaction_at"] == "2026-11-12T23:58:00+05:30"
    assert (line["txn_id"], line["igst"], line["net"]) == (
        "SIMMERCHANT-SKCARD1-1",
        "38.23",
        "11549.37",
    )
    assert (await report(sold)).content == answer.content


async def test_a_report_in_csv(sold: Merchant) -> None:
    """
    In the columns of the bank's two reports; cards end with their total.
    """
    await turn(sold, "2026-11-13T10:00")

    upi = list(csv.DictReader(io.StringIO((await report(sold, format="csv")).text)))
    cards = (await report(sold, format="csv", rail="card")).text

    (row,) = upi
    assert row["Order ID"] == "70001-SKUPI1-1"
    assert row["Transaction Req Date"] == "12-NOV-2026 10:15:00"
    assert row["Settlement Date"] == "13-NOV-2026 10:00:00"
    assert (row["CR / DR"], row["Net Amount"], len(row["UPI Trxn ID"])) == ("CR", "11800.00", 35)
    header, first, blank, total = csv.reader(io.StringIO(cards))
    line = dict(zip(header, first, strict=True))
    assert (line["MSF"], line["IGST AMT"], line["DEBITCREDIT_TYPE"]) == ("212.40", "38.23", "C")
    assert (line["TERMINAL NUMBER"], line["CARD NUMBER"]) == ("00SIMT90", "401200XXXXXX1097")
    assert (blank, total[:2], total[header.index("Net Amount")]) == ([], ["TOTAL", "1"], "11549.37")


async def test_a_negative_day_is_carried_forward(sold: Merchant) -> None:
    """
    Refunds above sales are paid out of the next settlement of the same MID, not of another.
    """
    await run(sold, "2026-11-13")
    await refund(sold, "SKUPI1", "RF1", "5900.00")

    (carried,) = await run(sold, "2026-11-16")
    await turn(sold, "2026-11-16T12:00")
    await sell(sold, "SKUPI3", "8000.00")
    (paid,) = await run(sold, "2026-11-17")

    assert (carried["totals"]["net"], carried["paid"], carried["utr"]) == ("-4400.50", "0.00", None)
    assert (paid["totals"]["net"], paid["paid"]) == ("8000.00", "3599.50")
    told = (await report(sold, date="2026-11-16")).json()["settlements"][0]
    assert (told["status"], told["utr"]) == ("CARRIED_FORWARD", None)
    back = told["lines"][1]
    assert (back["type"], back["refund_id"], back["net"]) == ("REFUND", "RF1", "-5900.00")


async def test_the_statement_of_the_account(sold: Merchant) -> None:
    """
    The same entries in each format; the balance follows, and so does the next statement.
    """
    await turn(sold, "2026-11-16T10:00")

    rows = (await account(sold, "csv")).split("\r\n")
    mt940 = (await account(sold, "mt940")).split("\r\n")
    camt = ET.fromstring((await account(sold, "camt053")).encode())  # noqa: S314 - our own XML

    assert rows[2:] == [
        "13/11/26, UPI SETTLEMENT -SIM001- 13/11/26, 13/11/26, 0.00, 11800.00, 000000000000000, 111800.00",
        "13/11/26, 00SIMT90TERMINAL 1 CARDS SETTL. 12/11/26, 13/11/26, 0.00, 11549.37, 000000000000000, 123349.37",
        "16/11/26, UPI SETTLEMENT -SIM001- 16/11/26, 16/11/26, 0.00, 1499.50, 000000000000000, 124848.87",
        "",
    ]
    assert mt940[3:6] == [
        ":60F:C261101INR100000,00",
        ":61:2611131113C11800,00NTRFNONREF",
        ":86:UPI SETTLEMENT -SIM001- 13/11/26",
    ]
    assert mt940[-3:] == [":62F:C261130INR124848,87", "-", ""]
    names = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.02}"
    amounts = [entry.findtext(f"{names}Amt") for entry in camt.iter(f"{names}Ntry")]
    assert amounts == ["11800.00", "11549.37", "1499.50"]
    early = (await account(sold, "mt940", "2026-11-13")).split("\r\n")
    assert early[-3] == ":62F:C261113INR123349,37"
    for wrong in ("from=2026-11-02&to=2026-11-01", "from=x&to=y", "format=pdf"):
        assert (await sold.http.get(f"/_control/statement?{wrong}")).status_code == 400


async def test_a_report_is_corrected(sold: Merchant) -> None:
    """
    The account is corrected by an entry of its own; the truth stays what was sold.
    """
    await run(sold, "2026-11-13")
    path = "settlements/STL20261113UPI/reissue"

    wrong = (await sold.control(path, changes=[{"line": 1, "amount": "11790.00"}])).json()
    truth = (await sold.http.get("/_control/settlements/2026-11-13/truth")).json()
    right = (await sold.control(path)).json()

    assert (wrong["difference"], wrong["paid"], wrong["version"]) == ("-10.00", "11790.00", 2)
    assert truth["settlements"][0]["lines"][0]["amount"] == "11800.00"
    assert (right["difference"], right["totals"]["net"]) == ("10.00", "11800.00")
    assert (await account(sold, "csv")).split("\r\n")[-2].endswith("123349.37")
    for bad in ([{"line": 9, "remove": True}], [{"line": 1, "amount": "x"}]):
        assert (await sold.control(path, changes=bad)).status_code == 400
    assert (await sold.control("settlements/STL1/reissue")).status_code == 404


@pytest.mark.parametrize(
    ("stage", "outcome", "types"),
    [
        ("CHARGEBACK", None, ["CHARGEBACK"]),
        ("CHARGEBACK", "won", ["CHARGEBACK", "CHARGEBACK_REVERSAL"]),
        ("CHARGEBACK", "lost", ["CHARGEBACK"]),
        ("RETRIEVAL", "won", []),
        ("RETRIEVAL", "lost", ["CHARGEBACK"]),
    ],
)
async def test_a_dispute_moves_money(
    sold: Merchant, stage: str, outcome: str | None, types: list[str]
) -> None:
    """
    A chargeback takes the amount when it begins, and gives it back when it is won.
    """
    await run(sold, "2026-11-16")
    opened = await sold.control("orders/SKUPI1/dispute", stage=stage, webhooks=False)
    if outcome:
        name = opened.json()["dispute"]["id"]
        await sold.control(f"orders/SKUPI1/dispute/{name}/decide", outcome=outcome, webhooks=False)

    await run(sold, "2026-11-17")

    found = [
        line
        for each in (await sold.http.get("/_control/settlements/2026-11-16/truth")).json()[
            "settlements"
        ]
        for line in each["lines"]
        if line["type"] != "PAYMENT"
    ]
    assert [line["type"] for line in found] == types
    assert sum(float(line["net"]) for line in found) == (0 if types[1:] or not types else -11800.00)


async def test_a_reserve_is_held_and_released(merchant: Merchant) -> None:
    """
    A part of the credits, until the first settlement of its MID so many days later.
    """
    await turn(merchant, "2026-11-12T10:15")
    assert (await merchant.control("reserve", percent="5", days=3)).status_code == 200
    await sell(merchant, "SKUPI1", "1000.00")
    await run(merchant, "2026-11-13")
    assert (await merchant.control("reserve", percent="0")).status_code == 200
    await turn(merchant, "2026-11-13T12:00")
    await sell(merchant, "SKUPI2", "2000.00")
    await run(merchant, "2026-11-16")

    days = [(await report(merchant, date=f"2026-11-{day}")).json() for day in (13, 16)]

    told = [[(e["type"], e["net"]) for e in day["settlements"][0]["lines"]] for day in days]
    assert told == [
        [("PAYMENT", "1000.00"), ("RESERVE_HOLD", "-50.00")],
        [("PAYMENT", "2000.00"), ("RESERVE_RELEASE", "50.00")],
    ]
    for wrong in ("51", "-1", "NaN", "x"):
        assert (await merchant.control("reserve", percent=wrong)).status_code == 400
