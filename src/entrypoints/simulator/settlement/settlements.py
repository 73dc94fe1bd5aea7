"""Settlements of the simulated bank: what is due becomes lines, and their sum is paid out or carried forward."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from entrypoints.simulator.faults.fault_schedule import FaultSchedule
from entrypoints.simulator.faults.settlement_faults import (
    FILE_OUTCOMES,
    Discrepancy,
    SettlementFault,
    SettlementFaultRecord,
)
from entrypoints.simulator.orders.disputes import ANSWER_WITHIN, Dispute, DisputeStage
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.orders.order_book import OrderBook
from entrypoints.simulator.settlement.bank_calendar import ist_day, ist_instant
from entrypoints.simulator.settlement.due_lines import DueLine, dispute_line, due_lines
from entrypoints.simulator.settlement.fee_contract import share
from entrypoints.simulator.settlement.line_faults import faulty
from entrypoints.simulator.settlement.merchant_codes import MerchantCodes
from entrypoints.simulator.settlement.settlement_config import SettlementConfig
from entrypoints.simulator.settlement.settlement_lines import (
    Direction,
    LineType,
    SettlementLine,
    Totals,
    totals_of,
)
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

CREDIT_FAULTS: Final = (
    SettlementFault.CREDIT_SHORT,
    SettlementFault.CREDIT_SPLIT,
    SettlementFault.CREDIT_MISSING,
    SettlementFault.CREDIT_LATE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One entry of the account, in paise; a correction may take money back."""

    settlement_id: str
    method: Method
    booked_on: date
    amount: int
    narration: str
    reference: str | None


@dataclass(slots=True, kw_only=True)
class Settlement:
    """
    One payout of one MID on one day.

    *should* are the lines that it ought to have, *lines* those that its report tells. *paid* is what came to the
    account in paise, with what was carried; zero: nothing was paid out, and its net is carried forward.
    """

    id: str
    method: Method
    mid: str
    settled_on: date
    should: tuple[SettlementLine, ...]
    lines: tuple[SettlementLine, ...]
    utr: str
    paid: int = 0
    faults: list[SettlementFaultRecord] = field(default_factory=list)
    version: int = 1

    @property
    def totals(self) -> Totals:
        return totals_of(self.lines)

    @property
    def is_carried_forward(self) -> bool:
        return self.paid == 0


@dataclass(slots=True)
class SettlementBook:
    """All settlements, in the order in which they were made; all payouts, in the order in which they were booked."""

    config: SettlementConfig
    terms: SettlementTerms
    orders: OrderBook
    schedule: FaultSchedule
    settlements: list[Settlement] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    carried: dict[Method, int] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _late: dict[str, date] = field(default_factory=dict)
    _reserved: list[tuple[date, Method, SettlementLine]] = field(default_factory=list)

    def of(self, day: date, mid: str | None = None) -> list[Settlement]:
        return [
            each for each in self.settlements if each.settled_on == day and mid in {None, each.mid}
        ]

    def file_faults(self, day: date) -> frozenset[SettlementFault]:
        """Return the faults of the day's reports; a corrected report is drawn anew."""
        version = str(max((each.version for each in self.of(day)), default=1))
        return frozenset(
            kind for kind in FILE_OUTCOMES if self.schedule.draws(kind, day.isoformat(), version)
        )

    def held_back_until(self, day: date) -> datetime:
        """Return the instant (UTC) until which a fault holds the day's reports back, from one hour to six."""
        part = self.schedule.part(SettlementFault.FILE_NOT_READY, day.isoformat(), "1")
        return self.ready_at(day) + timedelta(hours=1 + int(part * 6))

    def known(self, settlement_id: str) -> Settlement | None:
        return next((each for each in self.settlements if each.id == settlement_id), None)

    def catch_up(self, now: datetime) -> None:
        """Settle every working day whose hour has come by *now*."""
        today = ist_day(now)
        last = today if now >= self.ready_at(today) else today - timedelta(days=1)
        self._settle_until(last, None)

    def run(self, day: date, mid: str | None = None) -> list[Settlement]:
        """
        Settle all that is due on *day* whatever the time is, after the days before it; return its settlements.

        A day on which the bank does not work has none.
        """
        self._settle_until(day, mid)
        return self.of(day, mid)

    def ready_at(self, day: date) -> datetime:
        """Return the instant (UTC) from which the report of *day* is ready."""
        return ist_instant(day, self.config.at)

    def _settle_until(self, last: date, mid: str | None) -> None:
        waiting = sorted(
            (
                due
                for due in map(self._when, due_lines(self.orders, self.terms))
                if due.due_on <= last
                and due.line.source not in self._done
                and mid in {None, self.config.codes[due.method].mid}
            ),
            key=lambda due: (due.due_on, due.line.at, due.line.source),
        )
        for day in sorted({due.due_on for due in waiting}):
            for method in Method:
                lines = [due for due in waiting if (due.due_on, due.method) == (day, method)]
                if lines:
                    self._settle(day, method, lines)

    def _when(self, due: DueLine) -> DueLine:
        """Return *due* with the day to which a fault has put it off."""
        day = self._late.get(due.line.source)
        return due if day is None else replace(due, due_on=day)

    def _settle(self, day: date, method: Method, due: Sequence[DueLine]) -> None:
        lines = tuple(each.line for each in due)
        lines += self._reserve(day, method, lines)
        self._done.update(line.source for line in lines)
        earlier = len([each for each in self.of(day) if each.method is method])
        suffix = f"-{earlier + 1}" if earlier else ""
        settlement_id = f"STL{day:%Y%m%d}{method}{suffix}"
        told = faulty(
            [line for line in lines if line.source not in self._late],
            settlement_id=settlement_id,
            at=max(line.at for line in lines),
            method=method,
            schedule=self.schedule,
            fees=self.terms.fees,
        )
        told.lines += [line for line in lines if line.source in self._late]
        disputed = self._charge_back(day, lines, told.faults)
        told.lines += disputed
        for line in told.late:
            self._late[line.source] = self.terms.calendar.after(day, 1)
            self._done.discard(line.source)
        settlement = Settlement(
            id=settlement_id,
            method=method,
            mid=self.config.codes[method].mid,
            settled_on=day,
            should=(*lines, *disputed),
            lines=tuple(told.lines),
            faults=told.faults,
            utr=f"SIMBN{day:%y%j}{len(self.of(day)) + 1:06d}",
        )
        self.settlements.append(settlement)
        self._pay_out(settlement)

    def _charge_back(
        self, day: date, lines: Sequence[SettlementLine], faults: list[SettlementFaultRecord]
    ) -> list[SettlementLine]:
        """Open the disputes that are drawn for payments without another fault; return their debits."""
        kind, spoilt, found = SettlementFault.LINE_CHARGEBACK, {f.subject_id for f in faults}, []
        for line in lines:
            order = self.orders.by_order_id(line.order_id or "")
            attempt = order.decisive if order is not None else None
            if line.type is not LineType.PAYMENT or order is None or attempt is None:
                continue
            name = order.request.order_id
            if name in spoilt or not self.schedule.injects(kind, name, "payment"):
                continue
            now = self.ready_at(day)
            dispute = Dispute(
                amount=order.request.amount,
                stage=DisputeStage.CHARGEBACK,
                reason="10.4 Other fraud, card absent",
                created_at=now,
                due_at=now + ANSWER_WITHIN,
            )
            order.disputes.append(dispute)
            number = len(order.disputes)
            debit = dispute_line(LineType.CHARGEBACK, order, attempt, dispute, number, now)
            self._done.add(debit.source)
            found.append(debit)
            what = Discrepancy(
                type="status_mismatch",
                cause="chargeback",
                subject="payment",
                ref=name,
                difference=-debit.gross,
            )
            faults.append(
                SettlementFaultRecord(
                    kind=kind, subject_id=name, ordinal="payment", discrepancy=what
                )
            )
        return found

    def _reserve(
        self, day: date, method: Method, lines: Sequence[SettlementLine]
    ) -> tuple[SettlementLine, ...]:
        """Return the reserves that are released on *day*, and the one that the contract holds back."""
        due = [each for each in self._reserved if each[0] <= day and each[1] is method]
        self._reserved = [each for each in self._reserved if each not in due]
        released = tuple(line for _, _, line in due)
        gross = share(totals_of(tuple(lines)).credits, self.terms.reserve_percent)
        if not gross:
            return released
        number = f"{day:%Y%m%d}{method}{len(self.of(day))}"
        held = SettlementLine(
            type=LineType.RESERVE_HOLD,
            direction=Direction.DR,
            source=f"reserve {number}",
            at=self.ready_at(day),
            gross=gross,
            bank_txn_id=f"RSV{number}",
        )
        release_on = day + timedelta(days=self.terms.reserve_days)
        back = replace(
            held,
            type=LineType.RESERVE_RELEASE,
            direction=Direction.CR,
            source=f"release {number}",
            at=self.ready_at(release_on),
            bank_txn_id=f"RSR{number}",
        )
        self._reserved.append((release_on, method, back))
        return (*released, held)

    def _pay_out(self, settlement: Settlement) -> None:
        total = self.carried.get(settlement.method, 0) + totals_of(settlement.lines).net
        self.carried[settlement.method] = min(total, 0)
        settlement.paid = max(total, 0)
        if settlement.paid:
            self.payouts += self._entries(settlement)

    def _entries(self, settlement: Settlement) -> list[Payout]:
        """Return the entries of a payout, with the fault that was drawn for it."""
        day, paid = settlement.settled_on, settlement.paid
        kind = next(
            (each for each in CREDIT_FAULTS if self.schedule.injects(each, settlement.id, "1")),
            None,
        )
        if kind is None:
            return [self.entry(settlement, day, paid)]
        part = self.schedule.part(kind, settlement.id, "1")
        short = min(paid - 1, 5_00 + len(settlement.lines) + int(part * 50_00))
        first = max(1, int(paid * part))
        outcome, cause, difference = {
            SettlementFault.CREDIT_SHORT: ("discrepancy", "bank_credit_differs", -short),
            SettlementFault.CREDIT_SPLIT: ("two_credits", "", 0),
            SettlementFault.CREDIT_MISSING: (
                "discrepancy",
                "settlement_without_credit",
                -paid,
            ),
            SettlementFault.CREDIT_LATE: ("late", "", 0),
        }[kind]
        missing = cause == "settlement_without_credit"
        found = Discrepancy(
            type="missing_in_gateway" if missing else "amount_mismatch",
            cause=cause,
            subject="settlement",
            ref=settlement.id,
            difference=difference,
        )
        settlement.faults.append(
            SettlementFaultRecord(
                kind=kind,
                subject_id=settlement.id,
                ordinal="1",
                outcome=outcome,
                discrepancy=found if cause else None,
            )
        )
        match kind:
            case SettlementFault.CREDIT_SHORT:
                return [self.entry(settlement, day, paid - short)]
            case SettlementFault.CREDIT_SPLIT if first < paid:
                parts = (first, paid - first)
                return [self.entry(settlement, day, each) for each in parts]
            case SettlementFault.CREDIT_MISSING:
                return []
            case SettlementFault.CREDIT_LATE:
                return [self.entry(settlement, self.terms.calendar.after(day, 2), paid)]
            case _:
                return [self.entry(settlement, day, paid)]

    def entry(self, settlement: Settlement, booked_on: date, amount: int) -> Payout:
        """Return an entry for the settlement as its method's payouts are told."""
        codes = self.config.codes[settlement.method]
        return Payout(
            settlement_id=settlement.id,
            method=settlement.method,
            booked_on=booked_on,
            amount=amount,
            narration=narration_of(settlement, codes),
            reference=settlement.utr if settlement.method is Method.NB else None,
        )

    def reissue(
        self, settlement: Settlement, lines: tuple[SettlementLine, ...], booked_on: date
    ) -> int:
        """
        Replace the lines that the report tells; return the paise by which its net has changed.

        The difference is an entry of its own in the account, or is carried when nothing was paid out before.
        """
        difference = totals_of(lines).net - settlement.totals.net
        settlement.lines = lines
        settlement.version += 1
        if difference and settlement.paid:
            self.payouts.append(self.entry(settlement, booked_on, difference))
            settlement.paid += difference
        elif difference:
            carried = self.carried.get(settlement.method, 0) + difference
            self.carried[settlement.method] = min(carried, 0)
            if carried > 0:
                settlement.paid = carried
                self.payouts.append(self.entry(settlement, booked_on, carried))
        return difference


def narration_of(settlement: Settlement, codes: MerchantCodes) -> str:
    """
    Return the narration of the payout.

    UPI names the day of settlement, cards the latest day of sale; only net banking comes with its UTR.
    """
    match settlement.method:
        case Method.UPI:
            return f"UPI SETTLEMENT -{codes.narration_code}- {settlement.settled_on:%d/%m/%y}"
        case Method.CARD:
            sales = [ist_day(e.at) for e in settlement.lines if e.type is LineType.PAYMENT]
            sold_on = max(sales, default=settlement.settled_on)
            return f"{codes.terminal}TERMINAL 1 CARDS SETTL. {sold_on:%d/%m/%y}"
        case Method.NB:
            return f"NEFT CR-SIMB0000001-NET BANKING {codes.narration_code}-{settlement.utr}"
