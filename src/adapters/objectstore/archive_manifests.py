"""Manifests of archived months in the file store: each a file of its own, created once and never replaced."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError

from adapters.objectstore.store import ObjectFiles, unavailable

FOLDER: Final = "audit-archive"
NAME_CHARS: Final = 16


@dataclass(frozen=True, slots=True)
class ObjectManifests:
    """A name holds the month and part of the hash: another manifest of the month lies beside the first."""

    files: ObjectFiles

    async def put(self, month: str, manifest: bytes) -> bool:
        name = f"{FOLDER}/{month}/{sha256(manifest).hexdigest()[:NAME_CHARS]}.json"
        try:
            await obstore.put_async(self.files.get_store(), name, manifest, mode="create")
        except (AlreadyExistsError, FileExistsError):
            return False
        except (BaseError, OSError) as error:
            raise unavailable(error) from error
        return True

    async def manifests_of(self, month: str) -> list[bytes]:
        try:
            store = self.files.get_store()
            found = obstore.list(store, prefix=f"{FOLDER}/{month}")
            names = [each["path"] async for part in found for each in part]
            return [
                bytes(await (await obstore.get_async(store, name)).bytes_async()) for name in names
            ]
        except (NotFoundError, FileNotFoundError):
            return []
        except (BaseError, OSError) as error:
            raise unavailable(error) from error
