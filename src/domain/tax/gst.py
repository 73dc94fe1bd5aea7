"""GST on a course fee: which taxes, of which State, and how much."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.errors import DomainError
from domain.money import ZERO, Money, round_half_up
from domain.tax.gstin import Gstin
from domain.tax.indian_states import IndianState, SecondTax
from domain.text.card_number import CardNumberRefused, contains_card_number
from domain.text.printable import unprintable_reason

ROUNDING_POLICY: Final = "half-up-paise-1"
NAME_MAX: Final = 100
ADDRESS_MAX: Final = 300
PERCENT_MAX: Final = 100
PERCENT_DECIMALS_MAX: Final = 2
ADDRESS_FROM: Final = Money(50_000_00)

_WHOLE: Final = 100_00  # a hundred per cent, in hundredths of a per cent


class PriceMode(StrEnum):
    """Whether a list price includes the tax."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


class Supply(StrEnum):
    """Within one State the tax is CGST with SGST or UTGST, between two it is IGST."""

    INTRA_STATE = "intra_state"
    INTER_STATE = "inter_state"


class Delivery(StrEnum):
    """How a course is held; a live online class is online: the safe reading of Circular 242/36/2024."""

    ONLINE = "online"
    CLASSROOM = "classroom"


class RateInvalid(DomainError):
    """There can be no such rate of GST."""

    def __init__(self) -> None:
        super().__init__("a GST rate is 0 to 100 per cent with at most 2 decimals")


class BuyerInvalid(DomainError):
    """This cannot be printed as the recipient of an invoice; *field* and *reason* say what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"billing {field}: {reason}")


class BuyerCardNumberRefused(CardNumberRefused):
    """The name or the address of a buyer holds a card number; *field* says which."""


class StateDisagrees(DomainError):
    """The buyer's GSTIN was issued in one State, and the buyer named another."""

    def __init__(self, *, declared: IndianState, registered: IndianState) -> None:
        self.declared, self.registered = declared, registered
        super().__init__(f"the GSTIN belongs to {registered}, the State given is {declared}")


class OwnGstin(DomainError):
    """The buyer's GSTIN is the seller's own: nobody supplies to themselves (CGST s.7)."""

    def __init__(self) -> None:
        super().__init__("this is the seller's own GSTIN; write the buyer's, or leave it out")


class SpecialZoneUnsupported(DomainError):
    """The buyer is in a special economic zone: such a supply is zero-rated (IGST s.16), and not sold yet."""

    def __init__(self) -> None:
        super().__init__(
            "a unit or developer of a special economic zone cannot be billed here yet; please write to us"
        )


class AddressRequired(DomainError):
    """An invoice for this sale must show the recipient's address; *rule* is the rule that requires it."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(f"this invoice needs the buyer's address ({rule})")


@dataclass(frozen=True, slots=True)
class GstRate:
    """A rate in per cent, all heads together: 18 is 9 of CGST and 9 of SGST or UTGST, or 18 of IGST."""

    percent: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.percent, Decimal):
            raise TypeError(f"per cent come as Decimal, not {type(self.percent).__name__}")
        if hundredths(self.percent) is None:
            raise RateInvalid

    @property
    def hundredths(self) -> int:
        """The rate in hundredths of a per cent: 18 % is 1800."""
        return int(self.percent * 100)

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """
    The recipient of the invoice.

    Raises ``BuyerInvalid``, ``StateDisagrees``, or ``BuyerCardNumberRefused`` for a card number in the
    name or address. The State is needed at any price (Rule 46(f)), since it decides the tax.
    """

    name: str
    state: IndianState
    gstin: Gstin | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        for field, text, longest in (
            ("name", self.name, NAME_MAX),
            ("address", self.address, ADDRESS_MAX),
        ):
            if text is None:
                continue
            if (fault := unprintable_reason(text, longest)) is not None:
                raise BuyerInvalid(field, fault)
            if contains_card_number(text):
                raise BuyerCardNumberRefused(field)
        if self.gstin is not None and self.gstin.state != self.state:
            raise StateDisagrees(declared=self.state, registered=self.gstin.state)

    @property
    def is_registered(self) -> bool:
        """Whether GST law treats the buyer as registered; the holder of a UIN is not (CGST s.2(94))."""
        return self.gstin is not None and self.gstin.is_registered


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSplit:
    """A price split into its heads; *sgst* holds SGST or UTGST, and *second_tax* says which."""

    taxable: Money
    cgst: Money
    sgst: Money
    igst: Money
    second_tax: SecondTax | None
    supply: Supply
    place: IndianState

    def __post_init__(self) -> None:
        if min(self.taxable.paise, self.cgst.paise, self.sgst.paise, self.igst.paise) < 0:
            raise ValueError("no part of a price is negative")
        if self.cgst.paise != self.sgst.paise:
            raise ValueError("CGST and its second half are equal")
        if self.supply is Supply.INTRA_STATE:
            fits = not self.igst and self.second_tax is self.place.second_tax
        else:
            fits = not self.cgst and self.second_tax is None
        if not fits:
            raise ValueError(f"these heads of tax do not belong to {self.supply}")

    @property
    def total(self) -> Money:
        return self.taxable + self.cgst + self.sgst + self.igst


def check_buyer(buyer: Buyer, seller: Gstin) -> None:
    """Return when *seller* can sell to *buyer*, or raise ``OwnGstin``."""
    if buyer.gstin == seller:
        raise OwnGstin


def place_of_supply(buyer: Buyer, delivery: Delivery, venue: IndianState | None) -> IndianState:
    """
    Return the State whose tax is due (IGST s.12(2), s.12(5), Circular 242/36/2024).

    A registered buyer's is the State of the GSTIN, which every ``Buyer`` agrees with. Any other
    buyer's is the declared State for an online course, and the *venue* for a classroom. Raises
    ``ValueError`` for a classroom without a venue, which ``Course`` does not allow.
    """
    if delivery is Delivery.ONLINE or buyer.is_registered:
        return buyer.state
    if venue is None:
        raise ValueError("a classroom stands somewhere")
    return venue


def split_tax(
    price: Money, *, mode: PriceMode, rate: GstRate, seller: IndianState, place: IndianState
) -> TaxSplit:
    """
    Return *price*, after discount, split by *rate*.

    Inclusive: the total is exactly *price*, and the taxable value is what the rounded taxes leave.
    Exclusive: *price* is the taxable value. Within a State one half of the tax is rounded half-up
    (CGST s.170) and doubled: a rounded whole tax could not always be halved to the paisa.
    """
    if price < ZERO:
        raise ValueError("a price is not negative")
    share = rate.hundredths
    base = _WHOLE + share if mode is PriceMode.INCLUSIVE else _WHOLE
    if seller == place:
        supply, second_tax = Supply.INTRA_STATE, place.second_tax
        half, igst = Money(round_half_up(price.paise * share, 2 * base)), ZERO
    else:
        supply, second_tax = Supply.INTER_STATE, None
        half, igst = ZERO, Money(round_half_up(price.paise * share, base))
    return TaxSplit(
        taxable=price - half - half - igst if mode is PriceMode.INCLUSIVE else price,
        cgst=half,
        sgst=half,
        igst=igst,
        second_tax=second_tax,
        supply=supply,
        place=place,
    )


def check_address(buyer: Buyer, split: TaxSplit, *, exempt: bool = False) -> None:
    """
    Raise ``AddressRequired`` when the document for this sale must show an address and *buyer* has none.

    A buyer with a GSTIN or UIN needs one at any value (Rules 46(d) and 49(d)). Others need one from
    a taxable value of ₹50,000.00 (Rule 46(e)), but not for a bill of supply for an *exempt* course.
    """
    if buyer.address is not None:
        return
    if buyer.gstin is not None:
        raise AddressRequired("Rule 49(d)" if exempt else "Rule 46(d)")
    if not exempt and split.taxable >= ADDRESS_FROM:
        raise AddressRequired("Rule 46(e)")


def hundredths(percent: Decimal) -> int | None:
    """Return *percent* in hundredths of a per cent; None unless it is 0 to 100 with at most 2 decimals."""
    exponent = percent.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -PERCENT_DECIMALS_MAX:
        return None
    return int(percent * 100) if 0 <= percent <= PERCENT_MAX else None
