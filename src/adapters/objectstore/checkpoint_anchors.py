"""Checkpoints in the file store: each a file of its own, created once and never replaced."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError

from adapters.objectstore.store import ObjectFiles, unavailable

FOLDER: Final = "audit-checkpoints"
NAME_CHARS: Final = 16


@dataclass(frozen=True, slots=True)
class ObjectAnchors:
    """
    In a bucket with a default retention (object lock) nobody can delete what is kept, whoever has our keys.

    A name holds the size and part of the hash: another checkpoint of the same size lies beside the first.
    """

    files: ObjectFiles

    async def put(self, size: int, note: str) -> bool:
        content = note.encode()
        name = f"{FOLDER}/{size:020d}-{sha256(content).hexdigest()[:NAME_CHARS]}"
        try:
            await obstore.put_async(self.files.get_store(), name, content, mode="create")
        except (AlreadyExistsError, FileExistsError):
            return False
        except (BaseError, OSError) as error:
            raise unavailable(error) from error
        return True

    async def notes(self) -> list[str]:
        try:
            store = self.files.get_store()
            found = [each async for part in obstore.list(store, prefix=FOLDER) for each in part]
            names = sorted(each["path"] for each in found)
            return [
                bytes(await (await obstore.get_async(store, name)).bytes_async()).decode(
                    errors="replace"
                )
                for name in names
            ]
        except (NotFoundError, FileNotFoundError):
            return []
        except (BaseError, OSError) as error:
            raise unavailable(error) from error
