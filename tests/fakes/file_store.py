"""Files in a dictionary, which a test may damage or take away."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from ports.file_store import FileDamaged, FileHash, FileLocked, FileMissing, FilesUnavailable


@dataclass(slots=True)
class Shelf:
    files: dict[FileHash, bytes] = field(default_factory=dict)
    away: bool = False
    locked: set[FileHash] = field(default_factory=set)

    async def put(self, content: bytes) -> FileHash:
        self._be_there()
        file = FileHash(hashlib.sha256(content).hexdigest())
        self.files[file] = content
        return file

    async def get(self, file: FileHash) -> bytes:
        self._be_there()
        if file not in self.files:
            raise FileMissing(file)
        content = self.files[file]
        if hashlib.sha256(content).hexdigest() != file:
            raise FileDamaged(file)
        return content

    async def put_file(self, content: BinaryIO) -> FileHash:
        content.seek(0)
        return await self.put(content.read())

    @asynccontextmanager
    async def open(self, file: FileHash) -> AsyncIterator[BinaryIO]:
        yield BytesIO(await self.get(file))

    async def delete(self, file: FileHash) -> None:
        self._be_there()
        if file in self.locked:
            raise FileLocked(file, "its object lock runs")
        self.files.pop(file, None)

    def _be_there(self) -> None:
        if self.away:
            raise FilesUnavailable("the shelf is away")
