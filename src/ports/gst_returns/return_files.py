"""A return as a file that finance can hand in: written line by line, so a month of any size fits."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from domain.gst_returns.gstr1 import Gstr1, ListedDocument
from domain.gst_returns.return_period import ReturnPeriod
from domain.tax.gstin import Gstin


class ReturnFormat(StrEnum):
    JSON = "json"
    """What the portal takes."""

    CSV = "csv"
    """The offline tool's sheets as files in one archive."""

    XLSX = "xlsx"
    """The same sheets as a workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHead:
    """Whose return, for which month, and the version of the offline tool it names."""

    seller: Gstin
    period: ReturnPeriod
    version: str


class ReturnFile(Protocol):
    """One file under way."""

    def add(self, line: ListedDocument) -> None:
        """Write one listed document; those of one buyer, or one place, come one after another."""
        ...

    def finish(self, totals: Gstr1) -> None:
        """Write all that adds up, and the end of the file. It may take a while: call it in a thread."""
        ...


class ReturnFiles(Protocol):
    def begin(
        self, form: ReturnFormat, head: ReturnHead, to: BinaryIO
    ) -> AbstractContextManager[ReturnFile]:
        """
        Begin a return in *form*: ``with files.begin(...) as file``.

        It is written to *to* as it is finished; one that is left unfinished leaves nothing behind.
        """
        ...
