"""Parts of the sealed audit log: which lines were sealed by when, and these lines themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.audit.trail import SealedBatch
from ports.audit.sealed_log import SealState


class SealedSpans(Protocol):
    async def next_sealed(self, size: int) -> datetime | None:
        """Return when the first checkpoint of more than *size* lines was signed, None when there is none yet."""
        ...

    async def last_before(self, at: datetime) -> SealState:
        """Return what was sealed by the largest checkpoint that was signed before *at*."""
        ...

    async def state_of(self, size: int) -> SealState:
        """Return what was sealed by the checkpoint of *size* lines, which there is; nothing is sealed at 0."""
        ...

    async def lines(self, span: range) -> SealedBatch:
        """Return the leaves in *span* with their lines, and no note; a line that is gone is None."""
        ...

    async def leaves(self, span: range) -> Sequence[bytes]:
        """Return the leaves in *span*."""
        ...
