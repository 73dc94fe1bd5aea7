"""Faults in settlements: drawn by the seed, written into reports and account, and told by the truth."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import FaultKind, read_rates
from entrypoints.simulator.faults.settlement_faults import SettlementFault
from simulator.in_process import StartMerchant
from simulator.merchant import Merchant, WebhookReceiver
from simulator.test_settlements import account, refund, report, run, sell, turn


async def trade(
    merchant: Merchant, seed: int = 1, orders: int = 2, **rates: float
) -> dict[str, Any]:
    """Sell and refund on one day, settle on the next, and return the truth of it."""
    assert (await merchant.control("faults", seed=seed, rates=rates)).status_code == 200
    await turn(merchant, "2026-11-12T10:15")
    for number in range(orders):
        method = "CARD" if number % 2 else "UPI"
        await sell(merchant, f"SKORDER{number}", "11800.00", method)
    await refund(merchant, "SKORDER0", "RF0", "500.00")
    await run(merchant, "2026-11-13")
    return await truth(merchant)


async def truth(merchant: Merchant, day: str = "2026-11-13") -> dict[str, Any]:
    answer = await merchant.http.get(f"/_control/settlements/{day}/truth")
    return msgspec.json.decode(answer.content, type=dict[str, Any])


async def nets(merchant: Merchant, mid: str = "SIM9001") -> list[str]:
    found = (await report(merchant, mid=mid)).json()["settlements"]
    return [line["net"] for each in found for line in each["lines"]]


@pytest.mark.parametrize(
    ("kind", "cause", "difference", "told"),
    [
        ("settle_drop", "not_settled_when_due", -11800_00, []),
        ("settle_hold", "held_by_bank", -11800_00, ["11549.37"]),
        ("settle_tax", "tax_on_fee_differs", -5, ["11549.32"]),
        ("settle_net", "net_does_not_follow", -1_00, ["11548.37"]),
        ("settle_duplicate", "duplicate_line", 11800_00, ["11549.37", "11549.37"]),
        ("settle_chargeback", "chargeback", -11800_00, ["11549.37", "-11800.00"]),
        ("settle_unsold", "settled_but_not_sold_here", 11800_00, ["11549.37"]),
    ],
)
async def test_a_line_goes_wrong_as_drawn(
    merchant: Merchant, kind: str, cause: str, difference: int, told: list[str]
) -> None:
    """
    The truth names the discrepancy, and keeps the line as it ought to be.
    """
    found = await trade(merchant, **{kind: 1})

    card = [each for each in found["faults"] if each["subject_id"] == "SKORDER1"]
    assert [each["kind"] for each in card] == [kind]
    assert (card[0]["discrepancy"]["cause"], card[0]["discrepancy"]["difference_paise"]) == (
        cause,
        difference,
    )
    assert await nets(merchant) == told
    (settlement,) = (each for each in found["settlements"] if each["mid"] == "SIM9001")
    assert [line["net"] for line in settlement["lines"]][:1] == ["11549.37"]


@pytest.mark.parametrize("kind", ["settle_amount", "settle_fee"])
async def test_a_wrong_figure_keeps_the_arithmetic(merchant: Merchant, kind: str) -> None:
    """
    The rest of the line follows from it, so that it is one discrepancy and not two.
    """
    found = await trade(merchant, **{kind: 1})

    (line,) = (await report(merchant, mid="SIM9001")).json()["settlements"][0]["lines"]
    paise = {name: round(float(line[name]) * 100) for name in ("amount", "fee", "igst", "net")}
    assert paise["amount"] - paise["fee"] - paise["igst"] == paise["net"]
    (fault,) = (each for each in found["faults"] if each["subject_id"] == "SKORDER1")
    ours = {
        "settle_amount": paise["amount"] - 11800_00,
        "settle_fee": 212_40 - paise["fee"],
    }
    assert fault["discrepancy"]["difference_paise"] == ours[kind] != 0


async def test_a_late_line_comes_with_the_next_day(merchant: Merchant) -> None:
    found = await trade(merchant, settle_late=1)

    assert {each["outcome"] for each in found["faults"]} == {"late"}
    assert await nets(merchant) == []
    await run(merchant, "2026-11-16")
    assert len((await truth(merchant, "2026-11-16"))["settlements"]) == 2
    assert (await truth(merchant, "2026-11-16"))["faults"] == []


@pytest.mark.parametrize(
    ("kind", "cause", "told"),
    [
        ("settle_refund_drop", "refund_not_netted", ["11800.00"]),
        ("settle_refund_netted", "netted_refund", ["11300.00"]),
    ],
)
async def test_a_refund_goes_wrong(
    merchant: Merchant, kind: str, cause: str, told: list[str]
) -> None:
    (fault,) = (await trade(merchant, **{kind: 1}))["faults"]

    assert fault["discrepancy"]["cause"] == cause
    assert await nets(merchant, "SIM0001") == told


async def test_rows_without_a_payment(merchant: Merchant) -> None:
    """
    A strange order, a reserve and an adjustment stand in every settlement, each with its own id.
    """
    found = await trade(merchant, settle_orphan=1, settle_reserve=1, settle_adjustment=1)

    causes = sorted(each["discrepancy"]["cause"] for each in found["faults"])
    assert causes == sorted(["unknown_order", "reserve_held", "adjustment"] * 2)
    assert len({each["discrepancy"]["ref"] for each in found["faults"]}) == 6
    assert len(await nets(merchant)) == 4


@pytest.mark.parametrize(
    ("kind", "cause", "entries"),
    [
        ("credit_short", "bank_credit_differs", 2),
        ("credit_missing", "settlement_without_credit", 0),
        ("credit_split", None, 4),
        ("credit_late", None, 2),
    ],
)
async def test_the_account_goes_wrong(
    merchant: Merchant, kind: str, cause: str | None, entries: int
) -> None:
    """
    The report stays right; what is missing in the account is the difference that the truth names.
    """
    found = await trade(merchant, **{kind: 1})

    causes = [each["discrepancy"] and each["discrepancy"]["cause"] for each in found["faults"]]
    assert causes == [cause, cause]
    rows = (await account(merchant, "csv")).strip().split("\r\n")[1:]
    assert len(rows) == entries
    assert all(row.startswith("17/11/26") == (kind == "credit_late") for row in rows)
    closing = round(float(rows[-1].rsplit(", ", 1)[1]) * 100) if rows else 100000_00
    missing = sum(each["discrepancy"]["difference_paise"] for each in found["faults"] if cause)
    assert closing == 100000_00 + 11300_00 + 11549_37 + missing


async def test_one_credit_pays_two_settlements(merchant: Merchant) -> None:
    """
    The next payout of the MID brings it; where there is none by the next working day, it comes by itself.
    """
    await trade(merchant, credit_merged=1)
    await turn(merchant, "2026-11-13T12:00")
    await sell(merchant, "SKORDER9", "1000.00")
    await run(merchant, "2026-11-16")

    rows = (await account(merchant, "csv")).strip().split("\r\n")[1:]

    upi, card = (next(row for row in rows if code in row) for code in ("SIM001", "SIMT90"))
    assert upi.startswith("16/11/26, UPI SETTLEMENT -SIM001- 16/11/26, 16/11/26, 0.00, 12300.00")
    assert card.startswith(
        "16/11/26, 00SIMT90TERMINAL 1 CARDS SETTL. 12/11/26, 16/11/26, 0.00, 11549.37"
    )
    outcomes = [each["outcome"] for each in (await truth(merchant))["faults"]]
    assert outcomes == ["one_for_two", "one_for_two"]


async def test_a_report_is_corrected_by_a_line(merchant: Merchant) -> None:
    """
    The last sound payment comes with the corrected report of the next working day, and so does its money.
    """
    found = await trade(merchant, orders=4, settle_reissue=1)

    assert [each["kind"] for each in found["faults"]] == ["settle_reissue"] * 2
    missing = [(e["cause"], e["ref"]) for e in found["discrepancies"]]
    assert missing == [("not_settled_when_due", "SKORDER2"), ("not_settled_when_due", "SKORDER3")]
    assert await nets(merchant) == ["11549.37"]
    await run(merchant, "2026-11-16")
    assert await nets(merchant) == ["11549.37", "11549.37"]
    assert (await truth(merchant, "2026-11-16"))["discrepancies"] == []
    rows = (await account(merchant, "csv")).strip().split("\r\n")[1:]
    assert [row[:8] for row in rows] == ["13/11/26", "13/11/26", "16/11/26", "16/11/26"]


async def test_a_settlement_without_lines_is_told(merchant: Merchant) -> None:
    """
    All its lines were dropped: it stands in the report with nothing in it, so that the day is known to be whole.
    """
    found = await trade(merchant, settle_drop=1, settle_refund_drop=1)

    told = (await report(merchant)).json()["settlements"]
    assert [(each["settlement_id"], each["lines"]) for each in told] == [
        ("STL20261113UPI", []),
        ("STL20261113CARD", []),
    ]
    assert [each["cause"] for each in found["discrepancies"]] == [
        "not_settled_when_due",
        "refund_not_netted",
        "not_settled_when_due",
    ]


async def test_the_truth_follows_what_the_reports_tell(merchant: Merchant) -> None:
    """
    A late line is missing until it comes; a broken report speaks for nothing that it does not hold.
    """
    late = await trade(merchant, settle_late=1)
    assert [each["cause"] for each in late["discrepancies"]] == ["not_settled_when_due"] * 2
    await run(merchant, "2026-11-16")
    assert (await truth(merchant, "2026-11-16"))["discrepancies"] == []

    await merchant.control("faults", rates={"file_cut": 1})
    cut = await truth(merchant)
    assert {each["cause"] for each in cut["discrepancies"]} == set()
    answer = await merchant.http.get("/_control/settlements/2026-11-13/truth?format=pdf")
    assert answer.status_code == 400


async def test_a_changed_amount_is_told_by_the_truth(merchant: Merchant) -> None:
    """
    A correction by hand is a fault as any other, until the right report is given.
    """
    await trade(merchant)
    path = "settlements/STL20261113CARD/reissue"
    changes = [{"line": 1, "amount": "11790.00"}]
    assert (await merchant.control(path, changes=changes)).status_code == 200

    (found,) = [
        each
        for each in (await truth(merchant, "2026-12-30"))["discrepancies"]
        if each["cause"] == "gross_differs"
    ]

    assert (found["ref"], found["difference_paise"]) == ("SKORDER1", -10_00)
    await merchant.control(path)
    assert (await truth(merchant, "2026-12-30"))["discrepancies"] == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("file_bom_crlf", b"\xef\xbb\xbfMERCHANT CODE"),
        ("file_titles", b"Merchant Payment Report\n\nMERCHANT CODE"),
        ("file_swap_columns", b"SEQUENCE NUMBER,UDF5"),
        ("file_grouped", b'"11,549.37"'),
        ("file_excel", b"E+22,INV2611"),
        ("file_hostile", b"@SUM(1+1)"),
        ("file_totals", b"11550.37"),
    ],
)
async def test_a_file_is_dressed_or_wrong(merchant: Merchant, kind: str, told: bytes) -> None:
    """
    The lines are those of the clean report, whatever stands around them.
    """
    found = await trade(merchant, **{kind: 1})

    assert set(found["file_faults"]) == {kind}
    assert told in (await report(merchant, format="csv", rail="card")).content


async def test_a_broken_file(merchant: Merchant) -> None:
    """
    Cut off, without totals, with a page that comes twice, or not there for hours; a corrected one is drawn anew.
    """
    clean = await trade(merchant)
    whole = (await report(merchant)).content
    rows = (await report(merchant, format="csv", rail="card")).text

    async def with_fault(**rates: float) -> None:
        assert (await merchant.control("faults", rates=rates)).status_code == 200

    await with_fault(file_cut=1)
    assert whole.startswith(cut := (await report(merchant)).content)
    assert rows.startswith((await report(merchant, format="csv", rail="card")).text)
    assert len(cut) < len(whole)
    await with_fault(file_no_totals=1)
    assert b"totals" not in (await report(merchant)).content
    assert "TOTAL" not in (await report(merchant, format="csv", rail="card")).text
    await with_fault(page_repeat=1)
    first, again = [(await report(merchant, page=page)).json() for page in ("1", "2")]
    assert (first["pages"], again["page"]) == (2, 2)
    assert first["settlements"] == again["settlements"]
    assert (await report(merchant, page="3")).status_code == 400
    assert (await report(merchant, page="0")).status_code == 400
    await with_fault(file_not_ready=1)
    assert (await report(merchant)).status_code == 202
    await turn(merchant, "2026-11-13T17:00")
    assert (await report(merchant)).content == whole
    assert clean["file_faults"] == {}


async def test_webhooks_of_an_unsold_order_never_come(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    await merchant.control("faults", seed=1, rates={"settle_unsold": 1})
    await merchant.create_session()

    await merchant.pay()

    assert receiver.events == []


async def test_the_same_seed_gives_the_same_bytes(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    In another run too, for reports, account and truth; another seed gives others.
    """
    rates = dict.fromkeys(SettlementFault, 0.2)

    async def bytes_of(seed: int) -> tuple[bytes, str, object]:
        async with start(replace(config, webhook_url=None)) as merchant:
            found = await trade(merchant, seed, 12, **rates)
            told = (await report(merchant)).content
            return told, await account(merchant, "mt940"), found

    first = await bytes_of(7)

    assert await bytes_of(7) == first
    assert await bytes_of(8) != first


def test_all_leaves_settlements_alone() -> None:
    """
    Whoever wants faulty calls everywhere does not get a faulty payout with them.
    """
    assert set(read_rates({"all": 0.1})) == set(FaultKind)
    assert read_rates({"settle_drop": 0.1}) == {SettlementFault.LINE_DROP: 0.1}
