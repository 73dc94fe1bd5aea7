"""Checkpoints kept where whoever has the database cannot change them."""

from collections.abc import Sequence
from typing import Protocol


class CheckpointAnchors(Protocol):
    """Keeps signed notes, each created once and never replaced."""

    async def put(self, size: int, note: str) -> bool:
        """
        Keep the *note* of the checkpoint of *size* lines; return whether it was new.

        One that is kept already stays as it is. Raises ``FilesUnavailable``.
        """
        ...

    async def notes(self) -> Sequence[str]:
        """Return all that are kept, the smallest first. Raises ``FilesUnavailable``."""
        ...
