"""The documents of one month, read in one snapshot, so that all figures of a return belong together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.documents.tax_document import RegisteredDocument
from domain.gst_returns.gstr1 import SeriesRun, Sums
from domain.gst_returns.return_period import ReturnPeriod
from domain.tax.gstin import Gstin


class DocumentPeriod(Protocol):
    def documents(self) -> AsyncIterator[RegisteredDocument]:
        """
        Yield every document dated in the month, cancelled ones included; a few are in memory at a time.

        They are ordered by the buyer's GSTIN (those without one last), place of supply, and number.
        """
        ...

    async def runs(self) -> Sequence[SeriesRun]:
        """Return the runs of consecutive numbers among them, by number; commercial credits are in no run."""
        ...

    async def control(self) -> Sums:
        """Return invoices minus credit notes, summed by the database from its own columns, as a control."""
        ...


class DocumentPeriods(Protocol):
    def __call__(
        self, seller: Gstin, period: ReturnPeriod
    ) -> AbstractAsyncContextManager[DocumentPeriod]:
        """Begin to read *period* of *seller*; documents issued after that are not seen."""
        ...
