"""What a student was shown is what is charged: every part of the quote counts, not only its sum."""

from copy import copy
from dataclasses import fields, replace
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given

from domain.catalogue.expected_quote import ANY_QUOTE, ExpectedQuote, PriceChanged
from domain.catalogue.quote import Quote, quote_course
from domain.money import Money
from domain.tax.gst import GstRate
from domain.tax.indian_states import indian_state
from fakes.samples import ASHAS_BILL, SELLER, a_course
from fakes.strategies import buyers, quotes

SHOWN: Final = quote_course(a_course(), ASHAS_BILL, SELLER, None)
DEARER: Final = quote_course(a_course(rupees=2360), ASHAS_BILL, SELLER, None)
ELSEWHERE: Final = quote_course(
    a_course(), replace(ASHAS_BILL, state=indian_state("29")), SELLER, None
)
OTHERWISE_TAXED: Final = quote_course(
    replace(a_course(), gst_rate=GstRate(Decimal(5))), ASHAS_BILL, SELLER, None
)
RENAMED: Final = quote_course(replace(a_course(), title="Another"), ASHAS_BILL, SELLER, None)


@pytest.mark.parametrize("name", [each.name for each in fields(Quote)])
def test_every_part_of_a_quote_is_in_its_fingerprint(name: str) -> None:
    """
    A part that is added to the quote later is in it by itself.
    """
    other = copy(SHOWN)
    object.__setattr__(other, name, "something else")

    assert other.fingerprint != SHOWN.fingerprint


@given(buyers().flatmap(quotes))
def test_equal_quotes_have_equal_fingerprints(quote: Quote) -> None:
    """
    Also when storage wrote the rate with other zeros.
    """
    zeros = GstRate(quote.gst_rate.percent.quantize(Decimal("0.01")))
    again = replace(quote, gst_rate=zeros)

    assert again == quote
    assert again.fingerprint == quote.fingerprint


@pytest.mark.parametrize(
    "expected",
    [
        ANY_QUOTE,
        ExpectedQuote(payable=SHOWN.payable),
        ExpectedQuote(fingerprint=SHOWN.fingerprint),
        ExpectedQuote.of(SHOWN),
    ],
)
def test_what_was_shown_may_be_charged(expected: ExpectedQuote) -> None:
    """
    By its amount, by its fingerprint, by both, or where nothing is known of it.
    """
    expected.check(SHOWN)


@pytest.mark.parametrize(
    ("expected", "now", "before", "words"),
    [
        (ExpectedQuote(payable=SHOWN.payable), DEARER, SHOWN.payable, "was ₹1,180.00 then"),
        (ExpectedQuote.of(DEARER), SHOWN, DEARER.payable, "is ₹1,180.00 now"),
        (ExpectedQuote.of(SHOWN), ELSEWHERE, SHOWN.payable, "₹1,180.00 is to be paid as before"),
        (ExpectedQuote.of(SHOWN), OTHERWISE_TAXED, SHOWN.payable, "as before"),
        (ExpectedQuote.of(SHOWN), RENAMED, SHOWN.payable, "as before"),
        (ExpectedQuote(fingerprint=SHOWN.fingerprint), DEARER, None, "₹2,360.00 is to be paid now"),
    ],
)
def test_anything_else_is_shown_first(
    expected: ExpectedQuote, now: Quote, before: Money | None, words: str
) -> None:
    """
    Dearer, cheaper, or the same sum made up in another way.
    """
    with pytest.raises(PriceChanged, match=words) as refused:
        expected.check(now)

    assert (refused.value.before, refused.value.now) == (before, now.payable)
