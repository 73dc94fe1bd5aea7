"""Every document stands in the one table the law has for it, and all tables add up to the paisa."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents.invoicing import credit_for
from domain.documents.tax_document import DocumentKind, Particulars, TaxDocument
from domain.gst_returns.gstr1 import (
    ReturnDoesNotTie,
    ReturnTally,
    SacAndRate,
    SmallSale,
    Sums,
    Untaxed,
    UntaxedGroup,
)
from domain.gst_returns.return_period import ReturnPeriod
from domain.gst_returns.return_table import ReturnTable, b2cl_above, table_of
from domain.money import Money
from domain.tax.gst import Supply
from domain.tax.gstin import Gstin, check_digit
from fakes.clock import NOON
from fakes.documents.document_strategies import particulars
from fakes.documents.issued import (
    POLICY,
    a_buyer,
    a_company,
    an_invoice,
    numbered,
    paid_back,
    registered,
    sold,
)
from fakes.gst_returns.sample_month import NOVEMBER, REFUNDS, day, sales

EIGHTEEN = Decimal(18)
UIN = "2717USA12345UN"


def rupees(text: str) -> Money:
    return Money.from_rupees(text)


def sums(taxable: str, *, half: str = "0", igst: str = "0") -> Sums:
    return Sums(taxable=rupees(taxable), cgst=rupees(half), sgst=rupees(half), igst=rupees(igst))


def note(invoice: TaxDocument, amount: str, at: datetime = NOON, sequence: int = 1) -> TaxDocument:
    said = credit_for(invoice, [], paid_back(amount), company=a_company(), policy=POLICY, at=at)
    return numbered(said, sequence)


def sample() -> list[TaxDocument]:
    invoices = [an_invoice(payment, sequence=place) for place, payment in enumerate(sales(), 1)]
    notes = [
        note(invoices[number - 1], amount, day(on), place)
        for place, (number, amount, on) in enumerate(REFUNDS, 1)
    ]
    return [*invoices, *notes]


def large(value: str, sold_on: date = date(2026, 8, 3)) -> TaxDocument:
    """Return an invoice of that value to somebody unregistered in another State."""
    total = rupees(value)
    tax = Money(total.paise * 18 // 118)
    said = an_invoice(sold(buyer=a_buyer("29"))).particulars
    heads = replace(said.heads, taxable=total - tax, igst=tax)
    return numbered(replace(said, heads=heads, date=sold_on))


def test_the_sample_month_ties_out_to_the_paisa() -> None:
    """
    Every figure of the worked example.
    """
    tally, documents = ReturnTally(NOVEMBER), sample()
    lines = [line for one in documents if (line := tally.take(registered(one)))]

    totals = tally.close([], tally.net)

    assert [(line.table, line.number, line.sums) for line in lines] == [
        (ReturnTable.B2B, "INV/2627/0000003", sums("9499.00", igst="1709.82")),
        (ReturnTable.B2CL, "INV/2627/0000005", sums("100000.00", igst="18000.00")),
        (ReturnTable.CDNR, "CRN/2627/0000001", sums("4749.50", igst="854.91")),
        (ReturnTable.CDNUR, "CRN/2627/0000002", sums("50000.00", igst="9000.00")),
    ]
    assert [line.value for line in lines] == [
        rupees(value) for value in ("11208.82", "118000.00", "5604.41", "59000.00")
    ]
    assert totals.small_sales == {
        SmallSale(Supply.INTER_STATE, "29", EIGHTEEN): sums("846.61", igst="152.39"),
        SmallSale(Supply.INTRA_STATE, "27", EIGHTEEN): sums("5846.62", half="526.19"),
    }
    assert totals.services == {
        SacAndRate(registered=False, sac="999293", rate=EIGHTEEN): sums(
            "56693.23", half="526.19", igst="9152.39"
        ),
        SacAndRate(registered=True, sac="999293", rate=EIGHTEEN): sums("4749.50", igst="854.91"),
    }
    assert totals.untaxed == {}
    assert (totals.net.taxable, totals.net.total) == (rupees("61442.73"), rupees("72502.41"))
    assert totals.listed == {
        ReturnTable.B2CS: 4,
        ReturnTable.B2B: 1,
        ReturnTable.B2CL: 1,
        ReturnTable.CDNR: 1,
        ReturnTable.CDNUR: 1,
    }


@pytest.mark.parametrize(
    ("value", "table"),
    [
        ("100000.00", ReturnTable.B2CS),
        ("100000.01", ReturnTable.B2CL),
        ("250000.00", ReturnTable.B2CL),
    ],
)
def test_a_large_sale_to_another_state_is_listed(value: str, table: ReturnTable) -> None:
    """
    Strictly above one lakh, tax included.
    """
    assert table_of(large(value)) is table


@pytest.mark.parametrize(
    ("sold_on", "limit"),
    [("2024-07-31", "250000.00"), ("2024-08-01", "100000.00"), ("2017-07-01", "250000.00")],
)
def test_the_limit_has_a_history(sold_on: str, limit: str) -> None:
    """
    One lakh from August 2024 on, two and a half before (Notification 12/2024).
    """
    assert b2cl_above(date.fromisoformat(sold_on)) == rupees(limit)
    assert table_of(large(limit, date.fromisoformat(sold_on))) is ReturnTable.B2CS


def test_a_note_follows_its_original() -> None:
    """
    It is listed by the original's value and that day's limit, however small and late it is.
    """
    assert table_of(note(large("100000.01"), "1.00")) is ReturnTable.CDNUR
    assert table_of(note(large("100000.00"), "99000.00")) is ReturnTable.B2CS
    early = note(large("200000.00", date(2024, 7, 31)), "1.00", datetime(2024, 9, 1, tzinfo=UTC))
    assert table_of(early) is ReturnTable.B2CS


def test_a_sale_within_the_state_is_never_listed_by_value() -> None:
    """
    However large.
    """
    assert table_of(an_invoice(sold(rupees="500000.00", buyer=a_buyer("27")))) is ReturnTable.B2CS


@pytest.mark.parametrize("number", ["27AAPFU0939F1ZV", UIN + check_digit(UIN)])
def test_whoever_has_a_number_is_listed_by_it(number: str) -> None:
    """
    Embassies and UN bodies too, though the law does not call them registered (table 4).
    """
    buyer = a_buyer(Gstin(number).state.code, number)
    invoice = an_invoice(sold(buyer=buyer))

    assert table_of(invoice) is ReturnTable.B2B
    assert table_of(note(invoice, "1.00")) is ReturnTable.CDNR


def test_a_late_credit_is_in_no_table() -> None:
    """
    It changed no tax.
    """
    late = note(an_invoice(), "1.00", datetime(2027, 12, 1, 12, tzinfo=UTC))
    tally = ReturnTally(ReturnPeriod(2027, 12))

    assert table_of(late) is ReturnTable.NONE
    assert tally.take(registered(late)) is None
    assert tally.close([], Sums()).services == {}


def test_what_bears_no_tax_has_a_table_of_its_own() -> None:
    """
    Exempt and nil-rated apart, by State and by whether the buyer is registered; notes against.
    """
    tally = ReturnTally(ReturnPeriod(2026, 8))
    exempt = an_invoice(sold(1, rate="0", exempt=True))
    nil = an_invoice(sold(2, rate="0", buyer=a_buyer("29", "29AABCE5678K1Z2")))
    for one in (exempt, nil, note(exempt, "800.00")):
        assert table_of(one) is ReturnTable.NIL
        assert tally.take(registered(one)) is None

    totals = tally.close([], sums("22800.00"))

    assert totals.untaxed == {
        UntaxedGroup(Supply.INTER_STATE, registered=True): Untaxed(nil_rated=rupees("11800.00")),
        UntaxedGroup(Supply.INTRA_STATE, registered=False): Untaxed(exempt=rupees("11000.00")),
    }
    assert totals.small_sales == {}


def test_a_bucket_may_turn_negative() -> None:
    """
    More was credited this month than sold; the law has it so.
    """
    tally = ReturnTally(ReturnPeriod(2026, 9))
    september = NOON + timedelta(days=31)

    tally.take(registered(note(an_invoice(), "11800.00", september)))
    totals = tally.close([], sums("-10000.00", half="-900.00"))

    assert totals.small_sales == {
        SmallSale(Supply.INTRA_STATE, "27", EIGHTEEN): sums("-10000.00", half="-900.00")
    }


def test_a_void_document_adds_nothing() -> None:
    """
    Its number is counted elsewhere.
    """
    tally = ReturnTally(NOVEMBER)

    assert tally.take(registered(an_invoice(sold(at=day(1))), void=True)) is None
    assert tally.net == Sums()


def test_a_document_of_another_month_is_refused() -> None:
    """
    It would be declared twice.
    """
    with pytest.raises(ValueError, match="is not of 2026-11"):
        ReturnTally(NOVEMBER).take(registered(an_invoice()))


@pytest.mark.parametrize("head", ["taxable", "cgst", "sgst", "igst"])
def test_a_return_that_does_not_tie_is_none(head: str) -> None:
    """
    A paisa between two ways of adding up, in any head, and nothing is filed.
    """
    tally = ReturnTally(NOVEMBER)
    tally.take(registered(an_invoice(sold(at=day(1)))))
    control = replace(tally.net, **{head: getattr(tally.net, head) + Money(1)})

    with pytest.raises(ReturnDoesNotTie, match="invoices less credit notes"):
        tally.close([], control)


def test_tables_that_lose_a_document_are_found_out() -> None:
    """
    Should a table ever forget one, the services still know it.
    """
    tally = ReturnTally(NOVEMBER)
    tally.take(registered(an_invoice(sold(at=day(1)))))
    tally._small.clear()

    with pytest.raises(ReturnDoesNotTie, match="tables of documents"):
        tally.close([], tally.net)


@settings(max_examples=40)  # whole payments are made up for each
@given(st.lists(particulars(), max_size=4))
def test_whatever_was_issued_adds_up(issued: list[Particulars]) -> None:
    """
    Head by head, all tables together are all invoices less all credit notes.
    """
    tally = ReturnTally(NOVEMBER)
    documents = [
        numbered(replace(said, date=NOVEMBER.first), place) for place, said in enumerate(issued, 1)
    ]
    for one in documents:
        tally.take(registered(one))

    totals = tally.close([], tally.net)

    def counted(head: str) -> int:
        return sum(
            getattr(one.heads, head).paise * (-1 if one.kind.credits else 1)
            for one in documents
            if one.kind is not DocumentKind.COMMERCIAL_CREDIT
        )

    for head in ("taxable", "cgst", "sgst", "igst"):
        assert getattr(totals.net, head).paise == counted(head)


def test_some_tables_name_each_document() -> None:
    """
    B2B, large sales to other States, and the notes against both; the others only add up.
    """
    listed = {table for table in ReturnTable if table.is_listed}

    assert listed == {ReturnTable.B2B, ReturnTable.B2CL, ReturnTable.CDNR, ReturnTable.CDNUR}
