"""Files in a folder or in S3-compatible object storage: one address says which."""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from ports.file_store import FileDamaged, FileHash, FileMissing, FilesUnavailable

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=20)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Object storage as an operator names it; *endpoint* is empty for the cloud's own."""

    name: str
    region: str
    access_key: str
    secret_key: str
    endpoint: str = ""
    prefix: str = ""


def in_folder(folder: Path) -> "ObjectFiles":
    """Return the files in *folder*, which is made by the first call that needs it."""

    @cache
    def opened() -> ObjectStore:
        return LocalStore(folder.resolve(), mkdir=True, automatic_cleanup=False)

    return ObjectFiles(opened)


def in_bucket(bucket: Bucket) -> "ObjectFiles":
    s3 = partial(
        S3Store,
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        client_options={
            # The operator's own storage may stand beside us without a certificate.
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": PATIENCE,
        },
        retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
    )
    store = s3(endpoint=bucket.endpoint) if bucket.endpoint else s3()
    return ObjectFiles(lambda: store)


@dataclass(frozen=True, slots=True)
class ObjectFiles:
    """
    *opened* returns the store, made when it is first needed: a folder that cannot be made is a store
    that is away, and no reason not to take payments.
    """

    opened: Callable[[], ObjectStore]

    async def put(self, content: bytes) -> FileHash:
        file = FileHash(hashlib.sha256(content).hexdigest())
        try:
            # A put replaces as a whole: no reader sees half a file, and what was damaged is mended.
            await obstore.put_async(self.opened(), _place(file), content)
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error
        return file

    async def get(self, file: FileHash) -> bytes:
        if not _HASH.fullmatch(file):
            raise FileMissing(file)
        try:
            found = await obstore.get_async(self.opened(), _place(file))
            content = bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise FileMissing(file) from None
        except (BaseError, OSError) as error:
            raise _unavailable(error) from error
        if hashlib.sha256(content).hexdigest() != file:
            raise FileDamaged(file)
        return content


def _place(file: str) -> str:
    """Return where *file* lies; two letters ahead keep a folder from growing beyond what tools bear."""
    return f"{file[:2]}/{file}"


def _unavailable(error: Exception) -> FilesUnavailable:
    # The library's text names hosts and buckets; the kind is enough for a log.
    reason = type(error).__name__
    log.warning("file_store.unreachable", extra={"dependency": "files", "reason": reason})
    return FilesUnavailable(f"the file store did not answer: {reason}")
