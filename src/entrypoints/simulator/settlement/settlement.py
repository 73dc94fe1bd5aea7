"""One settlement, with each report that was given of it, and one entry of the account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from entrypoints.simulator.faults.settlement_faults import SettlementFaultRecord
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.settlement_lines import SettlementLine, Totals, totals_of

Lines = tuple[SettlementLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """
    One entry of the account, in paise; a correction may take money back.

    *with_earlier* is the settlement whose money came with it, where one entry pays two.
    """

    settlement_id: str
    method: Method
    booked_on: date
    amount: int
    narration: str
    reference: str | None
    with_earlier: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """What the report told from *issued_on* on, until it was corrected."""

    issued_on: date
    lines: Lines


def net_of(lines: Sequence[SettlementLine]) -> int:
    """Return what *lines* add to a payout, in paise."""
    return sum(line.paid for line in lines)


@dataclass(slots=True, kw_only=True)
class Settlement:
    """
    One payout of one MID on one day.

    *should* are the lines that it ought to have, those of each issue what the report tells. *paid* is what came to
    the account in paise, with what was carried; zero: nothing was paid out, and its net is carried forward.
    """

    id: str
    method: Method
    mid: str
    settled_on: date
    should: Lines
    issues: list[Issue]
    utr: str
    paid: int = 0
    faults: list[SettlementFaultRecord] = field(default_factory=list)

    @property
    def lines(self) -> Lines:
        return self.issues[-1].lines

    @property
    def version(self) -> int:
        return len(self.issues)

    def version_on(self, day: date) -> int:
        """Return which issue was the latest at the end of *day*, from 1; 0: there was none."""
        return len([each for each in self.issues if each.issued_on <= day])

    @property
    def totals(self) -> Totals:
        return totals_of(self.lines)

    @property
    def is_carried_forward(self) -> bool:
        return self.paid == 0
