"""What a run writes of the expectations: a line settles them, and a line that is taken back reopens them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PaymentId
from domain.money import Money
from domain.reconciliation.reported import LineRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationMove:
    """
    An expectation of a payment, or of its *refund*, as it was read and as it is to be.

    *amount* and *was* are those with which it was read; *by* is the line that settles it, None where it
    is open again.
    """

    payment: PaymentId
    refund: str
    amount: Money
    was: LineRef | None
    by: LineRef | None


class ExpectationWrites(Protocol):
    def move(self, moves: Iterable[ExpectationMove]) -> None:
        """
        Collect *moves*, each expectation at most once.

        All are written or none: the unit ends in ``ChangedMeanwhile`` when one is not as it was read.
        """
        ...
