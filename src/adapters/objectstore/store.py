"""Store files in a folder or in S3-compatible object storage."""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import httpx
import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError
from obstore.store import LocalStore, ObjectStore, S3Store

from adapters.objectstore.object_lock import lock_of
from ports.file_store import FileDamaged, FileHash, FileLocked, FileMissing, FilesUnavailable

log = logging.getLogger(__name__)

FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
TIMEOUT: Final = timedelta(seconds=20)
CHUNK_BYTES: Final = 1024 * 1024
"""Of a large file so much is in memory at once."""

PART_BYTES: Final = 5 * 1024 * 1024
"""What is larger is put part by part; S3 takes no smaller one but as the last."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of object storage; an empty *endpoint* means the default of the cloud provider."""

    name: str
    region: str
    access_key: str
    secret_key: str
    endpoint: str = ""
    prefix: str = ""


def in_folder(folder: Path) -> "ObjectFiles":
    """Return a store in *folder*; the first call creates the folder."""

    @cache
    def local_store() -> ObjectStore:
        return LocalStore(folder.resolve(), mkdir=True, automatic_cleanup=False)

    return ObjectFiles(local_store, folder)


def in_bucket(bucket: Bucket) -> "ObjectFiles":
    s3 = partial(
        S3Store,
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        # S3 refuses what comes without one where the bucket has a default retention (object lock).
        checksum_algorithm="SHA256",
        client_options={
            # Storage in the operator's own network may have no certificate.
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": TIMEOUT,
        },
        retry_config={"max_retries": 2, "retry_timeout": TIMEOUT},
    )
    store = s3(endpoint=bucket.endpoint) if bucket.endpoint else s3()
    return ObjectFiles(lambda: store)


@dataclass(frozen=True, slots=True)
class ObjectFiles:
    """
    *get_store* returns the store and creates it on its first call.

    A folder that cannot be created is an unavailable store, and no reason to refuse payments.
    """

    get_store: Callable[[], ObjectStore]
    folder: Path | None = None
    """Where the files lie, when it is a folder: only our user and group may read it."""

    async def put(self, content: bytes) -> FileHash:
        file = FileHash(hashlib.sha256(content).hexdigest())
        await self._put(file, content)
        return file

    async def put_file(self, content: BinaryIO) -> FileHash:
        file = FileHash(await asyncio.to_thread(_hash_of, content))
        await self._put(file, content)
        return file

    async def _put(self, file: FileHash, content: bytes | BinaryIO) -> None:
        try:
            if self.folder is not None:
                await asyncio.to_thread(
                    _close_to_others, self.folder / _path(file).partition("/")[0]
                )
            # A put replaces the whole file: no reader sees half of it, and a damaged file is repaired.
            await obstore.put_async(
                self.get_store(),
                _path(file),
                content,
                chunk_size=PART_BYTES if self.folder is None else CHUNK_BYTES,
                max_concurrency=1,
            )
            if self.folder is not None:
                await asyncio.to_thread((self.folder / _path(file)).chmod, FILE_MODE)
        except (BaseError, OSError) as error:
            raise unavailable(error) from error

    async def get(self, file: FileHash) -> bytes:
        if not _HASH.fullmatch(file):
            raise FileMissing(file)
        try:
            found = await obstore.get_async(self.get_store(), _path(file))
            content = bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise FileMissing(file) from None
        except (BaseError, OSError) as error:
            raise unavailable(error) from error
        if hashlib.sha256(content).hexdigest() != file:
            raise FileDamaged(file)
        return content

    @asynccontextmanager
    async def open(self, file: FileHash) -> AsyncIterator[BinaryIO]:
        if not _HASH.fullmatch(file):
            raise FileMissing(file)
        with TemporaryFile() as kept:
            digest = hashlib.sha256()
            try:
                found = await obstore.get_async(self.get_store(), _path(file))
                async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                    digest.update(chunk)
                    await asyncio.to_thread(kept.write, chunk)
            except (NotFoundError, FileNotFoundError):
                raise FileMissing(file) from None
            except (BaseError, OSError) as error:
                raise unavailable(error) from error
            if digest.hexdigest() != file:
                raise FileDamaged(file)
            kept.seek(0)
            yield kept

    async def delete(self, file: FileHash) -> None:
        if not _HASH.fullmatch(file):
            return
        store = self.get_store()
        try:
            # S3 refuses nothing here: where versions are kept it hides the file behind a mark, locked or not.
            if isinstance(store, S3Store) and (lock := await lock_of(store, _path(file), TIMEOUT)):
                raise FileLocked(file, lock)
            await obstore.delete_async(store, _path(file))
        except (NotFoundError, FileNotFoundError):
            return
        except PermissionDeniedError as refused:
            raise FileLocked(file, "it does not let us delete") from refused
        except (BaseError, OSError, httpx.HTTPError) as error:
            raise unavailable(error) from error


def unavailable(error: Exception) -> FilesUnavailable:
    # The library's text names hosts and buckets; the type of the error is enough for a log.
    reason = type(error).__name__
    log.warning("file_store.unreachable", extra={"dependency": "files", "reason": reason})
    return FilesUnavailable(f"the file store did not answer: {reason}")


def _hash_of(content: BinaryIO) -> str:
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def _close_to_others(shelf: Path) -> None:
    """Create the folder *shelf* within the store, and take both from those who are not of our group."""
    shelf.parent.parent.mkdir(parents=True, exist_ok=True)
    for each in (shelf.parent, shelf):
        each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        # A folder of another user, such as a mounted one, keeps the mode that its owner gave it.
        with suppress(PermissionError):
            each.chmod(FOLDER_MODE)


def _path(file: str) -> str:
    """Return the path of *file*; folders of its first two characters keep each folder small."""
    return f"{file[:2]}/{file}"
