"""What the bank may charge for a payment: its fee by method and day, and GST on it by heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.money import round_half_up

WHOLE: Final = 10_000
"""Rates are in hundredths of a percent: 180 is 1.80 %."""

GST_RATE: Final = 1_800
CARD_EXEMPT_UP_TO_PAISE: Final = 2_000_00
"""No GST on the fee of a card payment of at most 2,000.00 (CBIC circular 245/02/2025)."""

FEE_TOLERANCE_PAISE: Final = 1
HEAD_TOLERANCE_PAISE: Final = 1
"""Rounding only, on the fee and on each tax head. The gross amount has no tolerance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxHeads:
    """GST on a fee as the bank splits it, in paise: one IGST, or a central and a State half."""

    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    utgst_paise: int = 0

    @property
    def total_paise(self) -> int:
        """All heads together."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.utgst_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRate:
    """The fee for *method* from *valid_from* on, in hundredths of a percent of the gross amount."""

    method: str
    rate: int
    valid_from: date = date.min
    gst_rate: int = GST_RATE
    exempt_up_to_paise: int = 0

    def fee_paise(self, gross_paise: int) -> int:
        """Return the fee on *gross_paise*, half up to the paisa."""
        return round_half_up(gross_paise * self.rate, WHOLE)

    def igst(self, gross_paise: int, fee_paise: int) -> TaxHeads:
        """Return GST on *fee_paise* as one head; none while the payment is exempt."""
        return TaxHeads(igst_paise=self._tax(gross_paise, fee_paise, 1))

    def halves(self, gross_paise: int, fee_paise: int, *, union: bool = False) -> TaxHeads:
        """Return GST on *fee_paise* as two heads, each rounded by itself; UTGST where *union* says so."""
        half = self._tax(gross_paise, fee_paise, 2)
        return TaxHeads(
            cgst_paise=half, sgst_paise=0 if union else half, utgst_paise=half if union else 0
        )

    def heads_like(self, told: TaxHeads, gross_paise: int, fee_paise: int) -> TaxHeads:
        """Return GST on *fee_paise*, split as *told* is split: the bank chooses by the States."""
        if told.utgst_paise:
            return self.halves(gross_paise, fee_paise, union=True)
        if told.cgst_paise or told.sgst_paise:
            return self.halves(gross_paise, fee_paise)
        return self.igst(gross_paise, fee_paise)

    def _tax(self, gross_paise: int, fee_paise: int, heads: int) -> int:
        exempt = abs(gross_paise) <= self.exempt_up_to_paise
        return 0 if exempt else round_half_up(fee_paise * self.gst_rate, WHOLE * heads)


@dataclass(frozen=True, slots=True)
class FeeContract:
    """
    The rates of all methods by the day from which they hold.

    A method without a rate costs nothing: the bank has to explain any fee on it.
    """

    rates: Sequence[FeeRate]

    def rate_on(self, day: date, method: str | None) -> FeeRate:
        """Return the rate for *method* on *day*, the business day of the payment."""
        valid = [rate for rate in self.rates if rate.method == method and rate.valid_from <= day]
        if not valid:
            return FeeRate(method=method or "", rate=0)
        return max(valid, key=lambda rate: rate.valid_from)


USUAL_CONTRACT: Final = FeeContract(
    (
        FeeRate(method="UPI", rate=0),
        FeeRate(method="RUPAY_DEBIT", rate=0),
        FeeRate(method="CARD", rate=180, exempt_up_to_paise=CARD_EXEMPT_UP_TO_PAISE),
    )
)
"""Zero by law for UPI and RuPay debit (s. 10A Payment and Settlement Systems Act); 1.80 % for cards until set."""


def fee_is_by_contract(told_paise: int, contract_paise: int, *, is_refund: bool) -> bool:
    """
    Whether the bank's fee is the contract's, but for a paisa of rounding.

    A refund costs nothing; the bank may give back the fee of the payment, in part or all of it.
    """
    if is_refund:
        return -contract_paise - FEE_TOLERANCE_PAISE <= told_paise <= FEE_TOLERANCE_PAISE
    return abs(told_paise - contract_paise) <= FEE_TOLERANCE_PAISE


def heads_are_by_contract(told: TaxHeads, contract: TaxHeads) -> bool:
    """Whether each tax head of the bank is the contract's, but for a paisa of rounding."""
    pairs = (
        (told.cgst_paise, contract.cgst_paise),
        (told.sgst_paise, contract.sgst_paise),
        (told.igst_paise, contract.igst_paise),
        (told.utgst_paise, contract.utgst_paise),
    )
    return all(abs(one - other) <= HEAD_TOLERANCE_PAISE for one, other in pairs)
