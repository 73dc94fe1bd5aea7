"""Settlements of the simulated bank: what is due becomes lines, whose sum is paid out; reports are corrected."""

from collections.abc import Iterable, Sequence
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
from entrypoints.simulator.settlement.payouts import PayoutAccount
from entrypoints.simulator.settlement.settlement import Issue, Lines, Payout, Settlement, net_of
from entrypoints.simulator.settlement.settlement_config import SettlementConfig
from entrypoints.simulator.settlement.settlement_lines import (
    Direction,
    LineType,
    SettlementLine,
    totals_of,
)
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

LINES_CORRECTED_MIN: Final = 2
"""A report of one line is not given without it: it would not be there at all."""


@dataclass(slots=True)
class SettlementBook:
    """All settlements, in the order in which they were made, and the account in which they are paid out."""

    config: SettlementConfig
    terms: SettlementTerms
    orders: OrderBook
    schedule: FaultSchedule
    settlements: list[Settlement] = field(default_factory=list)
    account: PayoutAccount = field(init=False)
    _corrections: list[tuple[date, Settlement, Lines]] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)
    _late: dict[str, date] = field(default_factory=dict)
    _reserved: list[tuple[date, Method, SettlementLine]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = PayoutAccount(self.config, self.terms, self.schedule)

    @property
    def payouts(self) -> list[Payout]:
        return self.account.entries

    def of(self, day: date, mid: str | None = None) -> list[Settlement]:
        return [
            each for each in self.settlements if each.settled_on == day and mid in {None, each.mid}
        ]

    def file_faults(self, day: date, version: int | None = None) -> frozenset[SettlementFault]:
        """Return the faults of the day's reports, of the latest *version* or of that one: each is drawn anew."""
        latest = max((each.version for each in self.of(day)), default=1)
        drawn = str(version or latest)
        return frozenset(
            kind for kind in FILE_OUTCOMES if self.schedule.draws(kind, day.isoformat(), drawn)
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
        """Settle one day after the other, so that what is put off from one day comes on its own."""
        while (day := self._next_day(last, mid)) is not None:
            waiting = [due for due in self._waiting(mid) if due.due_on == day]
            for _, settlement, lines in [each for each in self._corrections if each[0] <= day]:
                self.reissue(settlement, lines, day)
            self._corrections = [each for each in self._corrections if each[0] > day]
            for method in Method:
                due = [each for each in waiting if each.method is method]
                if due:
                    self._settle(day, method, sorted(due, key=lambda e: (e.line.at, e.line.source)))
            self.account.pay_alone(day)

    def _next_day(self, last: date, mid: str | None) -> date | None:
        days = [
            *(due.due_on for due in self._waiting(mid)),
            *(day for day, _, _ in self._corrections),
            *self.account.due_alone(),
        ]
        return min((day for day in days if day <= last), default=None)

    def _waiting(self, mid: str | None) -> Iterable[DueLine]:
        for due in due_lines(self.orders, self.terms):
            known = due.line.source in self._done
            if not known and mid in {None, self.config.codes[due.method].mid}:
                yield self._when(due)

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
            terms=self.terms,
        )
        told.lines += [line for line in lines if line.source in self._late]
        disputed = self._charge_back(day, settlement_id, lines, told.faults)
        told.lines += disputed
        for line in told.late:
            self._late[line.source] = self.terms.calendar.after(day, 1)
            self._done.discard(line.source)
        late = {line.source for line in told.late}
        settlement = Settlement(
            id=settlement_id,
            method=method,
            mid=self.config.codes[method].mid,
            settled_on=day,
            should=(*(line for line in lines if line.source not in late), *disputed),
            issues=[Issue(day, tuple(told.lines))],
            faults=told.faults,
            utr=f"SIMBN{day:%y%j}{len(self.of(day)) + 1:06d}",
        )
        self._leave_out(settlement)
        self.settlements.append(settlement)
        self.account.pay(settlement)

    def _leave_out(self, settlement: Settlement) -> None:
        """Leave a sound payment out of the first report where that is drawn; a corrected one tells it later."""
        kind, lines = SettlementFault.REISSUE, settlement.lines
        spoilt = {fault.line for fault in settlement.faults}
        disputed = {line.order_id for line in lines if line.type is LineType.CHARGEBACK}
        missing = next(
            (
                line
                for line in reversed(lines)
                if line.type is LineType.PAYMENT
                and line not in spoilt
                and not line.repeated
                and line.order_id not in disputed
                and line.source not in self._late
            ),
            None,
        )
        twice = [line.source for line in lines if line.repeated]
        if missing is None or missing.source in twice or len(lines) < LINES_CORRECTED_MIN:
            return
        if not self.schedule.injects(kind, settlement.id, "1"):
            return
        on = self.terms.calendar.after(settlement.settled_on, 1)
        self._corrections.append((on, settlement, lines))
        settlement.issues = [
            Issue(settlement.settled_on, tuple(line for line in lines if line is not missing))
        ]
        settlement.faults.append(
            SettlementFaultRecord(
                kind=kind, subject_id=settlement.id, ordinal="1", outcome="reissue"
            )
        )

    def _charge_back(
        self,
        day: date,
        settlement_id: str,
        lines: Sequence[SettlementLine],
        faults: list[SettlementFaultRecord],
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
                settlement=settlement_id,
            )
            faults.append(
                SettlementFaultRecord(
                    kind=kind, subject_id=name, ordinal="payment", discrepancy=what, line=debit
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

    def reissue(self, settlement: Settlement, lines: Lines, booked_on: date) -> int:
        """
        Replace the lines that the report tells; return the paise by which its payout has changed.

        The difference is an entry of its own in the account, or is carried when nothing was paid out before.
        """
        difference = net_of(lines) - net_of(settlement.lines)
        settlement.issues.append(Issue(booked_on, lines))
        self.account.correct(settlement, difference, booked_on)
        return difference
