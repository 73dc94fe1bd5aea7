"""The store of finished files: each is kept under the hash of its content and never changes."""

from contextlib import AbstractAsyncContextManager
from typing import BinaryIO, NewType, Protocol

from domain.errors import DomainError

FileHash = NewType("FileHash", str)
"""SHA-256 of a file's content, in lower-case hex."""


class FileMissing(DomainError):
    """No file is stored under this hash."""

    def __init__(self, file: FileHash) -> None:
        self.file = file
        super().__init__(f"no file {file} is kept")


class FileDamaged(DomainError):
    """The content stored under this hash has another hash."""

    def __init__(self, file: FileHash) -> None:
        self.file = file
        super().__init__(f"the file kept as {file} is not the one that was put there")


class FilesUnavailable(DomainError):
    """The store cannot be reached or did not answer in time; the same call may be made again later."""


class FileLocked(DomainError):
    """The store keeps the file for now: its object lock runs, or it does not let us delete."""

    def __init__(self, file: FileHash, why: str) -> None:
        self.file = file
        super().__init__(f"the file {file} is kept by the store: {why}")


class FileStore(Protocol):
    async def put(self, content: bytes) -> FileHash:
        """
        Store *content* durably and return its hash; storing the same content again changes nothing.

        A damaged file under that hash is replaced. Raises ``FilesUnavailable``.
        """
        ...

    async def put_file(self, content: BinaryIO) -> FileHash:
        """Store the whole of *content*, which can be rewound, likewise; it is not held in memory."""
        ...

    async def get(self, file: FileHash) -> bytes:
        """
        Return the content stored under *file*, checked against its hash.

        Raises ``FileMissing``, ``FileDamaged`` or ``FilesUnavailable``.
        """
        ...

    def open(self, file: FileHash) -> AbstractAsyncContextManager[BinaryIO]:
        """
        Give the content stored under *file* as a file that can be rewound: ``async with store.open(file) as content``.

        It is whole and checked when the block begins, and not held in memory. Raises what ``get`` does.
        """
        ...

    async def delete(self, file: FileHash) -> None:
        """
        Take the file stored under *file* out of the store; one that is not there stays away.

        Raises ``FileLocked`` while the store keeps it, and then it stays whole, and ``FilesUnavailable``.
        """
        ...
