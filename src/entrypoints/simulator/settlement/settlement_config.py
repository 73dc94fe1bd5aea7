"""How the simulated bank pays out: its calendar, its fees, and the merchant's codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.fee_contract import FeeHeads
from entrypoints.simulator.settlement.merchant_codes import USUAL_CODES, MerchantCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementConfig:
    """
    The merchant's terms at the bank.

    *after_working_days* after its IST day a capture or refund is settled. *at* is the time of day (IST) from which
    the report is ready. *mdr* are fees in per cent. *account* and *opening_paise* are those of the statement.
    """

    after_working_days: int = 1
    at: time = time(10)
    holidays: frozenset[date] = frozenset()
    mdr: Mapping[Method, Decimal] = field(default_factory=dict)
    fee_heads: FeeHeads = FeeHeads.IGST
    codes: Mapping[Method, MerchantCodes] = field(default_factory=lambda: dict(USUAL_CODES))
    page_lines: int = 1000
    account: str = "50200000000001"
    opening_paise: int = 100_000_00
