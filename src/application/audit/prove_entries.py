"""Prove that the entries about a subject are in the sealed audit log, each by a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.audit.checkpoint import InclusionProof
from domain.audit.merkle_proofs import SpanRoots, inclusion_spans
from domain.audit.merkle_tree import leaf_hash
from domain.audit.signed_note import SignedNote
from domain.audit.trail import TrailBroken
from ports.audit.sealed_log import SealedLog

PROVED_MAX: Final = 1_000
"""Entries about one subject that are proved at once."""


@dataclass(frozen=True, slots=True)
class ProvedLine:
    """The bytes of a sealed line, and the proof that it is in the log."""

    line: bytes
    proof: InclusionProof


@dataclass(frozen=True, slots=True)
class ProveEntries:
    log: SealedLog

    async def __call__(self, subject: str) -> Sequence[ProvedLine]:
        """
        Return the sealed lines about *subject* with their proofs under the last checkpoint, the oldest first.

        Raises ``TrailBroken`` for a line that is not as it was sealed.
        """
        state = await self.log.state()
        about = await self.log.leaves_about(subject, at_most=PROVED_MAX)
        size = state.tree.size
        spans = {index: inclusion_spans(index, size) for index in about if index < size}
        if not spans:
            return []
        roots = SpanRoots(span for each in spans.values() for span in each)
        lines: dict[int, bytes] = {}
        index = 0
        async with self.log.batches() as batches:
            async for batch in batches:
                for leaf, line in zip(batch.leaves, batch.lines, strict=True):
                    if index < size:
                        roots.add(leaf)
                    if index in spans:
                        lines[index] = line or b""
                    index += 1
        note = SignedNote.parse(state.note)
        return [
            _proved(lines[index], InclusionProof(index, roots.roots(each), note))
            for index, each in spans.items()
        ]


def _proved(line: bytes, proof: InclusionProof) -> ProvedLine:
    if not proof.proves(leaf_hash(line)):
        raise TrailBroken(proof.index, "the line is not as it was sealed")
    return ProvedLine(line, proof)
