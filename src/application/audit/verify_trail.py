"""Verify the sealed audit trail as the database holds it now, against its checkpoints and its anchors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.audit.read_archive import ReadArchive, whole_batches
from domain.audit.trail import NoteCheck, TrailBroken, TrailCheck
from ports.audit.sealed_log import SealedLog

STRAYS_NAMED_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFound:
    """
    A whole trail of *size* lines, compared with *anchored* checkpoints that are kept elsewhere.

    Lines from one index of *gone* to the other were deleted when their retention had ended.
    """

    size: int
    anchored: int
    gone: range = range(0)


@dataclass(frozen=True, slots=True)
class VerifyTrail:
    """*archive* has the lines that have left the database, None where none was ever archived."""

    log: SealedLog
    check_note: NoteCheck
    archive: ReadArchive | None = None

    async def __call__(self, anchors: Sequence[str] = ()) -> TrailFound:
        """Return what is whole, or raise ``TrailBroken`` with the first index that is not."""
        # Entries are sealed while it is verified: what was sealed before is what has to be whole.
        try:
            before = await self.log.state()
        except ValueError as damage:
            raise TrailBroken(0, f"the last checkpoint is damaged: {damage}") from None
        ended = 0 if self.archive is None else await self.archive.ended()
        check = TrailCheck(self.check_note, anchors, ended=ended)
        async with whole_batches(self.log, self.archive) as batches:
            async for batch in batches:
                check.take(batch)
        size = check.finish()
        strays = await self.log.strays(before, at_most=STRAYS_NAMED_MAX)
        if strays:
            named = ", ".join(map(str, strays))
            raise TrailBroken(size, f"entries were inserted among those that are sealed: {named}")
        return TrailFound(size=size, anchored=check.anchored, gone=check.gone)
