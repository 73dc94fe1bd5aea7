"""Where finished files lie: each under the hash of what it holds, so that none can be another."""

from typing import NewType, Protocol

from domain.errors import DomainError

FileHash = NewType("FileHash", str)
"""SHA-256 of a file's content, in lower-case hex."""


class FileMissing(DomainError):
    """Nothing lies under this hash."""

    def __init__(self, file: FileHash) -> None:
        self.file = file
        super().__init__(f"no file {file} is kept")


class FileDamaged(DomainError):
    """What lies under this hash does not have it."""

    def __init__(self, file: FileHash) -> None:
        self.file = file
        super().__init__(f"the file kept as {file} is not the one that was put there")


class FilesUnavailable(DomainError):
    """The store cannot be reached or did not answer in time; the same call may be made again later."""


class FileStore(Protocol):
    async def put(self, content: bytes) -> FileHash:
        """
        Keep *content* durably and return its hash; putting the same content again changes nothing.

        What is damaged under that hash is put right. Raises ``FilesUnavailable``.
        """
        ...

    async def get(self, file: FileHash) -> bytes:
        """
        Return what was put under *file*, checked against its hash.

        Raises ``FileMissing``, ``FileDamaged`` or ``FilesUnavailable``.
        """
        ...
