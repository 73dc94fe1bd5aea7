"""Expectations inside a unit of work: a line settles them, and a line that is taken back reopens them."""

from collections.abc import Iterable
from typing import Protocol

from domain.identifiers import PaymentId
from domain.reconciliation.expectation import (
    ExpectationMove,
    ExpectationStanding,
    PlainMove,
)


class ExpectationRegister(Protocol):
    async def of(self, payment: PaymentId) -> ExpectationStanding | None:
        """Return how what is expected of the capture of *payment* stands, None when nothing is."""
        ...

    def move(self, moves: Iterable[ExpectationMove]) -> None:
        """
        Collect *moves*, each expectation at most once.

        All are written or none: the unit ends in ``ChangedMeanwhile`` when one is not as it was read.
        """
        ...

    def settle_plainly(self, move: PlainMove) -> None:
        """
        Collect the settling of many sales by the lines that name them, of equal amounts, in one go.

        The unit ends in ``ChangedMeanwhile`` when their number or gross amount is not that of *move*.
        """
        ...
