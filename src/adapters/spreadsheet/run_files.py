"""The formats in which a run is exported."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.spreadsheet.run_archive import RunArchive
from adapters.spreadsheet.run_workbook import RunWorkbook
from ports.reconciliation.run_export_files import RunExportFile, RunExportFormat, RunExportHead

FORMS: Final[
    Mapping[RunExportFormat, Callable[[RunExportHead, BinaryIO], RunArchive | RunWorkbook]]
] = {
    RunExportFormat.CSV: RunArchive,
    RunExportFormat.XLSX: RunWorkbook,
}


@dataclass(frozen=True, slots=True)
class SpreadsheetRunFiles:
    @contextmanager
    def begin(
        self, form: RunExportFormat, head: RunExportHead, to: BinaryIO
    ) -> Iterator[RunExportFile]:
        with closing(FORMS[form](head, to)) as file:
            yield file
