"""What the simulated bank charges for a payment: a rate by method, and GST on it, rounded half up per line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.orders.instruments import Method

CARD_EXEMPT_UP_TO_PAISE: Final = 2_000_00
"""No GST is due on the charge for a card payment up to this amount (the GST department's circular of 2017)."""

PERCENT: Final = Decimal(100)
ONE: Final = Decimal(1)
RATE_MAX: Final = Decimal(10)
GST_MAX: Final = Decimal(40)
STEP: Final = Decimal("0.01")


class FeeHeads(StrEnum):
    """How GST on the fee is told: as one head (another State's bank), or as CGST and SGST."""

    IGST = "igst"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What one line costs, in paise."""

    fee: int = 0
    cgst: int = 0
    sgst: int = 0
    igst: int = 0

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst

    @property
    def total(self) -> int:
        return self.fee + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """The terms of one method; *rate* and *gst* are in per cent."""

    rate: Decimal = Decimal(0)
    gst: Decimal = Decimal(18)
    heads: FeeHeads = FeeHeads.IGST

    def __post_init__(self) -> None:
        """Refuse rates that nobody can mean with ``ValueError``."""
        for name, value, most in (("rate", self.rate, RATE_MAX), ("gst", self.gst, GST_MAX)):
            if not value.is_finite() or not 0 <= value <= most or value % STEP:
                raise ValueError(f"the {name} lies from 0 to {most} per cent, with two decimals")

    def fees(self, method: Method, gross: int) -> Fees:
        """Return what a payment of *gross* paise costs."""
        fee = share(gross, self.rate)
        if method is Method.CARD and gross <= CARD_EXEMPT_UP_TO_PAISE:
            return Fees(fee=fee)
        return self.with_tax(fee)

    def with_tax(self, fee: int) -> Fees:
        """Return *fee* paise with the GST on it; two heads are rounded each for itself."""
        if self.heads is FeeHeads.IGST:
            return Fees(fee=fee, igst=share(fee, self.gst))
        half = share(fee, self.gst / 2)
        return Fees(fee=fee, cgst=half, sgst=half)


USUAL_RATES: Final[Mapping[Method, Decimal]] = {
    Method.UPI: Decimal(0),
    Method.CARD: Decimal("1.80"),
    Method.NB: Decimal(0),
}


@dataclass(slots=True)
class FeeContract:
    """The terms of every method; a change holds for the settlements that follow."""

    terms: dict[Method, FeeTerms] = field(
        default_factory=lambda: {m: FeeTerms(rate=rate) for m, rate in USUAL_RATES.items()}
    )

    def fees(self, method: Method, gross: int) -> Fees:
        return self.terms[method].fees(method, gross)

    def change(
        self,
        method: Method,
        *,
        rate: Decimal | None = None,
        gst: Decimal | None = None,
        heads: FeeHeads | None = None,
    ) -> None:
        """Change what is named, or raise ``ValueError``."""
        known = self.terms[method]
        self.terms[method] = replace(
            known,
            rate=known.rate if rate is None else rate,
            gst=known.gst if gst is None else gst,
            heads=heads or known.heads,
        )


def new_contract(rates: Mapping[Method, Decimal], heads: FeeHeads) -> FeeContract:
    """Return the contract with *rates* where they are named, and the usual ones elsewhere."""
    return FeeContract(
        {m: FeeTerms(rate=rate, heads=heads) for m, rate in {**USUAL_RATES, **rates}.items()}
    )


def share(paise: int, percent: Decimal) -> int:
    """Return *percent* of *paise*, half a paisa rounded up."""
    return int((paise * percent / PERCENT).quantize(ONE, ROUND_HALF_UP))
