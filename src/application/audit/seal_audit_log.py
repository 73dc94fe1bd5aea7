"""Seal what was added to the audit log: hash its lines into the tree, and sign the new root."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from domain.audit.checkpoint import Checkpoint
from domain.audit.logged_line import LoggedLine
from domain.audit.merkle_tree import leaf_hash
from domain.audit.signed_note import SignedNote
from domain.errors import ChangedMeanwhile
from ports.audit.checkpoint_signer import CheckpointSigner
from ports.audit.sealed_log import NewLeaf, SealedLog, SealState
from ports.clock import Clock

LINES_PER_SEAL_MAX: Final = 2_000
"""Of one checkpoint; as many as are hashed and written in well under a second."""


@dataclass(frozen=True, slots=True)
class SealAuditLog:
    """*signer* is None where no key is set: then nothing is sealed, which the health of the system shows."""

    log: SealedLog
    signer: CheckpointSigner | None
    new_salt: Callable[[], bytes]
    clock: Clock

    async def __call__(self) -> int:
        """
        Seal one batch outside of every money transaction; return how many entries it had.

        Whoever is slower than another that seals leaves it to that one. Raises ``StorageUnavailable``.
        """
        if self.signer is None:
            return 0
        state = await self.log.state()
        unsealed = await self.log.unsealed(state, at_most=LINES_PER_SEAL_MAX)
        if not unsealed.lines:
            return 0
        leaves = [self._leaf(each) for each in unsealed.lines]
        tree = state.tree.extended(each.leaf for each in leaves)
        checkpoint = Checkpoint(
            origin=self.signer.keys[0].name,
            size=tree.size,
            root=tree.root,
            before=state.tree.size,
        )
        note = str(SignedNote(checkpoint.text, self.signer.sign(checkpoint.text)))
        sealed = SealState(tree=tree, note=note, position=unsealed.position)
        try:
            await self.log.append(state, leaves, sealed, self.clock.now())
        except ChangedMeanwhile:
            return 0
        return len(leaves)

    def _leaf(self, logged: LoggedLine) -> NewLeaf:
        salt = self.new_salt()
        digest = logged.digest(salt)
        leaf = leaf_hash(logged.under(digest))
        return NewLeaf(entry=logged.entry, leaf=leaf, salt=salt, digest=digest)
