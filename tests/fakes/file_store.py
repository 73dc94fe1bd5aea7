"""Files in a dictionary, which a test may damage or take away."""

import hashlib
from dataclasses import dataclass, field

from ports.file_store import FileDamaged, FileHash, FileMissing, FilesUnavailable


@dataclass(slots=True)
class Shelf:
    files: dict[FileHash, bytes] = field(default_factory=dict)
    away: bool = False

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

    def _be_there(self) -> None:
        if self.away:
            raise FilesUnavailable("the shelf is away")
