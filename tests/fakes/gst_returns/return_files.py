"""A return that is only remembered: its lines, then its totals."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.gst_returns.gstr1 import Gstr1, ListedDocument
from ports.gst_returns.return_files import ReturnFormat, ReturnHead


@dataclass(slots=True)
class RememberedFile:
    head: ReturnHead
    form: ReturnFormat
    to: BinaryIO
    lines: list[ListedDocument] = field(default_factory=list)

    def add(self, line: ListedDocument) -> None:
        self.lines.append(line)

    def finish(self, totals: Gstr1) -> None:
        numbers = [line.number for line in self.lines]
        self.to.write(f"{self.head.period} {self.form} {numbers} {totals.net.total}".encode())


@dataclass(slots=True)
class RememberedFiles:
    begun: list[RememberedFile] = field(default_factory=list)

    @contextmanager
    def begin(self, form: ReturnFormat, head: ReturnHead, to: BinaryIO) -> Iterator[RememberedFile]:
        self.begun.append(RememberedFile(head, form, to))
        yield self.begun[-1]
