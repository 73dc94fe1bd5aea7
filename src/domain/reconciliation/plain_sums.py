"""What the plain case comes to, summed: nobody keeps its lines one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSums:
    """
    The lines of one report that settle sales in the plain case, of one settlement day and one due day.

    Amounts are in paise. The net amount of each line follows from the others, and none of them is held back.
    """

    file: str
    settlement: str
    settled_on: date
    due_on: date
    lines: int
    gross_paise: int
    fee_paise: int = 0
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    utgst_paise: int = 0

    @property
    def tax_paise(self) -> int:
        """The taxes on the fees, all heads together."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.utgst_paise

    @property
    def net_paise(self) -> int:
        """What the bank pays out for these lines."""
        return self.gross_paise - self.fee_paise - self.tax_paise

    @property
    def is_late(self) -> bool:
        """Whether the bank has settled them after they were due."""
        return self.settled_on > self.due_on


def lines_of(sums: Iterable[PlainSums]) -> int:
    """Return how many lines *sums* are about."""
    return sum(each.lines for each in sums)


def gross_of(sums: Iterable[PlainSums]) -> int:
    """Return the gross amount of *sums* in paise."""
    return sum(each.gross_paise for each in sums)
