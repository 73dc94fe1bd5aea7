"""A GST return as a file to submit, written line by line, so that a month of any size fits in memory."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from domain.gst_returns.gstr1 import Gstr1, ListedDocument
from domain.gst_returns.return_period import ReturnPeriod
from domain.tax.gstin import Gstin


class ReturnFormat(StrEnum):
    JSON = "json"
    """What the GST portal accepts."""

    CSV = "csv"
    """The sheets of the GSTR-1 offline tool as CSV files in one ZIP archive."""

    XLSX = "xlsx"
    """The same sheets as a workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHead:
    """Whose return, for which month, and which version of the offline tool the file names."""

    seller: Gstin
    period: ReturnPeriod
    version: str


class ReturnFile(Protocol):
    """One file that is being written."""

    def add(self, line: ListedDocument) -> None:
        """Write one listed document; those of one buyer, or of one place of supply, follow one another."""
        ...

    def finish(self, totals: Gstr1) -> None:
        """Write the totals and the end of the file. This blocks, maybe for seconds: call it in a thread."""
        ...


class ReturnFiles(Protocol):
    def begin(
        self, form: ReturnFormat, head: ReturnHead, to: BinaryIO
    ) -> AbstractContextManager[ReturnFile]:
        """
        Begin a return in *form*: ``with files.begin(...) as file``.

        The file is whole in *to* after ``finish``; resources are freed when the block ends without it.
        """
        ...
