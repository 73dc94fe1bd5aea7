"""The server keys: kept whole, saved only if nobody changed them since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from domain.sign_in.server_key import ServerKey, ServerKeyId

KEYS_MAX: Final = 100
"""More that are neither revoked nor expired are not added."""


class ServerKeyWrites(Protocol):
    """The unit of work's part for server keys."""

    def save(self, key: ServerKey) -> None:
        """
        Collect *key*, new when its version is 0; afterwards only its secrets and its end are written.

        The unit ends in ``ChangedMeanwhile`` when it was saved since it was read.
        """
        ...


class ServerKeys(Protocol):
    async def all(self) -> Sequence[ServerKey]:
        """Return every key, the oldest first."""
        ...

    async def get(self, key: ServerKeyId) -> ServerKey:
        """Return the key, or raise ``NotFound``."""
        ...

    async def note_use(self, key: ServerKeyId, at: datetime) -> None:
        """Keep that *key* was used *at* this instant, unless it was used later; its version stays."""
        ...
