"""A quote explains every rupee, and one that does not add up cannot exist."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue.amount_limits import PAYABLE_MAX, PAYABLE_MIN, AmountOutOfLimits
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Flat, Percent
from domain.catalogue.quote import Quote, costs_too_little, quote_course
from domain.money import ZERO, Money
from domain.tax.gst import (
    ROUNDING_POLICY,
    AddressRequired,
    Buyer,
    Delivery,
    GstRate,
    PriceMode,
    Supply,
)
from domain.tax.gstin import Gstin
from domain.tax.indian_states import STATES, IndianState, SecondTax, indian_state

EXCLUSIVE, INCLUSIVE = PriceMode.EXCLUSIVE, PriceMode.INCLUSIVE
TEN = Percent(Decimal(10))
THIRD = Percent(Decimal("33.33"))
CAPPED = Percent(Decimal(15), Money(200_00))
ALL = Percent(Decimal(100))


def rupees(text: str) -> Money:
    return Money.from_rupees(text)


def course(price: str, mode: PriceMode, rate: str = "18", *, exempt: bool = False) -> Course:
    return Course(
        id=CourseId("algebra-1"),
        title="Algebra I",
        list_price=rupees(price),
        price_mode=mode,
        sac="999293",
        gst_rate=GstRate(Decimal(rate)),
        exempt=exempt,
    )


def buyer(place: str) -> Buyer:
    return Buyer(name="Asha", state=indian_state(place), address="1 Example Road")


def quoted(
    sold: Course, place: str, kind: Percent | Flat | None = None, seller: str = "27"
) -> Quote:
    discount = None if kind is None else DiscountCode(code="DIWALI", kind=kind)
    return quote_course(sold, buyer(place), indian_state(seller), discount)


@pytest.mark.parametrize(
    ("mode", "price", "kind", "place", "off", "taxable", "half", "igst", "total"),
    [
        pytest.param(*row, id=number)
        for number, *row in [
            ("1", EXCLUSIVE, "10000", None, "27", "0", "10000", "900", "0", "11800"),
            ("2", EXCLUSIVE, "10000", TEN, "27", "1000", "9000", "810", "0", "10620"),
            (
                "3",
                EXCLUSIVE,
                "9999",
                Flat(Money(500_00)),
                "29",
                "500",
                "9499",
                "0",
                "1709.82",
                "11208.82",
            ),
            ("4", EXCLUSIVE, "2999", THIRD, "29", "999.57", "1999.43", "0", "359.90", "2359.33"),
            ("5", EXCLUSIVE, "2999", THIRD, "27", "999.57", "1999.43", "179.95", "0", "2359.33"),
            ("6", INCLUSIVE, "11800", None, "27", "0", "10000", "900", "0", "11800"),
            ("7", INCLUSIVE, "999", None, "27", "0", "846.62", "76.19", "0", "999"),
            ("8", INCLUSIVE, "999", None, "07", "0", "846.61", "0", "152.39", "999"),
            ("9", INCLUSIVE, "1499", CAPPED, "27", "200", "1100.84", "99.08", "0", "1299"),
            ("10", INCLUSIVE, "1499", CAPPED, "33", "200", "1100.85", "0", "198.15", "1299"),
            ("11", INCLUSIVE, "10", None, "27", "0", "8.48", "0.76", "0", "10"),
            ("12", INCLUSIVE, "500000", None, "27", "0", "423728.82", "38135.59", "0", "500000"),
            ("13", INCLUSIVE, "500000", None, "29", "0", "423728.81", "0", "76271.19", "500000"),
            ("15", EXCLUSIVE, "100.50", None, "27", "0", "100.50", "9.05", "0", "118.60"),
            ("16", EXCLUSIVE, "100.25", None, "29", "0", "100.25", "0", "18.05", "118.30"),
            ("18", INCLUSIVE, "118000", None, "07", "0", "100000", "0", "18000", "118000"),
            ("19", INCLUSIVE, "100000", None, "07", "0", "84745.76", "0", "15254.24", "100000"),
        ]
    ],
)
def test_the_published_examples_come_out(  # noqa: PLR0917 - one row of the published table
    mode: PriceMode,
    price: str,
    kind: Percent | Flat | None,
    place: str,
    off: str,
    taxable: str,
    half: str,
    igst: str,
    total: str,
) -> None:
    """
    Seller in 27, rate 18: each row of the table to the paisa. (15e, half-even, is what we do not do.)
    """
    quote = quoted(course(price, mode), place, kind)

    assert (rupees(off), rupees(taxable)) == (quote.discount, quote.taxable)
    assert (rupees(half), rupees(half), rupees(igst)) == (quote.cgst, quote.sgst, quote.igst)
    assert rupees(total) == quote.payable
    assert (Supply.INTRA_STATE if place == "27" else Supply.INTER_STATE) is quote.supply
    assert (None if kind is None else "DIWALI") == quote.discount_code


def test_row_14_is_utgst_in_chandigarh() -> None:
    """
    Seller and buyer in 04: the second half travels in ``sgst`` and is labelled UTGST.
    """
    quote = quoted(course("4999", EXCLUSIVE), "04", seller="04")

    assert (rupees("4999"), rupees("449.91"), rupees("449.91")) == (
        quote.taxable,
        quote.cgst,
        quote.sgst,
    )
    assert rupees("5898.82") == quote.payable
    assert SecondTax.UTGST is quote.second_tax


def test_row_17_has_a_rate_of_its_own() -> None:
    """
    525.00 holding 5 per cent.
    """
    quote = quoted(course("525", INCLUSIVE, "5"), "27")

    assert (rupees("500"), rupees("12.50"), rupees("12.50"), rupees("525")) == (
        quote.taxable,
        quote.cgst,
        quote.sgst,
        quote.payable,
    )


@pytest.mark.parametrize("mode", PriceMode)
@pytest.mark.parametrize("place", STATES)
def test_row_21_bears_no_tax_anywhere(place: str, mode: PriceMode) -> None:
    """
    An exempt course costs its price in every State.
    """
    quote = quoted(course("5000", mode, "0", exempt=True), place)

    assert quote.exempt
    assert quote.taxable == quote.payable == rupees("5000")
    assert not quote.cgst + quote.sgst + quote.igst


@pytest.mark.parametrize(
    ("taxable", "place", "payable", "passes"),
    [
        ("8.47", "27", "9.99", False),
        ("8.47", "29", "9.99", False),
        ("8.48", "27", "10.00", True),
        ("8.48", "29", "10.01", True),
        ("423728.81", "27", "499999.99", True),
        ("423728.81", "29", "500000.00", True),
        ("423728.82", "27", "500000.00", True),
        ("423728.82", "29", "500000.01", False),
    ],
)
def test_the_limits_hold_for_what_is_paid(
    taxable: str,
    place: str,
    payable: str,
    passes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """
    The same course can pass for one State and fail for another.
    """
    sold = course(taxable, EXCLUSIVE)
    if passes:
        assert rupees(payable) == quoted(sold, place).payable
    else:
        with pytest.raises(AmountOutOfLimits) as refused:
            quoted(sold, place)
        assert rupees(payable) == refused.value.payable
        assert refused.value.minimum == PAYABLE_MIN
        assert refused.value.maximum == PAYABLE_MAX


@pytest.mark.parametrize("mode", PriceMode)
def test_a_full_discount_is_free_and_below_no_limit(mode: PriceMode) -> None:
    """
    Nothing to pay is allowed; nine rupees to pay are not.
    """
    free = quoted(course("999", mode), "29", ALL)

    assert free.is_free
    assert not quoted(course("999", mode), "29").is_free
    assert (rupees("999"), "DIWALI", ZERO, ZERO) == (
        free.discount,
        free.discount_code,
        free.payable,
        free.igst,
    )
    with pytest.raises(AmountOutOfLimits):
        quoted(course("999", mode), "29", Flat(rupees("991")))


def test_a_quote_remembers_what_it_rests_on() -> None:
    """
    Course, rate, SAC, State and policy are copied: later changes touch no open quote.
    """
    quote = quoted(course("999", INCLUSIVE), "29")

    assert (CourseId("algebra-1"), "Algebra I") == (quote.course, quote.course_title)
    assert ("999293", GstRate(Decimal(18))) == (quote.sac, quote.gst_rate)
    assert (indian_state("29"), INCLUSIVE) == (quote.place, quote.price_mode)
    assert (rupees("999"), ROUNDING_POLICY) == (quote.list_price, quote.rounding_policy)


def test_an_address_is_asked_for_only_when_an_invoice_needs_it() -> None:
    """
    ₹50,000.00 of taxable value without a GSTIN; any value with one; never for nothing.
    """
    private = Buyer(name="Ravi", state=indian_state("29"))
    company = Buyer(name="Asha", state=indian_state("29"), gstin=Gstin("29AABCE5678K1Z2"))
    free = DiscountCode(code="DIWALI", kind=ALL)
    seller = indian_state("27")

    quote_course(course("49999.99", EXCLUSIVE), private, seller, None)
    quote_course(course("50000", EXCLUSIVE, "0", exempt=True), private, seller, None)
    assert quote_course(course("50000", EXCLUSIVE), company, seller, free).is_free
    with pytest.raises(AddressRequired):
        quote_course(course("50000", EXCLUSIVE), private, seller, None)
    with pytest.raises(AddressRequired):
        quote_course(course("999", INCLUSIVE), company, seller, None)


def test_a_classroom_is_taxed_at_its_venue() -> None:
    """
    A student from Karnataka in a room in Maharashtra pays Maharashtra's tax.
    """
    room = replace(course("999", INCLUSIVE), delivery=Delivery.CLASSROOM, venue=indian_state("27"))

    assert Supply.INTRA_STATE is quoted(room, "29").supply


INTRA = quoted(course("1499", INCLUSIVE), "27", CAPPED)
INTER = quoted(course("9999", EXCLUSIVE), "29", TEN)


@pytest.mark.parametrize(
    ("quote", "change", "complaint"),
    [
        (INTRA, {"payable": INTRA.payable + Money(1)}, "add up"),
        (INTRA, {"taxable": INTRA.taxable - Money(1)}, "add up"),
        (INTRA, {"cgst": INTRA.cgst + Money(1), "sgst": INTRA.sgst - Money(1)}, "equal"),
        (INTRA, {"supply": Supply.INTER_STATE}, "heads"),
        (INTRA, {"second_tax": SecondTax.UTGST}, "heads"),
        (INTRA, {"list_price": INTRA.list_price + Money(1)}, "less the discount"),
        (INTRA, {"discount": -INTRA.discount}, "at most the price"),
        (INTRA, {"discount": INTRA.list_price + Money(1)}, "at most the price"),
        (INTRA, {"discount_code": None}, "has a code"),
        (INTRA, {"price_mode": EXCLUSIVE}, "less the discount"),
        (INTRA, {"exempt": True}, "exempt"),
        (INTER, {"price_mode": INCLUSIVE}, "less the discount"),
        (INTER, {"igst": ZERO}, "add up"),
        (INTER, {"supply": Supply.INTRA_STATE}, "heads"),
        (INTER, {"taxable": -INTER.taxable}, "negative"),
    ],
)
def test_a_quote_that_does_not_add_up_cannot_be_written(
    quote: Quote, change: dict[str, Any], complaint: str
) -> None:
    """
    Not by us, and not by whatever reads one back from where it was kept.
    """
    with pytest.raises(ValueError, match=complaint):
        replace(quote, **change)


def test_a_code_may_take_off_nothing() -> None:
    """
    A small percentage of a small price rounds to nothing, and is still the code that was used.
    """
    quote = quoted(course("10", INCLUSIVE), "27", Percent(Decimal("0.01")))

    assert quote.discount == ZERO
    assert quote.discount_code == "DIWALI"


@given(
    st.integers(1, 10**8).map(Money),
    st.sampled_from(PriceMode),
    st.integers(0, 100_00).map(lambda h: GstRate(Decimal(h).scaleb(-2))),
    st.sampled_from(list(STATES.values())),
    st.none() | st.sampled_from([TEN, THIRD, CAPPED, ALL]),
)
def test_every_quote_adds_up_or_is_out_of_limits(
    price: Money, mode: PriceMode, rate: GstRate, place: IndianState, kind: Percent | None
) -> None:
    """
    There is no price, rate, State or code for which a quote breaks.
    """
    sold = replace(course("1", mode), list_price=price, gst_rate=rate)
    outcome = quoted_or_refused(sold, place, kind)

    if isinstance(outcome, AmountOutOfLimits):
        assert outcome.payable
        assert not PAYABLE_MIN <= outcome.payable <= PAYABLE_MAX
    else:
        parts = outcome.taxable + outcome.cgst + outcome.sgst + outcome.igst
        assert outcome.payable == parts
        assert outcome.is_free or PAYABLE_MIN <= outcome.payable <= PAYABLE_MAX


def quoted_or_refused(
    sold: Course, place: IndianState, kind: Percent | None
) -> Quote | AmountOutOfLimits:
    try:
        return quoted(sold, place.code, kind)
    except AmountOutOfLimits as refused:
        return refused


@pytest.mark.parametrize(
    ("price", "mode", "rate", "too_little"),
    [
        ("9.99", INCLUSIVE, "18", True),
        ("10.00", INCLUSIVE, "18", False),
        ("9.99", EXCLUSIVE, "0", True),
        # 18 % of 8.47 is 1.52 as a whole; its halves are 0.76 each.
        ("8.47", EXCLUSIVE, "18", True),
        ("8.48", EXCLUSIVE, "18", False),
        # 5 % of 9.52 is 0.48 as a whole and 0.24 by halves; 9.51 makes 0.48 in both ways.
        ("9.52", EXCLUSIVE, "5", False),
        ("9.51", EXCLUSIVE, "5", True),
        ("500001.00", INCLUSIVE, "18", False),
    ],
)
def test_what_costs_too_little_to_be_paid(
    price: str, mode: PriceMode, rate: str, *, too_little: bool
) -> None:
    """
    With its tax; what costs too much may still be bought with a discount.
    """
    assert costs_too_little(course(price, mode, rate)) is too_little


@given(
    st.integers(1, 20_00),
    st.sampled_from(PriceMode),
    st.sampled_from(["0", "5", "18", "40"]),
    st.sampled_from(list(STATES.values())),
)
def test_what_costs_too_little_nobody_can_buy(
    paise: int, mode: PriceMode, rate: str, place: IndianState
) -> None:
    """
    Wherever the buyer is.
    """
    sold = replace(course("100", mode, rate), list_price=Money(paise))

    if costs_too_little(sold):
        with pytest.raises(AmountOutOfLimits):
            quote_course(sold, buyer(place.code), indian_state("27"), None)
