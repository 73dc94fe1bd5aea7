"""A capture leads to one document and a refund to another, each saying all that the law asks for."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.documents.credit_note_split import CreditImpossible
from domain.documents.invoicing import (
    DatedBy,
    DocumentPolicy,
    credit_for,
    invoice_for,
    last_day_for_credit,
)
from domain.documents.tax_document import DocumentKind, Heads, Particulars, TaxDocument, sum_of
from domain.money import ZERO, Money
from domain.tax.gst import PriceMode, Supply
from domain.tax.indian_states import SecondTax, indian_state
from fakes.clock import NOON
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
from fakes.samples import a_code, a_course, a_payment


def rupees(text: str) -> Money:
    return Money.from_rupees(text)


def credit(
    invoice: TaxDocument,
    amount: str,
    *notes: TaxDocument,
    at: datetime = NOON,
    policy: DocumentPolicy = POLICY,
) -> Particulars:
    known = [registered(note) for note in notes]
    return credit_for(invoice, known, paid_back(amount), company=a_company(), policy=policy, at=at)


def test_an_invoice_says_what_was_sold_to_whom_and_how_it_was_paid() -> None:
    """
    Every particular of Rule 46, and the payment by all its names.
    """
    payment = sold(
        rupees="9999.00", mode=PriceMode.EXCLUSIVE, buyer=a_buyer("29", "29AABCE5678K1Z2")
    )

    said = invoice_for(payment, a_company(), POLICY, NOON)

    assert said.kind is DocumentKind.TAX_INVOICE
    assert said.company == a_company()
    assert said.company.gstin.text == "27AAECD1234F1Z3"
    assert said.company.pan == "AAECD1234F"
    assert said.company.state == indian_state("27")
    assert said.buyer == payment.buyer
    assert (said.place, said.supply, said.second_tax) == (
        indian_state("29"),
        Supply.INTER_STATE,
        None,
    )
    assert (said.sac, said.gst_rate, said.rounding_policy) == (
        "999293",
        payment.quote.gst_rate,
        "half-up-paise-1",
    )
    assert said.heads == Heads(taxable=rupees("9999.00"), igst=rupees("1799.82"))
    assert said.heads.total == payment.captured
    assert said.pricing
    assert said.pricing.list_price == rupees("9999.00")
    assert said.payment.order == payment.id
    assert said.payment.bank_txn_id == "SIMMERCHANT-1-1"
    assert said.payment.bank_reference == "633012345678"
    assert said.payment.method == "UPI"
    assert said.payment.captured_at == NOON
    assert said.original is None


def test_a_discount_is_shown_on_the_invoice() -> None:
    """
    Without it the buyer could not tell why the taxable value is less (s.15(3)(a)).
    """
    payment = a_payment(course=a_course(rupees=1180), discount=a_code("TEN"))
    paid = replace(payment, capture=replace(sold().capture, amount=rupees("1062.00")))  # type: ignore[type-var]  # it is set

    said = invoice_for(paid, a_company(), POLICY, NOON)

    assert said.pricing
    assert (said.pricing.list_price, said.pricing.discount, said.pricing.discount_code) == (
        rupees("1180.00"),
        rupees("118.00"),
        "TEN",
    )
    assert said.heads == Heads(taxable=rupees("900.00"), cgst=rupees("81.00"), sgst=rupees("81.00"))
    assert said.second_tax is SecondTax.SGST


@pytest.mark.parametrize("exempt", [True, False])
def test_what_bears_no_tax_gets_a_bill_of_supply(*, exempt: bool) -> None:
    """
    An exempt course, and one at a nil rate, which the law calls exempt as well (s.2(47)).
    """
    said = invoice_for(sold(rate="0", exempt=exempt), a_company(), POLICY, NOON)

    assert said.kind is DocumentKind.BILL_OF_SUPPLY
    assert said.series == "BOS"
    assert said.exempt is exempt
    assert said.heads == Heads(taxable=rupees("11800.00"))


def test_nothing_is_invoiced_before_money_came() -> None:
    """
    A free course has no capture either: nothing is paid, so there is nothing to invoice.
    """
    with pytest.raises(ValueError, match="money that came"):
        invoice_for(a_payment(), a_company(), POLICY, NOON)


@pytest.mark.parametrize(
    ("captured", "issued", "by", "expected"),
    [
        ("2027-03-31T18:29:59", "2027-03-31T18:30:05", DatedBy.CAPTURE, "2027-03-31"),
        ("2027-03-31T18:29:59", "2027-03-31T18:30:05", DatedBy.ISSUE, "2027-04-01"),
        # The return of March is filed on 11 April: what comes to light later is of April.
        ("2027-03-31T12:00:00", "2027-04-10T18:29:59", DatedBy.CAPTURE, "2027-03-31"),
        ("2027-03-31T12:00:00", "2027-04-10T18:30:00", DatedBy.CAPTURE, "2027-04-11"),
        ("2026-12-31T12:00:00", "2027-01-10T12:00:00", DatedBy.CAPTURE, "2026-12-31"),
        ("2026-12-31T12:00:00", "2027-01-11T12:00:00", DatedBy.CAPTURE, "2027-01-11"),
        # A bank's clock that is ahead dates nothing into the future.
        ("2026-08-03T18:30:01", "2026-08-03T18:29:59", DatedBy.CAPTURE, "2026-08-03"),
    ],
)
def test_an_invoice_bears_the_day_the_money_came(
    captured: str, issued: str, by: DatedBy, expected: str
) -> None:
    """
    The tax falls due in that day's month, unless its return is filed already.
    """
    payment = sold(at=datetime.fromisoformat(captured).replace(tzinfo=UTC))
    at = datetime.fromisoformat(issued).replace(tzinfo=UTC)

    said = invoice_for(payment, a_company(), DocumentPolicy(dated_by=by), at)

    assert said.date == date.fromisoformat(expected)
    assert said.issued_at == at


def test_a_small_seller_prints_four_digits_of_the_service_code() -> None:
    """
    Up to 5 crore of turnover (Notification 78/2020).
    """
    said = invoice_for(sold(), a_company(), DocumentPolicy(sac_digits=4), NOON)

    assert said.sac == "9992"


def test_a_credit_note_refers_to_its_invoice_and_refund() -> None:
    """
    Rule 53(1A), with the rate, place and buyer of the original supply.
    """
    invoice = an_invoice(sold(buyer=a_buyer("29", "29AABCE5678K1Z2")), sequence=7)

    said = credit(invoice, "5900.00")

    assert said.kind is DocumentKind.CREDIT_NOTE
    assert said.series == "CRN"
    assert said.original
    assert (str(said.original.number), said.original.date) == ("INV/2627/0000007", date(2026, 8, 3))
    assert (said.original.total, said.original.ordinal) == (rupees("11800.00"), 1)
    assert said.original.refund == paid_back("5900.00").reference
    assert (said.buyer, said.place, said.gst_rate) == (
        invoice.particulars.buyer,
        invoice.particulars.place,
        invoice.particulars.gst_rate,
    )
    assert said.heads == Heads(taxable=rupees("5000.00"), igst=rupees("900.00"))
    assert said.pricing is None


def test_later_notes_count_on_from_earlier_ones() -> None:
    """
    999.00 in three: the second note takes up what the first rounded.
    """
    invoice = an_invoice(sold(rupees="999.00"))
    notes: list[TaxDocument] = []
    for ordinal in (1, 2, 3):
        said = credit(invoice, "333.00", *notes)
        assert said.original
        assert said.original.ordinal == ordinal
        notes.append(numbered(said, ordinal))

    assert [note.heads.cgst for note in notes] == [
        rupees("25.40"),
        rupees("25.39"),
        rupees("25.40"),
    ]
    assert sum_of(note.heads for note in notes) == invoice.heads
    with pytest.raises(CreditImpossible):
        credit(invoice, "0.01", *notes)


def test_a_note_against_a_bill_of_supply_takes_back_no_tax() -> None:
    """
    There was none.
    """
    said = credit(an_invoice(sold(rate="0", exempt=True)), "5900.00")

    assert said.kind is DocumentKind.CREDIT_NOTE
    assert said.heads == Heads(taxable=rupees("5900.00"))


@pytest.mark.parametrize(
    ("sold_at", "last"),
    [("2026-08-03T12:00", "2027-11-30"), ("2027-03-31T12:00", "2027-11-30"), ("2027-03-31T19:00", "2028-11-30")],
)  # fmt: skip
def test_tax_can_be_taken_back_until_november_of_the_next_financial_year(
    sold_at: str, last: str
) -> None:
    """
    s.34(2), by the day it is in India.
    """
    invoice = an_invoice(sold(at=datetime.fromisoformat(sold_at).replace(tzinfo=UTC)))

    assert last_day_for_credit(invoice.particulars.date, POLICY) == date.fromisoformat(last)


def test_a_refund_after_the_last_day_is_a_commercial_credit() -> None:
    """
    The money goes back in full, the tax stays where it is.
    """
    invoice = an_invoice()
    in_time = datetime(2027, 11, 30, 18, 29, 59, tzinfo=UTC)
    too_late = datetime(2027, 11, 30, 18, 30, tzinfo=UTC)

    assert credit(invoice, "5900.00", at=in_time).kind is DocumentKind.CREDIT_NOTE
    late = credit(invoice, "5900.00", at=too_late)

    assert late.kind is DocumentKind.COMMERCIAL_CREDIT
    assert late.series == "CCR"
    assert late.heads == Heads(taxable=rupees("5900.00"))
    assert late.heads.tax == ZERO


def test_all_notes_together_stay_within_what_was_paid() -> None:
    """
    Whichever sort they are of.
    """
    invoice, too_late = an_invoice(), datetime(2028, 1, 1, tzinfo=UTC)
    first = numbered(credit(invoice, "5900.00"))
    second = numbered(credit(invoice, "5900.00", first, at=too_late))

    with pytest.raises(CreditImpossible, match="more than was charged"):
        credit(invoice, "0.01", first, second, at=too_late)
    with pytest.raises(CreditImpossible, match="more than was charged"):
        credit(invoice, "5900.01", first, at=too_late)


def test_a_commercial_credit_takes_no_tax_along_into_a_later_note() -> None:
    """
    Should the last day be moved, what went back without tax stays without.
    """
    invoice = an_invoice()
    without = numbered(credit(invoice, "5900.00", at=datetime(2028, 1, 1, tzinfo=UTC)))

    said = credit(invoice, "5900.00", without)

    assert said.heads == Heads(
        taxable=rupees("5000.00"), cgst=rupees("450.00"), sgst=rupees("450.00")
    )


def test_the_accountant_may_set_an_earlier_last_day() -> None:
    """
    The day the annual return was filed, for one.
    """
    policy = DocumentPolicy(credits_until=(9, 30))
    october = datetime(2027, 10, 1, 12, tzinfo=UTC)

    assert (
        credit(an_invoice(), "1.00", at=october, policy=policy).kind
        is DocumentKind.COMMERCIAL_CREDIT
    )


def test_a_void_note_gave_nothing_back_but_keeps_its_place() -> None:
    """
    Its amount may be credited again; the next note still counts on behind it.
    """
    invoice = an_invoice()
    void = registered(numbered(credit(invoice, "11800.00")), void=True)

    again = credit_for(
        invoice, [void], paid_back("11800.00"), company=a_company(), policy=POLICY, at=NOON
    )

    assert again.heads == invoice.heads
    assert again.original
    assert again.original.ordinal == 2


def test_a_note_is_written_under_the_registration_that_charged_the_tax() -> None:
    """
    A seller who moved to another State does not take the tax back there.
    """
    invoice, moved = an_invoice(), replace(a_company(), support_email="new@example.com")

    here = credit_for(invoice, [], paid_back("1.00"), company=moved, policy=POLICY, at=NOON)
    away = credit_for(
        invoice,
        [],
        paid_back("1.00"),
        company=a_company(indian_state("29")),
        policy=POLICY,
        at=NOON,
    )

    assert here.company == moved
    assert away.company == a_company()
