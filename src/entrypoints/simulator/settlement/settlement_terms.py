"""The terms that the control API may change while the simulated bank runs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from entrypoints.simulator.settlement.bank_calendar import BankCalendar, ist_day
from entrypoints.simulator.settlement.fee_contract import FeeContract, new_contract
from entrypoints.simulator.settlement.settlement_config import SettlementConfig


@dataclass(slots=True)
class SettlementTerms:
    after_working_days: int = 1
    calendar: BankCalendar = field(default_factory=BankCalendar)
    fees: FeeContract = field(default_factory=FeeContract)
    reserve_percent: Decimal = Decimal(0)
    reserve_days: int = 0

    @classmethod
    def of(cls, config: SettlementConfig) -> Self:
        return cls(
            after_working_days=config.after_working_days,
            calendar=BankCalendar(config.holidays),
            fees=new_contract(config.mdr, config.fee_heads),
        )

    def due_on(self, moment: datetime) -> date:
        """Return the day on which what happened at *moment* is settled."""
        return self.calendar.after(ist_day(moment), self.after_working_days)
