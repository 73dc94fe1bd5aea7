"""What one student pays for one course, with discount and taxes; a quote never changes later."""

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from domain.catalogue.amount_limits import PAYABLE_MIN, WIDEST_LIMITS, AmountLimits
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from domain.money import ZERO, Money
from domain.tax.gst import (
    ROUNDING_POLICY,
    Buyer,
    GstRate,
    PriceMode,
    Supply,
    TaxSplit,
    check_address,
    place_of_supply,
    split_tax,
)
from domain.tax.indian_states import IndianState, SecondTax, indian_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """
    A price with its discount and taxes; ``ValueError`` when the parts do not add up.

    The parts are checked, never computed again: an old quote keeps the *rounding_policy* it names.
    """

    course: CourseId
    course_title: str
    list_price: Money
    discount: Money
    taxable: Money
    cgst: Money
    sgst: Money
    igst: Money
    payable: Money
    discount_code: str | None
    second_tax: SecondTax | None
    supply: Supply
    place: IndianState
    price_mode: PriceMode
    sac: str
    gst_rate: GstRate
    exempt: bool
    rounding_policy: str

    def __post_init__(self) -> None:
        split = TaxSplit(  # refuses negative parts, unequal halves and heads of the other supply
            taxable=self.taxable,
            cgst=self.cgst,
            sgst=self.sgst,
            igst=self.igst,
            second_tax=self.second_tax,
            supply=self.supply,
            place=self.place,
        )
        if split.total != self.payable:
            raise ValueError("taxable value and taxes add up to what is paid")
        if not ZERO <= self.discount <= self.list_price:
            raise ValueError("a discount is at most the price")
        if self.discount and self.discount_code is None:
            raise ValueError("a discount has a code")
        priced = self.payable if self.price_mode is PriceMode.INCLUSIVE else self.taxable
        if priced != self.list_price - self.discount:
            raise ValueError("the list price less the discount is what was split")
        if self.exempt and self.payable != self.taxable:
            raise ValueError("an exempt course bears no tax")

    @property
    def fingerprint(self) -> str:
        """The SHA-256, in hex, of every part of the quote: equal quotes have equal fingerprints."""
        parts = json.dumps(asdict(self), default=_shortest, sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def is_free(self) -> bool:
        """Whether nothing is to be paid, so that the gateway takes no part."""
        return not self.payable


def _shortest(number: Decimal) -> str:
    # 18 and 18.00 are one rate, and storage may return either.
    return f"{number.normalize():f}"


def costs_too_little(course: Course) -> bool:
    """
    Whether *course* costs less than ``PAYABLE_MIN``, tax included, so that nobody could pay for it.

    One above the highest amount may still be bought with a discount.
    """
    # Within a State the tax is rounded by halves, between States as a whole.
    seller, elsewhere = indian_state("27"), indian_state("29")
    return all(
        split_tax(
            course.list_price,
            mode=course.price_mode,
            rate=course.gst_rate,
            seller=seller,
            place=place,
        ).total
        < PAYABLE_MIN
        for place in (seller, elsewhere)
    )


def quote_course(
    course: Course,
    buyer: Buyer,
    seller: IndianState,
    discount: DiscountCode | None,
    limits: AmountLimits = WIDEST_LIMITS,
) -> Quote:
    """
    Return what *buyer* pays for *course*, within *limits*, or raise ``AmountOutOfLimits`` or ``AddressRequired``.

    The caller has checked that *discount* applies. A course that a discount makes free has no lower
    limit and needs no address: nothing is paid, so no invoice is issued.
    """
    off = ZERO if discount is None else discount.amount_off(course.list_price)
    split = split_tax(
        course.list_price - off,
        mode=course.price_mode,
        rate=course.gst_rate,
        seller=seller,
        place=place_of_supply(buyer, course.delivery, course.venue),
    )
    if split.total:
        limits.check(split.total)
        check_address(buyer, split, exempt=course.exempt)
    return Quote(
        course=course.id,
        course_title=course.title,
        list_price=course.list_price,
        discount=off,
        taxable=split.taxable,
        cgst=split.cgst,
        sgst=split.sgst,
        igst=split.igst,
        payable=split.total,
        discount_code=None if discount is None else discount.code,
        second_tax=split.second_tax,
        supply=split.supply,
        place=split.place,
        price_mode=course.price_mode,
        sac=course.sac,
        gst_rate=course.gst_rate,
        exempt=course.exempt,
        rounding_policy=ROUNDING_POLICY,
    )
