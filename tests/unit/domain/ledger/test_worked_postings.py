"""Every worked case of the ledger, to the paisa, with the balances in which it ends."""

from collections.abc import Iterable, Mapping
from datetime import date

import pytest

from domain.documents.tax_document import Heads
from domain.ledger.account import Account
from domain.ledger.journal import Journal, total
from domain.ledger.postings import (
    post_capture,
    post_credit_note,
    post_invoice,
    post_refund_asked,
    post_refund_paid,
)
from domain.ledger.settlement_postings import (
    FeeHeads,
    SettlementTotals,
    post_accepted,
    post_bank_credit,
    post_chargeback_lost,
    post_difference,
    post_match,
    post_payout_fee,
    post_reissue,
    post_settlement,
)
from domain.money import ZERO, Money
from fakes.samples import payment_id, refund_id

DAY = date(2026, 11, 16)
SALE = payment_id(1)
REFUND = refund_id(1)

Amounts = Mapping[str, str]


def rs(rupees: str) -> Money:
    return Money.from_rupees(rupees.replace(",", ""))


def entries_of(journal: Journal | None) -> dict[str, str]:
    """Return the entries of *journal* in rupees, debits positive, by account."""
    assert journal is not None
    amounts: dict[str, Money] = {}
    for entry in journal.entries:
        amounts[entry.account] = amounts.get(entry.account, ZERO) + entry.amount
    return {account: amount.grouped() for account, amount in amounts.items() if amount}


def balances(journals: Iterable[Journal | None]) -> dict[str, str]:
    """Return the balances after *journals*, without accounts that are at zero."""
    amounts: dict[str, Money] = {}
    for journal in journals:
        assert journal is not None
        assert not total(journal.entries)
        for entry in journal.entries:
            amounts[entry.account] = amounts.get(entry.account, ZERO) + entry.amount
    return {account: amount.grouped() for account, amount in sorted(amounts.items()) if amount}


def invoice(taxable: str, *, half: str = "0.00", igst: str = "0.00") -> Journal | None:
    return post_invoice(
        SALE, Heads(taxable=rs(taxable), cgst=rs(half), sgst=rs(half), igst=rs(igst)), DAY
    )


def note(taxable: str, *, half: str = "0.00", igst: str = "0.00") -> Journal | None:
    heads = Heads(taxable=rs(taxable), cgst=rs(half), sgst=rs(half), igst=rs(igst))
    return post_credit_note(SALE, REFUND, heads, DAY)


def capture(rupees: str, *, applied: bool = True) -> Journal | None:
    return post_capture(SALE, rs(rupees), DAY, applied=applied)


def asked(rupees: str, *, applied: bool = True) -> Journal | None:
    return post_refund_asked(SALE, REFUND, rs(rupees), DAY, applied=applied)


def paid(rupees: str) -> Journal | None:
    return post_refund_paid(SALE, REFUND, rs(rupees), DAY)


def settled(
    cleared: str = "0.00",
    *,
    name: str = "S1",
    fee: str = "0.00",
    half: str = "0.00",
    igst: str = "0.00",
) -> Journal | None:
    mdr = FeeHeads(fee=rs(fee), cgst=rs(half), sgst=rs(half), igst=rs(igst))
    return post_settlement(name, SettlementTotals(cleared=rs(cleared), mdr=mdr), DAY)


def credited(rupees: str, **nets: str) -> Journal | None:
    return post_bank_credit("B1", rs(rupees), {name: rs(net) for name, net in nets.items()}, DAY)


def test_a_card_sale_within_a_state() -> None:
    """
    Case A: two heads of tax on the sale and on the fee.
    """
    bill = invoice("10,000.00", half="900.00")
    charge = capture("11,800.00")
    payout = settled("11,800.00", fee="212.40", half="19.12")
    money = credited("11,549.36", S1="11,549.36")

    assert entries_of(bill) == {
        "receivable": "11,800.00",
        "revenue": "-10,000.00",
        "gst_cgst": "-900.00",
        "gst_sgst": "-900.00",
    }
    assert entries_of(charge) == {"clearing": "11,800.00", "receivable": "-11,800.00"}
    assert entries_of(payout) == {
        "transit": "11,549.36",
        "mdr": "212.40",
        "itc_cgst": "19.12",
        "itc_sgst": "19.12",
        "clearing": "-11,800.00",
    }
    assert entries_of(money) == {"bank": "11,549.36", "transit": "-11,549.36"}
    assert balances((bill, charge, payout, money)) == {
        "bank": "11,549.36",
        "gst_cgst": "-900.00",
        "gst_sgst": "-900.00",
        "itc_cgst": "19.12",
        "itc_sgst": "19.12",
        "mdr": "212.40",
        "revenue": "-10,000.00",
    }


def test_a_upi_sale_to_another_state() -> None:
    """
    Case B: no fee, so that the same amount goes through clearing, transit and bank.
    """
    bill = invoice("10,000.00", igst="1,800.00")
    journals = (
        bill,
        capture("11,800.00"),
        settled("11,800.00"),
        credited("11,800.00", S1="11,800.00"),
    )

    assert entries_of(bill) == {
        "receivable": "11,800.00",
        "revenue": "-10,000.00",
        "gst_igst": "-1,800.00",
    }
    assert balances(journals) == {
        "bank": "11,800.00",
        "gst_igst": "-1,800.00",
        "revenue": "-10,000.00",
    }


@pytest.mark.parametrize(
    ("journal", "entries"),
    [
        (
            settled("10,620.00", fee="191.16", igst="34.41"),
            {
                "transit": "10,394.43",
                "mdr": "191.16",
                "itc_igst": "34.41",
                "clearing": "-10,620.00",
            },
        ),
        (
            settled("1,770.00", fee="31.86"),
            {"transit": "1,738.14", "mdr": "31.86", "clearing": "-1,770.00"},
        ),
    ],
    ids=["C", "O"],
)
def test_a_fee_with_one_head_or_exempt(journal: Journal | None, entries: Amounts) -> None:
    """
    Cases C and O: IGST on the fee, and a card fee that bears no tax.
    """
    assert entries_of(journal) == entries


def test_a_partial_refund_that_is_netted() -> None:
    """
    Case D: 500.00 of 2,360.00 go back before the settlement, which nets them.
    """
    bill, charge = invoice("2,000.00", half="180.00"), capture("2,360.00")
    promise, payment = asked("500.00"), paid("500.00")
    credit = note("423.74", half="38.13")
    payout, money = settled("1,860.00"), credited("1,860.00", S1="1,860.00")

    assert entries_of(promise) == {"refunds_granted": "500.00", "refunds_payable": "-500.00"}
    assert entries_of(payment) == {"refunds_payable": "500.00", "clearing": "-500.00"}
    assert entries_of(credit) == {
        "revenue": "423.74",
        "gst_cgst": "38.13",
        "gst_sgst": "38.13",
        "refunds_granted": "-500.00",
    }
    assert entries_of(payout) == {"transit": "1,860.00", "clearing": "-1,860.00"}
    assert entries_of(money) == {"bank": "1,860.00", "transit": "-1,860.00"}
    assert balances((bill, charge, promise, payment, credit, payout, money)) == {
        "bank": "1,860.00",
        "gst_cgst": "-141.87",
        "gst_sgst": "-141.87",
        "revenue": "-1,576.26",
    }


def test_a_refund_after_the_settlement() -> None:
    """
    Case E: one day is negative and carried; one bank credit pays both days.
    """
    sale = (
        invoice("5,000.00", igst="900.00"),
        capture("5,900.00"),
        settled("5,900.00", name="S16"),
        credited("5,900.00", S16="5,900.00"),
    )
    back = (asked("5,900.00"), paid("5,900.00"), note("5,000.00", igst="900.00"))
    negative = settled("-5,900.00", name="S17")
    others = capture("8,000.00")
    next_day = settled("8,000.00", name="S18")
    both = credited("2,100.00", S17="-5,900.00", S18="8,000.00")

    assert entries_of(negative) == {"clearing": "5,900.00", "transit": "-5,900.00"}
    assert entries_of(next_day) == {"transit": "8,000.00", "clearing": "-8,000.00"}
    assert entries_of(both) == {"bank": "2,100.00", "transit": "-2,100.00"}
    assert balances((*sale, *back, negative, others, next_day, both)) == {
        "bank": "8,000.00",
        "receivable": "-8,000.00",
    }


def test_a_failed_refund() -> None:
    """
    Case F: what was promised is taken back by its mirror, and asked for again nothing is left over.
    """
    promise = asked("1,180.00")
    assert promise
    failed = promise.mirrored(DAY)

    assert entries_of(promise) == {"refunds_granted": "1,180.00", "refunds_payable": "-1,180.00"}
    assert entries_of(failed) == {"refunds_payable": "1,180.00", "refunds_granted": "-1,180.00"}
    assert balances((promise, failed)) == {}
    again = post_refund_asked(SALE, REFUND, rs("1,180.00"), DAY, applied=True, sequence=2)
    assert again
    assert again.key != promise.key
    assert balances((promise, failed, again, paid("1,180.00"), note("1,000.00", half="90.00"))) == {
        "clearing": "-1,180.00",
        "gst_cgst": "90.00",
        "gst_sgst": "90.00",
        "revenue": "1,000.00",
    }


def test_a_chargeback_that_is_lost() -> None:
    """
    Case G: pulled with a fee by a settlement, and then a loss.
    """
    pulled = post_settlement(
        "S1",
        SettlementTotals(
            disputed={SALE: rs("11,800.00")},
            dispute_fee=FeeHeads(fee=rs("500.00"), igst=rs("90.00")),
        ),
        DAY,
    )
    lost = post_chargeback_lost("D1", SALE, rs("11,800.00"), DAY)

    assert entries_of(pulled) == {
        "transit": "-12,390.00",
        "disputed": "11,800.00",
        "cb_fee": "500.00",
        "itc_igst": "90.00",
    }
    assert entries_of(lost) == {"cb_loss": "11,800.00", "disputed": "-11,800.00"}
    assert balances((pulled, lost)) == {
        "cb_fee": "500.00",
        "cb_loss": "11,800.00",
        "itc_igst": "90.00",
        "transit": "-12,390.00",
    }


def test_a_chargeback_that_is_won() -> None:
    """
    Case H: a later line of the bank gives it back.
    """
    pulled, back = (
        post_settlement(name, SettlementTotals(disputed={SALE: rs(amount)}), DAY)
        for name, amount in (("S1", "10,620.00"), ("S2", "-10,620.00"))
    )

    assert entries_of(pulled) == {"disputed": "10,620.00", "transit": "-10,620.00"}
    assert entries_of(back) == {"transit": "10,620.00", "disputed": "-10,620.00"}
    assert balances((pulled, back)) == {}


def test_a_late_success_that_opens_nothing() -> None:
    """
    Case I: no supply, so neither a receivable nor revenue is touched.
    """
    charge, promise, payment = (
        capture("999.00", applied=False),
        asked("999.00", applied=False),
        paid("999.00"),
    )

    assert entries_of(charge) == {"clearing": "999.00", "unapplied": "-999.00"}
    assert entries_of(promise) == {"unapplied": "999.00", "refunds_payable": "-999.00"}
    assert entries_of(payment) == {"refunds_payable": "999.00", "clearing": "-999.00"}
    assert balances((charge, promise, payment)) == {}


def test_an_amount_that_differs() -> None:
    """
    Case K: nine rupees are missing; they come later, or are written off.
    """
    charge = capture("4,999.00")
    payout = settled("4,990.00")
    missing = post_difference("X1", rs("9.00"), DAY, SALE)
    later = post_settlement("S2", SettlementTotals(unexplained={"X1": rs("9.00")}), DAY)
    written_off = post_accepted("X1", rs("9.00"), DAY)

    assert entries_of(payout) == {"transit": "4,990.00", "clearing": "-4,990.00"}
    assert entries_of(missing) == {"suspense": "9.00", "clearing": "-9.00"}
    assert entries_of(later) == {"transit": "9.00", "suspense": "-9.00"}
    assert entries_of(written_off) == {"writeoff": "9.00", "suspense": "-9.00"}
    assert balances((charge, payout, missing, later)) == {
        "receivable": "-4,999.00",
        "transit": "4,999.00",
    }
    assert balances((charge, payout, missing, written_off)) == {
        "receivable": "-4,999.00",
        "transit": "4,990.00",
        "writeoff": "9.00",
    }


def test_a_settlement_short_by_rounding() -> None:
    """
    Case L: the paisa that the bank rounded away has an account of its own.
    """
    payout = post_settlement(
        "S1",
        SettlementTotals(
            cleared=rs("1,42,190.00"),
            mdr=FeeHeads(
                fee=rs("2,559.42"), cgst=rs("210.28"), sgst=rs("210.28"), igst=rs("34.41")
            ),
        ),
        DAY,
    )
    money = credited("1,39,175.60", S1="1,39,175.61")

    assert entries_of(payout) == {
        "transit": "1,39,175.61",
        "mdr": "2,559.42",
        "itc_cgst": "210.28",
        "itc_sgst": "210.28",
        "itc_igst": "34.41",
        "clearing": "-1,42,190.00",
    }
    assert entries_of(money) == {
        "bank": "1,39,175.60",
        "rounding": "0.01",
        "transit": "-1,39,175.61",
    }


def test_an_unknown_line_that_is_found_by_a_status_read() -> None:
    """
    Case M: the settlement came before the sale was known; then suspense and clearing meet.
    """
    payout = post_settlement("S1", SettlementTotals(unexplained={"X1": rs("649.00")}), DAY)
    healed = (capture("649.00"), invoice("550.00", igst="99.00"))
    match = post_match("X1", SALE, rs("649.00"), DAY)

    assert entries_of(payout) == {"transit": "649.00", "suspense": "-649.00"}
    assert entries_of(match) == {"suspense": "649.00", "clearing": "-649.00"}
    assert balances((payout, *healed, match)) == {
        "gst_igst": "-99.00",
        "revenue": "-550.00",
        "transit": "649.00",
    }


def test_a_reserve_is_held_and_released() -> None:
    """
    Case N: the same account, to and fro.
    """
    hold, release = (
        post_settlement(name, SettlementTotals(held=rs(amount)), DAY)
        for name, amount in (("S1", "500.00"), ("S2", "-500.00"))
    )

    assert entries_of(hold) == {"reserve": "500.00", "transit": "-500.00"}
    assert entries_of(release) == {"transit": "500.00", "reserve": "-500.00"}


def test_a_settlement_that_is_issued_again() -> None:
    """
    Case Q: the mirror of the first, then the second under its own key.
    """
    first = settled("26,058.50")
    assert first
    back, again = post_reissue(first, SettlementTotals(cleared=rs("27,048.50")), DAY)

    assert entries_of(back) == {"clearing": "26,058.50", "transit": "-26,058.50"}
    assert entries_of(again) == {"transit": "27,048.50", "clearing": "-27,048.50"}
    assert again
    assert (again.key.subject, again.key.sequence) == ("S1", 2)
    assert balances((first, back, again)) == {"clearing": "-27,048.50", "transit": "27,048.50"}


def test_what_a_payout_itself_bears() -> None:
    """
    A fee of the payout, and income tax that was withheld from it.
    """
    fee = post_payout_fee("S1", FeeHeads(fee=rs("10.00"), cgst=rs("0.90"), sgst=rs("0.90")), DAY)
    tax = post_settlement("S1", SettlementTotals(cleared=rs("1,000.00"), withheld=rs("20.00")), DAY)

    assert entries_of(fee) == {
        "mdr": "10.00",
        "itc_cgst": "0.90",
        "itc_sgst": "0.90",
        "transit": "-11.80",
    }
    assert entries_of(tax) == {"transit": "980.00", "tds": "20.00", "clearing": "-1,000.00"}


def test_a_difference_can_be_booked_elsewhere() -> None:
    """
    Finance names the account; a lost dispute that is credited takes the note against the loss.
    """
    named = post_accepted("X1", rs("9.00"), DAY, account=Account.MDR)
    credit = post_credit_note(
        SALE, REFUND, Heads(taxable=rs("100.00"), igst=rs("18.00")), DAY, against=Account.CB_LOSS
    )

    assert entries_of(named) == {"mdr": "9.00", "suspense": "-9.00"}
    assert entries_of(credit) == {"revenue": "100.00", "gst_igst": "18.00", "cb_loss": "-118.00"}


def test_nothing_is_posted_for_nothing() -> None:
    """
    A free course has an invoice of zero, which posts nothing; neither does an empty settlement.
    """
    assert post_invoice(SALE, Heads(), DAY) is None
    assert capture("0.00") is None
    assert settled() is None
    assert post_payout_fee("S1", FeeHeads(), DAY) is None
