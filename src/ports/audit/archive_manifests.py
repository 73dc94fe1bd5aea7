"""Manifests of archived months, kept beside their files."""

from collections.abc import Sequence
from typing import Protocol


class ArchiveManifests(Protocol):
    """Keeps manifests, each created once and never replaced."""

    async def put(self, month: str, manifest: bytes) -> bool:
        """Keep a *manifest* of *month*; return whether it was new. Raises ``FilesUnavailable``."""
        ...

    async def manifests_of(self, month: str) -> Sequence[bytes]:
        """Return all that are kept of *month*, in no order. Raises ``FilesUnavailable``."""
        ...
