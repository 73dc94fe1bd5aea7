"""Keep the last checkpoint where whoever has the database cannot change it."""

from dataclasses import dataclass

from ports.audit.checkpoint_anchors import CheckpointAnchors
from ports.audit.sealed_log import SealedLog


@dataclass(frozen=True, slots=True)
class AnchorCheckpoint:
    log: SealedLog
    anchors: CheckpointAnchors

    async def __call__(self) -> int:
        """Anchor the last checkpoint; return 1 when it was not before. Raises ``FilesUnavailable``."""
        state = await self.log.state()
        if not state.note:
            return 0
        return int(await self.anchors.put(state.tree.size, state.note))
