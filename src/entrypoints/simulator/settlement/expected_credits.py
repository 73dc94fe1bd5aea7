"""What the account's statement leads to at the end of a day, beside the settlements that a reader knows by then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from entrypoints.simulator.faults.settlement_faults import Discrepancy
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.payouts import without_credit
from entrypoints.simulator.settlement.reports import ReportFormat
from entrypoints.simulator.settlement.settlement import Payout, Settlement, net_of
from entrypoints.simulator.settlement.settlements import SettlementBook
from entrypoints.simulator.settlement.told_days import ReportState, ToldReport

CREDIT_GRACE: Final = 1


@dataclass(slots=True)
class _Known:
    """The settlements of one method whose reports are whole, and what each has to bring with what was carried."""

    nets: dict[str, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    settlements: dict[str, Settlement] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)


def credit_discrepancies(
    book: SettlementBook,
    told: dict[tuple[date, Method], ToldReport],
    last: date,
    form: ReportFormat,
) -> Iterator[Discrepancy]:
    for method in Method:
        known = _known(book, told, method, last)
        entries = [
            each for each in book.payouts if each.method is method and each.booked_on <= last
        ]
        for name in sorted({each.settlement_id for each in entries}):
            yield from _of(name, [e for e in entries if e.settlement_id == name], known, form)
        for name, due in known.due.items():
            settlement = known.settlements[name]
            until = book.terms.calendar.after(settlement.settled_on, CREDIT_GRACE)
            if name not in known.paid and last > until:
                yield without_credit(settlement, due, _named(settlement, form))


def _known(
    book: SettlementBook, told: dict[tuple[date, Method], ToldReport], method: Method, last: date
) -> _Known:
    known, carried = _Known(), 0
    mine = [each for each in book.settlements if each.method is method]
    for each in sorted(mine, key=lambda s: (s.settled_on, s.id)):
        if each.settled_on > last:
            continue
        report = told[each.settled_on, method]
        if report.state is not ReportState.WHOLE:
            continue
        net = net_of([line for owner, line in report.lines if owner is each])
        known.nets[each.id], known.settlements[each.id] = net, each
        carried += net
        if carried > 0:
            known.due[each.id], carried = carried, 0
    return known


def _of(
    name: str, entries: list[Payout], known: _Known, form: ReportFormat
) -> Iterator[Discrepancy]:
    """Yield what the entries that name one settlement lead to."""
    if name not in known.nets:
        for entry in entries:
            yield from _without_settlement(entry)
        return
    due = known.due.get(name, known.nets[name])
    earlier = [e.with_earlier for e in entries if e.with_earlier in known.due]
    due += sum(known.due[each] for each in earlier if each)
    settlement = known.settlements[name]
    right = {due, *_less_debts(settlement, known)}
    total = sum(entry.amount for entry in entries)
    if total in right or entries[0].amount in right:
        known.paid |= {name, *(each for each in earlier if each)}
        if total not in right:
            for entry in entries[1:]:
                yield from _without_settlement(entry, is_named=True)
        return
    if name not in known.due:
        # As far as its reports tell, nothing is paid out for it, under no UTR: the money has to be for something else.
        for entry in entries:
            yield from _without_settlement(entry)
        return
    known.paid.add(name)
    yield Discrepancy(
        type="amount_mismatch",
        cause="bank_credit_differs",
        subject="bank_credit",
        ref=entries[0].booked_on.isoformat(),
        difference=total - known.due[name],
        settlement=_named(settlement, form),
    )


def _less_debts(settlement: Settlement, known: _Known) -> set[int]:
    """Return what the settlement may bring: its net, less any of the known debts that may have been taken out of it."""
    sums = {known.nets[settlement.id]}
    for name, each in known.settlements.items():
        if (
            name not in known.due
            and name != settlement.id
            and each.settled_on <= settlement.settled_on
        ):
            sums |= {one + known.nets[name] for one in sums}
    return sums


def _without_settlement(entry: Payout, *, is_named: bool = False) -> Iterator[Discrepancy]:
    """Yield what an entry leads to whose money is not told of; a UTR that nobody knows does not say whose it is."""
    if is_named or entry.method is not Method.NB:
        yield Discrepancy(
            type="missing_in_system",
            cause="bank_credit_without_settlement",
            subject="bank_credit",
            ref=entry.booked_on.isoformat(),
            difference=entry.amount,
        )


def _named(settlement: Settlement, form: ReportFormat) -> str:
    if form is ReportFormat.JSON:
        return settlement.id
    return f"{settlement.mid}/{settlement.settled_on.isoformat()}"
