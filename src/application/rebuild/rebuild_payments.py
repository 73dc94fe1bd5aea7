"""Rebuild payments from what is kept of them, and compare the books: a difference stands until it has healed."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import PaymentId
from domain.rebuild.differences import (
    Comparison,
    Difference,
    DifferenceKind,
    compare_payment,
)
from ports.clock import Clock
from ports.rebuild.booked_payments import BookedPage, BookedPayments, DifferenceRegister

log = logging.getLogger(__name__)

NIGHTLY_SINCE: Final = timedelta(days=2)
"""A day and one more: what is changed by hand after a night is found by the next, and one missed night is made up."""

UPGRADE_MAX: Final = timedelta(days=1)
"""For so long after the first basis was kept, processes of the release before may write without one."""

BATCH_MAX: Final = 200
"""Payments that one statement reads."""

SHOWN_MAX: Final = 1_000
"""Payments with differences that are named; all of them are recorded."""

UNREADABLE: Final = Difference(
    kind=DifferenceKind.BASIS, books="what no payment can be", rebuilt="a payment"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """
    How many payments were compared, and those that differ; *differing* counts all, *shown* has the first.

    Of *not_rebuilt* not all is kept: they began before it was.
    """

    compared: int = 0
    not_rebuilt: int = 0
    differing: int = 0
    shown: Sequence[Comparison] = ()

    def with_(self, comparisons: Sequence[Comparison]) -> "RebuildReport":
        found = [each for each in comparisons if each.differences]
        return RebuildReport(
            compared=self.compared + sum(each.is_rebuilt for each in comparisons),
            not_rebuilt=self.not_rebuilt + sum(not each.is_rebuilt for each in comparisons),
            differing=self.differing + len(found),
            shown=[*self.shown, *found][:SHOWN_MAX],
        )


@dataclass(frozen=True, slots=True)
class RebuildPayments:
    books: BookedPayments
    register: DifferenceRegister
    clock: Clock

    async def since(self, since: datetime) -> RebuildReport:
        """
        Rebuild every payment that a use case changed at *since* (UTC) or later, and all that differed before.

        A batch is in memory at a time. Raises ``StorageUnavailable``.
        """
        return await self._compared(self._changed(since))

    async def named(self, payments: Sequence[PaymentId]) -> RebuildReport:
        """Rebuild *payments*; one that is not there is none of the compared. Raises ``StorageUnavailable``."""
        return await self._compared(self._named(payments))

    async def nightly(self) -> int:
        """Rebuild what was changed of late; return 0: nothing is left to do. Raises ``StorageUnavailable``."""
        report = await self.since(self.clock.now() - NIGHTLY_SINCE)
        if report.differing:
            log.error("rebuild.differs", extra={"count": report.differing})
        return 0

    async def _compared(self, pages: AsyncIterator[BookedPage]) -> RebuildReport:
        first = await self.books.kept_since()
        complete_from = self.clock.now() if first is None else first + UPGRADE_MAX
        report, seen = RebuildReport(), set[PaymentId]()
        async for page in pages:
            comparisons = [
                *(compare_payment(each, complete_from=complete_from) for each in page.items),
                *(Comparison(payment=each, differences=(UNREADABLE,)) for each in page.unreadable),
            ]
            await self._record(comparisons)
            # What differed before is read first, and may have changed since as well.
            report = report.with_([each for each in comparisons if each.payment not in seen])
            seen |= {each.payment for each in comparisons if each.differences}
        return report

    async def _record(self, comparisons: Sequence[Comparison]) -> None:
        await self.register.record(
            {each.payment: each.differences for each in comparisons if each.differences},
            [each.payment for each in comparisons if not each.differences],
            self.clock.now(),
        )

    async def _changed(self, since: datetime) -> AsyncIterator[BookedPage]:
        async for page in self._known():
            yield page
        after = 0
        while True:
            page = await self.books.changed_since(since, after=after, at_most=BATCH_MAX)
            yield page
            if page.next is None:
                return
            after = page.next

    async def _known(self) -> AsyncIterator[BookedPage]:
        after = ""
        while known := await self.register.known(after=after, at_most=BATCH_MAX):
            yield await self.books.named([each.payment for each in known])
            after = known[-1].payment

    async def _named(self, payments: Sequence[PaymentId]) -> AsyncIterator[BookedPage]:
        for first in range(0, len(payments), BATCH_MAX):
            yield await self.books.named(payments[first : first + BATCH_MAX])
