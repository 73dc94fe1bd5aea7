"""Show how a re-issue differs from what stands, before a person takes or declines it; nothing is changed."""

from dataclasses import dataclass

from domain.settlements.settlement_report import ReissueNotWaiting, ReportState
from ports.file_store import FileHash
from ports.settlements.settlement_files import ReportedDifference, SettlementFiles


@dataclass(frozen=True, slots=True)
class CompareReissue:
    files: SettlementFiles

    async def __call__(self, file: FileHash, settlement: str) -> ReportedDifference:
        """
        Return how the re-issue of *settlement* in *file*, which waits or was declined, differs from what counts.

        Raises ``NotFound``, ``ReissueNotWaiting`` and ``StorageUnavailable``.
        """
        async with self.files.importing(file) as work:
            undecided = {
                each.totals.key
                for each in work.file.reports
                if each.state in {ReportState.WAITING, ReportState.DECLINED}
            }
            if settlement not in undecided:
                raise ReissueNotWaiting(settlement)
            return await work.difference(settlement)
