"""A month of the register in memory: a snapshot of what was there when it was opened."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.documents.tax_document import DocumentKind, Heads, RegisteredDocument, sum_of
from domain.gst_returns.gstr1 import SeriesRun, Sums
from domain.gst_returns.return_period import ReturnPeriod
from domain.money import ZERO, Money
from domain.tax.gstin import Gstin
from fakes.store import Store


@dataclass(frozen=True, slots=True)
class MemoryDocumentPeriod:
    found: Sequence[RegisteredDocument]
    mistaken_by: Money = ZERO

    async def documents(self) -> AsyncIterator[RegisteredDocument]:
        for known in sorted(self.found, key=_by_buyer):
            await asyncio.sleep(0)
            yield known

    async def runs(self) -> Sequence[SeriesRun]:
        runs: list[list[RegisteredDocument]] = []
        for known in sorted(self.found, key=lambda one: one.document.number):
            if known.document.kind is DocumentKind.COMMERCIAL_CREDIT:
                continue
            if runs and _follows(runs[-1][-1], known):
                runs[-1].append(known)
            else:
                runs.append([known])
        found = [
            SeriesRun(
                kind=run[0].document.kind,
                first=str(run[0].document.number),
                last=str(run[-1].document.number),
                total=len(run),
                cancelled=sum(one.cancelled is not None for one in run),
            )
            for run in runs
        ]
        return sorted(found, key=lambda run: run.first)

    async def control(self) -> Sums:
        standing = [one.document for one in self.found if one.cancelled is None]
        sold = sum_of(one.heads for one in standing if not one.kind.credits)
        back = sum_of(one.heads for one in standing if one.kind is DocumentKind.CREDIT_NOTE)
        return Sums(
            taxable=_less(sold, back, "taxable") + self.mistaken_by,
            cgst=_less(sold, back, "cgst"),
            sgst=_less(sold, back, "sgst"),
            igst=_less(sold, back, "igst"),
        )


@dataclass(slots=True)
class MemoryDocumentPeriods:
    """*mistaken_by*, planned by a test, puts what is kept beside the documents at odds with them."""

    store: Store
    mistaken_by: Money = ZERO

    @asynccontextmanager
    async def __call__(
        self, seller: Gstin, period: ReturnPeriod
    ) -> AsyncIterator[MemoryDocumentPeriod]:
        yield MemoryDocumentPeriod(
            [
                known
                for known in self.store.documents
                if known.document.particulars.company.gstin == seller
                and known.document.particulars.date in period
            ],
            self.mistaken_by,
        )


def _by_buyer(known: RegisteredDocument) -> tuple[bool, str, str, str]:
    said = known.document.particulars
    gstin = said.buyer.gstin.text if said.buyer.gstin else ""
    return not gstin, gstin, said.place.code, str(known.document.number)


def _follows(before: RegisteredDocument, after: RegisteredDocument) -> bool:
    one, other = before.document.number, after.document.number
    return (one.series, one.year, one.sequence + 1) == (other.series, other.year, other.sequence)


def _less(sold: Heads, back: Heads, head: str) -> Money:
    return Money(getattr(sold, head).paise - getattr(back, head).paise)
