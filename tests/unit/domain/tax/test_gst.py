"""Tax is computed from paise, split in equal halves, and owed where the law says."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import ZERO, Money
from domain.tax.gst import (
    AddressRequired,
    Buyer,
    BuyerCardNumberRefused,
    BuyerInvalid,
    Delivery,
    GstRate,
    OwnGstin,
    PriceMode,
    RateInvalid,
    SpecialZoneUnsupported,
    StateDisagrees,
    Supply,
    TaxSplit,
    check_address,
    check_buyer,
    hundredths,
    place_of_supply,
    split_tax,
)
from domain.tax.gstin import Gstin
from domain.tax.indian_states import STATES, IndianState, SecondTax, indian_state

MAHARASHTRA = indian_state("27")
KARNATAKA = indian_state("29")
DELHI = indian_state("07")
EIGHTEEN = GstRate(Decimal(18))

prices = st.integers(min_value=0, max_value=10**9).map(Money)
rates = st.integers(min_value=0, max_value=100_00).map(lambda h: GstRate(Decimal(h) / 100))
places = st.sampled_from(list(STATES.values()))


def rupees(text: str) -> Money:
    return Money.from_rupees(text)


def split(price: str, mode: PriceMode, place: str, rate: str = "18") -> TaxSplit:
    return split_tax(
        rupees(price),
        mode=mode,
        rate=GstRate(Decimal(rate)),
        seller=MAHARASHTRA,
        place=indian_state(place),
    )


@pytest.mark.parametrize("percent", ["0", "5", "12.5", "18", "18.00", "0.25", "100", "1E+1", "-0"])
def test_a_rate_is_a_share_of_the_price(percent: str) -> None:
    """
    Nothing to everything, with two decimals at most.
    """
    assert Decimal(percent) * 100 == hundredths(GstRate(Decimal(percent)).percent)


@pytest.mark.parametrize(
    "percent",
    ["-1", "100.01", "18.125", "18.000", "NaN", "sNaN", "Infinity", "1E+999999", "1E-999999"],
)
def test_a_rate_that_cannot_be_is_refused(percent: str) -> None:
    """
    Nor does a huge exponent hurt.
    """
    with pytest.raises(RateInvalid):
        GstRate(Decimal(percent))


@pytest.mark.parametrize("percent", [18, 18.0, "18", True])
def test_a_rate_comes_as_a_decimal(percent: object) -> None:
    """
    A float never touches a tax.
    """
    with pytest.raises(TypeError, match="Decimal"):
        GstRate(percent)  # type: ignore[arg-type] # the point of the test


@pytest.mark.parametrize(
    ("percent", "printed"), [("18", "18 %"), ("18.00", "18 %"), ("100", "100 %"), ("2.50", "2.5 %")]
)
def test_a_rate_prints_without_spare_zeros(percent: str, printed: str) -> None:
    """
    As a tax invoice shows it; equal rates are equal however they were written.
    """
    assert printed == str(GstRate(Decimal(percent)))
    assert GstRate(Decimal(percent)) == GstRate(Decimal(percent).normalize())


@pytest.mark.parametrize(
    ("mode", "price", "place", "taxable", "half", "igst"),
    [
        (PriceMode.EXCLUSIVE, "100.50", "27", "100.50", "9.05", "0"),
        (PriceMode.EXCLUSIVE, "101.50", "27", "101.50", "9.14", "0"),
        (PriceMode.EXCLUSIVE, "100.25", "29", "100.25", "0", "18.05"),
        (PriceMode.EXCLUSIVE, "100.75", "29", "100.75", "0", "18.14"),
        (PriceMode.INCLUSIVE, "2.95", "27", "2.49", "0.23", "0"),
    ],
)
def test_half_a_paisa_of_tax_goes_up(  # noqa: PLR0917 - one row of the published table
    mode: PriceMode, price: str, place: str, taxable: str, half: str, igst: str
) -> None:
    """
    The very prices on which banker's rounding would differ; round prices cannot tell.
    """
    parts = split(price, mode, place)

    assert (rupees(taxable), rupees(half), rupees(igst)) == (parts.taxable, parts.cgst, parts.igst)


@pytest.mark.parametrize(
    ("mode", "price", "place", "numerator", "denominator"),
    [
        (PriceMode.EXCLUSIVE, "100.50", "27", 9, 100),
        (PriceMode.EXCLUSIVE, "100.25", "29", 18, 100),
        (PriceMode.INCLUSIVE, "2.95", "27", 9, 118),
    ],
)
def test_these_prices_do_tell_half_up_from_half_even(
    mode: PriceMode, price: str, place: str, numerator: int, denominator: int
) -> None:
    """
    Guards the test above: on its prices the other mode gives one paisa less.
    """
    parts = split(price, mode, place)
    even = (Decimal(price) * numerator / denominator).quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    assert parts.cgst + parts.igst == Money.from_rupees(even) + Money(1)


def test_the_same_price_differs_by_a_paisa_between_states() -> None:
    """
    Consequences of equal halves, accepted and documented: 999.00 inclusive and 100.06 exclusive.
    """
    assert rupees("846.62") == split("999.00", PriceMode.INCLUSIVE, "27").taxable
    assert rupees("846.61") == split("999.00", PriceMode.INCLUSIVE, "29").taxable
    assert rupees("118.08") == split("100.06", PriceMode.EXCLUSIVE, "27").total
    assert rupees("118.07") == split("100.06", PriceMode.EXCLUSIVE, "29").total


@given(prices, rates, places, places, st.sampled_from(PriceMode))
def test_parts_add_up_and_halves_are_equal(
    price: Money, rate: GstRate, seller: IndianState, place: IndianState, mode: PriceMode
) -> None:
    """
    At every price and rate: nothing lost, nothing negative, and never both kinds of tax.
    """
    parts = split_tax(price, mode=mode, rate=rate, seller=seller, place=place)

    assert price == (parts.total if mode is PriceMode.INCLUSIVE else parts.taxable)
    assert parts.total == parts.taxable + parts.cgst + parts.sgst + parts.igst
    assert parts.cgst == parts.sgst
    assert not (parts.cgst and parts.igst)
    assert min(parts.taxable, parts.cgst, parts.igst) >= ZERO
    assert (parts.supply is Supply.INTRA_STATE) == (seller == place)


@given(prices, rates, st.sampled_from(PriceMode))
def test_the_doubled_half_is_within_a_paisa_of_the_exact_tax(
    price: Money, rate: GstRate, mode: PriceMode
) -> None:
    """
    Equal halves cost at most one paisa against the exact tax.
    """
    parts = split_tax(price, mode=mode, rate=rate, seller=MAHARASHTRA, place=MAHARASHTRA)
    base = 100 + rate.percent if mode is PriceMode.INCLUSIVE else 100

    assert abs((parts.cgst + parts.sgst).paise - price.paise * rate.percent / base) <= 1


@pytest.mark.parametrize("place", STATES.values(), ids=str)
def test_the_second_half_bears_the_name_of_its_territory(place: IndianState) -> None:
    """
    UTGST where there is no legislature, SGST elsewhere, and no second half between States.
    """
    at_home = split_tax(
        Money(118_00), mode=PriceMode.INCLUSIVE, rate=EIGHTEEN, seller=place, place=place
    )
    away = split_tax(
        Money(118_00),
        mode=PriceMode.INCLUSIVE,
        rate=EIGHTEEN,
        seller=DELHI if place is MAHARASHTRA else MAHARASHTRA,
        place=place,
    )

    assert place.second_tax is at_home.second_tax
    assert Supply.INTRA_STATE is at_home.supply
    assert away.second_tax is None
    assert Supply.INTER_STATE is away.supply


def test_a_negative_price_is_a_mistake() -> None:
    """
    Refunds have a rule of their own; they are no negative sales.
    """
    with pytest.raises(ValueError, match="negative"):
        split("-0.01", PriceMode.INCLUSIVE, "27")


@pytest.mark.parametrize(
    ("taxable", "cgst", "sgst", "igst", "second_tax", "supply", "complaint"),
    [
        (-1, 0, 0, 0, SecondTax.SGST, Supply.INTRA_STATE, "negative"),
        (1, 0, 0, -1, None, Supply.INTER_STATE, "negative"),
        (1, 1, 2, 0, SecondTax.SGST, Supply.INTRA_STATE, "equal"),
        (1, 1, 1, 1, SecondTax.SGST, Supply.INTRA_STATE, "heads"),
        (1, 1, 1, 0, SecondTax.UTGST, Supply.INTRA_STATE, "heads"),
        (1, 1, 1, 0, None, Supply.INTRA_STATE, "heads"),
        (1, 1, 1, 0, None, Supply.INTER_STATE, "heads"),
        (1, 0, 0, 2, SecondTax.SGST, Supply.INTER_STATE, "heads"),
    ],
)
def test_an_impossible_split_cannot_be_written(  # noqa: PLR0917 - one row per impossibility
    taxable: int,
    cgst: int,
    sgst: int,
    igst: int,
    second_tax: SecondTax | None,
    supply: Supply,
    complaint: str,
) -> None:
    """
    Halves are equal, and IGST excludes them.
    """
    with pytest.raises(ValueError, match=complaint):
        TaxSplit(
            taxable=Money(taxable),
            cgst=Money(cgst),
            sgst=Money(sgst),
            igst=Money(igst),
            second_tax=second_tax,
            supply=supply,
            place=MAHARASHTRA,
        )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(("name", text) for text in ("", "  ", "x" * 101, "Asha\r\nBcc: ravi", "\u202eAsha")),
        *(("address", text) for text in ("", "\t", "x" * 301, "1 Example Road\x00")),
    ],
)
def test_a_buyer_who_cannot_be_printed_is_refused(field: str, text: str) -> None:
    """
    The refusal names the field and leaves the text out.
    """
    with pytest.raises(BuyerInvalid) as refused:
        Buyer(**({"name": "Asha", "state": DELHI} | {field: text}))  # type: ignore[arg-type] # one varies
    assert field == refused.value.field
    assert refused.value.reason in str(refused.value)


def test_the_longest_name_and_address_are_taken() -> None:
    """
    The limits themselves are allowed.
    """
    buyer = Buyer(name="x" * 100, state=DELHI, address="y" * 300)

    assert buyer.address == "y" * 300


@pytest.mark.parametrize("field", ["name", "address"])
def test_a_card_number_is_no_name_and_no_address(field: str) -> None:
    """
    What must never be stored has no buyer to sit in.
    """
    texts = {"name": "Asha", "address": "1 Example Road"} | {field: "Asha 4111 1111 1111 1111"}
    with pytest.raises(BuyerCardNumberRefused) as refused:
        Buyer(state=DELHI, name=texts["name"], address=texts["address"])
    assert field == refused.value.field


def test_gstin_and_state_agree() -> None:
    """
    A number issued in Maharashtra does not bill somebody in Karnataka.
    """
    gstin = Gstin("27AAECD1234F1Z3")

    assert Buyer(name="Asha", state=MAHARASHTRA, gstin=gstin).is_registered
    with pytest.raises(StateDisagrees) as refused:
        Buyer(name="Asha", state=KARNATAKA, gstin=gstin)
    assert (refused.value.declared, refused.value.registered) == (KARNATAKA, MAHARASHTRA)


@pytest.mark.parametrize(("text", "code"), [("28AAECD1234F1Z1", "37"), ("25AAECD1234F1Z7", "26")])
def test_an_old_gstin_agrees_with_the_state_of_today(text: str, code: str) -> None:
    """
    Old numbers go on being valid in the State that took over.
    """
    assert (
        indian_state(code) == Buyer(name="Ravi", state=indian_state(code), gstin=Gstin(text)).state
    )


REGISTERED = Buyer(name="Asha", state=KARNATAKA, gstin=Gstin("29AABCE5678K1Z2"))
PRIVATE = Buyer(name="Ravi", state=KARNATAKA)
EMBASSY = Buyer(name="An embassy", state=DELHI, gstin=Gstin("0717UNO00157UNO"))


@pytest.mark.parametrize(
    ("buyer", "delivery", "place"),
    [
        (REGISTERED, Delivery.ONLINE, KARNATAKA),
        (REGISTERED, Delivery.CLASSROOM, KARNATAKA),
        (PRIVATE, Delivery.ONLINE, KARNATAKA),
        (PRIVATE, Delivery.CLASSROOM, MAHARASHTRA),
        (EMBASSY, Delivery.ONLINE, DELHI),
        (EMBASSY, Delivery.CLASSROOM, MAHARASHTRA),
    ],
)
def test_the_place_of_supply_follows_the_law(
    buyer: Buyer, delivery: Delivery, place: IndianState
) -> None:
    """
    Registered: the GSTIN's State; others: the declared State online, the venue in a classroom.
    """
    venue = MAHARASHTRA if delivery is Delivery.CLASSROOM else None

    assert place == place_of_supply(buyer, delivery, venue)


def test_a_classroom_needs_a_venue() -> None:
    """
    No course can be without, so it is a mistake of the caller.
    """
    with pytest.raises(ValueError, match="somewhere"):
        place_of_supply(PRIVATE, Delivery.CLASSROOM, None)


@pytest.mark.parametrize(
    ("buyer", "taxable", "exempt", "rule"),
    [
        (PRIVATE, "49999.99", False, None),
        (PRIVATE, "50000.00", False, "Rule 46(e)"),
        (PRIVATE, "50000.00", True, None),
        (REGISTERED, "0.01", False, "Rule 46(d)"),
        (EMBASSY, "0.01", False, "Rule 46(d)"),
        (REGISTERED, "0.01", True, "Rule 49(d)"),
        (Buyer(name="Ravi", state=KARNATAKA, address="1 Example Road"), "50000.00", False, None),
    ],
)
def test_an_address_is_asked_for_where_the_rules_do(
    buyer: Buyer,
    taxable: str,
    exempt: bool,  # noqa: FBT001 - a column of the table
    rule: str | None,
) -> None:
    """
    At any value with a GSTIN or UIN; from ₹50,000.00 of taxable value without.
    """
    parts = split(taxable, PriceMode.EXCLUSIVE, "29")
    if rule is None:
        check_address(buyer, parts, exempt=exempt)
    else:
        with pytest.raises(AddressRequired) as refused:
            check_address(buyer, parts, exempt=exempt)
        assert rule == refused.value.rule


def test_nobody_sells_to_themselves() -> None:
    """
    The GSTIN of another State's branch is another person's (IGST s.8, explanation 1).
    """
    own, branch = Gstin("29AABCE5678K1Z2"), Gstin("27AAPFU0939F1ZV")
    buyer = Buyer(name="Example", state=own.state, gstin=own, address="1 Fee Street")

    with pytest.raises(OwnGstin):
        check_buyer(buyer, own)
    check_buyer(buyer, branch)
    check_buyer(replace(buyer, gstin=None), own)


def test_a_buyer_in_a_special_zone_is_told_what_to_do() -> None:
    """
    A zero-rated supply (IGST s.16) is not sold here, and the refusal says so.
    """
    assert "special economic zone" in str(SpecialZoneUnsupported())
