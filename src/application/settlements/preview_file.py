"""Show how a settlement file or statement would be read, and keep nothing."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow
from domain.settlements.settlement_line import SettlementLine
from ports.file_store import FileHash
from ports.settlements.bank_statement_reader import BankStatementReader, StatementReport
from ports.settlements.settlement_file_reader import (
    FileSummary,
    SettlementFileReader,
)

CHUNK_BYTES: Final = 1024 * 1024
"""Of a file so much is in memory at once."""

SHOWN_MAX: Final = 20
"""So many lines, and rejected rows, a person is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """What a file comes to, with its first lines and rejected rows."""

    sha256: FileHash
    summary: FileSummary
    lines: Sequence[SettlementLine]
    rejected: Sequence[RejectedRow]


@dataclass(frozen=True, slots=True)
class PreviewSettlementFile:
    reader: SettlementFileReader
    statement_reader: BankStatementReader

    async def __call__(
        self, name: str, content: BinaryIO, *, preset: str | None = None, mid: str | None = None
    ) -> FilePreview:
        """Return how *content* is read as a settlement file. Raises ``SettlementFileRefused``."""
        return await asyncio.to_thread(self._read, name, content, preset, mid)

    async def of_statement(
        self, name: str, content: bytes, *, preset: str | None = None
    ) -> tuple[FileHash, StatementReport]:
        """Return how *content* is read as a statement, and its hash. Raises ``SettlementFileRefused``."""
        report = await asyncio.to_thread(
            self.statement_reader.read, BytesIO(content), name, preset=preset
        )
        return hash_of(content), report

    def _read(
        self, name: str, content: BinaryIO, preset: str | None, mid: str | None
    ) -> FilePreview:
        lines: list[SettlementLine] = []
        rejected: list[RejectedRow] = []
        with self.reader.read(content, name, preset=preset, mid=mid) as reading:
            for item in reading.items():
                if isinstance(item, KeyedLine) and len(lines) < SHOWN_MAX:
                    lines.append(item.line)
                elif isinstance(item, RejectedRow) and len(rejected) < SHOWN_MAX:
                    rejected.append(item)
            summary = reading.summary()
        return FilePreview(
            sha256=hash_of_file(content), summary=summary, lines=lines, rejected=rejected
        )


def hash_of(content: bytes) -> FileHash:
    """Return the hash under which *content* would be kept."""
    return FileHash(hashlib.sha256(content).hexdigest())


def hash_of_file(content: BinaryIO) -> FileHash:
    """Return likewise the hash of a file, which is rewound."""
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    content.seek(0)
    return FileHash(digest.hexdigest())
