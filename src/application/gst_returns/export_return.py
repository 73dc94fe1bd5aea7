"""Export the month's GSTR-1 as a file: summed from the issued documents, and refused unless the sums agree."""

import asyncio
from dataclasses import dataclass
from typing import BinaryIO

from domain.gst_returns.gstr1 import Gstr1, ReturnTally
from domain.gst_returns.return_period import ReturnPeriod
from domain.tax.gstin import Gstin
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.gst_returns.document_period import DocumentPeriods
from ports.gst_returns.return_files import ReturnFiles, ReturnFormat, ReturnHead
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReturn:
    unit_of_work: UnitOfWork
    periods: DocumentPeriods
    files: ReturnFiles
    clock: Clock
    seller: Gstin
    version: str

    async def __call__(
        self, period: ReturnPeriod, form: ReturnFormat, to: BinaryIO, origin: Origin
    ) -> Gstr1:
        """
        Write the return of *period* in *form* to *to*, and return its totals.

        Only a few documents are in memory at a time, whatever the size of the month. The export is
        written to the audit log. Raises ``ReturnDoesNotTie`` or ``SnapshotDamaged`` instead of
        writing a wrong return.
        """
        head = ReturnHead(seller=self.seller, period=period, version=self.version)
        tally = ReturnTally(period)
        with self.files.begin(form, head, to) as file:
            async with self.periods(self.seller, period) as register:
                async for document in register.documents():
                    if (line := tally.take(document)) is not None:
                        file.add(line)
                totals = tally.close(await register.runs(), await register.control())
            await asyncio.to_thread(file.finish, totals)
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="return.exported",
                    subject=str(period),
                    facts={"form": form, "total": totals.net.total.plain()},
                )
            )
        return totals
