"""A month of the register, read in one go, so that every figure of a return is of one moment."""

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
        Yield every document dated in the month, cancelled ones included, a few at a time.

        By the buyer's GSTIN (those without behind all others), then place of supply, then number.
        """
        ...

    async def runs(self) -> Sequence[SeriesRun]:
        """Return the runs of consecutive numbers among them, by number; commercial credits have none."""
        ...

    async def control(self) -> Sums:
        """Return invoices less credit notes, added up from what was kept beside the documents."""
        ...


class DocumentPeriods(Protocol):
    def __call__(
        self, seller: Gstin, period: ReturnPeriod
    ) -> AbstractAsyncContextManager[DocumentPeriod]:
        """Open *period* of *seller*: what is issued meanwhile is not seen."""
        ...
