"""The formats in which a return can be filed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.spreadsheet.portal_file import PortalFile
from adapters.spreadsheet.sheet_files import SheetFiles
from adapters.spreadsheet.workbook import WorkbookFile
from ports.gst_returns.return_files import ReturnFile, ReturnFormat, ReturnHead

FORMS: Final[
    Mapping[ReturnFormat, Callable[[ReturnHead, BinaryIO], PortalFile | SheetFiles | WorkbookFile]]
] = {
    ReturnFormat.JSON: PortalFile,
    ReturnFormat.CSV: SheetFiles,
    ReturnFormat.XLSX: WorkbookFile,
}


@dataclass(frozen=True, slots=True)
class SpreadsheetReturnFiles:
    @contextmanager
    def begin(self, form: ReturnFormat, head: ReturnHead, to: BinaryIO) -> Iterator[ReturnFile]:
        with closing(FORMS[form](head, to)) as file:
            yield file
