"""The account: what is paid out for a settlement, carried into the next one, or goes wrong on its way."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from entrypoints.simulator.faults.fault_schedule import FaultSchedule
from entrypoints.simulator.faults.settlement_faults import (
    Discrepancy,
    SettlementFault,
    SettlementFaultRecord,
)
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.bank_calendar import ist_day
from entrypoints.simulator.settlement.merchant_codes import MerchantCodes
from entrypoints.simulator.settlement.settlement import Payout, Settlement, net_of
from entrypoints.simulator.settlement.settlement_config import SettlementConfig
from entrypoints.simulator.settlement.settlement_lines import LineType
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

Kind = SettlementFault
CREDIT_FAULTS: Final = (
    Kind.CREDIT_SHORT,
    Kind.CREDIT_SPLIT,
    Kind.CREDIT_MERGED,
    Kind.CREDIT_MISSING,
    Kind.CREDIT_LATE,
)
SHORT_MIN: Final = 5_00
SHORT_MORE: Final = 50_00
DAYS_BEFORE_MAX: Final = 32
FAULTY_FROM: Final = 100_00
"""Less than a hundred rupees is paid out without a fault."""


@dataclass(slots=True)
class PayoutAccount:
    """All payouts, in the order in which they were made; *carried* paise are negative."""

    config: SettlementConfig
    terms: SettlementTerms
    schedule: FaultSchedule
    entries: list[Payout] = field(default_factory=list)
    carried: dict[Method, int] = field(default_factory=dict)
    _merging: dict[Method, Settlement] = field(default_factory=dict)

    def pay(self, settlement: Settlement) -> None:
        """Pay the settlement out with what was carried, or carry it."""
        total = self.carried.get(settlement.method, 0) + net_of(settlement.lines)
        self.carried[settlement.method] = min(total, 0)
        settlement.paid = max(total, 0)
        earlier = self._merging.get(settlement.method)
        if not settlement.paid:
            return
        if earlier is not None:
            del self._merging[settlement.method]
            self._book(settlement, settlement.paid + earlier.paid, earlier=earlier)
        elif (
            settlement.version == 1
            and settlement.paid >= FAULTY_FROM
            and self._is_sound(settlement)
        ):
            self._book_faulty(settlement)
        else:
            self._book(settlement, settlement.paid)

    def due_alone(self) -> list[date]:
        """Return the days at whose end a payout that found no other one to go with is booked by itself."""
        return [self._alone_on(each) for each in self._merging.values()]

    def pay_alone(self, day: date) -> None:
        for method, settlement in list(self._merging.items()):
            if self._alone_on(settlement) <= day:
                del self._merging[method]
                self._book(settlement, settlement.paid, booked_on=self._alone_on(settlement))

    def correct(self, settlement: Settlement, difference: int, booked_on: date) -> None:
        """Pay out by how much the net of the settlement has changed, or carry it when nothing was paid before."""
        if difference and settlement.paid:
            self._book(settlement, difference, booked_on=booked_on)
            settlement.paid += difference
        elif difference:
            carried = self.carried.get(settlement.method, 0) + difference
            self.carried[settlement.method] = min(carried, 0)
            if carried > 0:
                settlement.paid = carried
                self._book(settlement, carried, booked_on=booked_on)

    def _alone_on(self, settlement: Settlement) -> date:
        return self.terms.calendar.after(settlement.settled_on, 1)

    @staticmethod
    def _is_sound(settlement: Settlement) -> bool:
        """Whether no other entry is to come for it, which would hide what goes wrong with this one."""
        return all(each.kind is not Kind.REISSUE for each in settlement.faults)

    def _book(
        self,
        settlement: Settlement,
        amount: int,
        *,
        booked_on: date | None = None,
        earlier: Settlement | None = None,
    ) -> None:
        """Book an entry for the settlement as its method's payouts are told."""
        self.entries.append(
            Payout(
                settlement_id=settlement.id,
                method=settlement.method,
                booked_on=booked_on or settlement.settled_on,
                amount=amount,
                narration=narration_of(
                    settlement, self.config.codes[settlement.method], self.terms
                ),
                reference=settlement.utr if settlement.method is Method.NB else None,
                with_earlier=None if earlier is None else earlier.id,
            )
        )

    def _book_faulty(self, settlement: Settlement) -> None:
        """Book the entries of a payout with the fault that was drawn for it."""
        paid, day = settlement.paid, settlement.settled_on
        kind = next(
            (each for each in CREDIT_FAULTS if self.schedule.injects(each, settlement.id, "1")),
            None,
        )
        if kind is None:
            self._book(settlement, paid)
            return
        part = self.schedule.part(kind, settlement.id, "1")
        short = SHORT_MIN + len(settlement.lines) + int(part * SHORT_MORE)
        first = 1 + int((paid - 1) * part)
        outcome, found = "discrepancy", None
        match kind:
            case Kind.CREDIT_SHORT:
                self._book(settlement, paid - short)
                found = Discrepancy(
                    type="amount_mismatch",
                    cause="bank_credit_differs",
                    subject="bank_credit",
                    ref=day.isoformat(),
                    difference=-short,
                    settlement=settlement.id,
                )
            case Kind.CREDIT_SPLIT:
                outcome = "two_credits"
                self._book(settlement, first)
                self._book(settlement, paid - first)
            case Kind.CREDIT_MERGED:
                outcome, self._merging[settlement.method] = "one_for_two", settlement
            case Kind.CREDIT_LATE:
                outcome = "late"
                self._book(settlement, paid, booked_on=self.terms.calendar.after(day, 2))
            case _:
                found = without_credit(settlement, paid)
        settlement.faults.append(
            SettlementFaultRecord(
                kind=kind,
                subject_id=settlement.id,
                ordinal="1",
                outcome=outcome,
                discrepancy=found,
            )
        )


def without_credit(settlement: Settlement, paid: int, named: str | None = None) -> Discrepancy:
    """Return what a settlement leads to whose *paid* paise did not come."""
    name = named or settlement.id
    return Discrepancy(
        type="missing_in_gateway",
        cause="settlement_without_credit",
        subject="settlement",
        ref=name,
        difference=-paid,
        settlement=name,
    )


def narration_of(settlement: Settlement, codes: MerchantCodes, terms: SettlementTerms) -> str:
    """
    Return the narration of the payout.

    UPI names the day of settlement, cards a day of sale; only net banking comes with its UTR.
    """
    match settlement.method:
        case Method.UPI:
            return f"UPI SETTLEMENT -{codes.narration_code}- {settlement.settled_on:%d/%m/%y}"
        case Method.CARD:
            day = _sold_on(settlement, terms)
            return f"{codes.terminal}TERMINAL 1 CARDS SETTL. {day:%d/%m/%y}"
        case Method.NB:
            return f"NEFT CR-SIMB0000001-NET BANKING {codes.narration_code}-{settlement.utr}"


def _sold_on(settlement: Settlement, terms: SettlementTerms) -> date:
    """Return the latest day of its sales; what came late does not count, since its day is due in another payout."""
    sales = [
        ist_day(line.at)
        for line in settlement.lines
        if line.type is LineType.PAYMENT and terms.due_on(line.at) == settlement.settled_on
    ]
    day = settlement.settled_on
    before = (day - timedelta(days=number) for number in range(1, DAYS_BEFORE_MAX))
    due = (each for each in before if terms.calendar.after(each, terms.after_working_days) == day)
    return max(sales) if sales else next(due, day)
