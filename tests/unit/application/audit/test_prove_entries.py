"""Entries are proved one by one, and checkpoints are kept elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from application.audit.anchor_checkpoint import AnchorCheckpoint
from application.audit.prove_entries import ProveEntries
from domain.audit.checkpoint import InclusionProof
from domain.audit.merkle_proofs import Span, SpanLeaves
from domain.audit.merkle_tree import CompactRange, leaf_hash
from domain.audit.trail import TrailBroken
from fakes.audit.checkpoint_anchors import MemoryAnchors
from fakes.audit.sealed_log import MemorySealedLog
from fakes.audit.sealing import CHECK_NOTE, seal
from fakes.memory import Memory
from ports.audit.sealed_log import SealState
from unit.application.audit.test_seal_audit_log import log


async def test_each_entry_about_a_subject_is_proved() -> None:
    """
    Its line and its proof are believed with nothing but the public key.
    """
    memory = Memory()
    for count in (3, 5, 2):
        await log(memory, count)
        await seal(memory.sealed_log)()

    found = await ProveEntries(memory.sealed_log)("1")

    assert [each.proof.index for each in found] == [1, 4, 9]
    for each in found:
        proof = InclusionProof.parse(str(each.proof))
        assert CHECK_NOTE(str(proof.checkpoint)).size == 10
        assert proof.proves(leaf_hash(each.line))
    assert await ProveEntries(memory.sealed_log)("nobody") == []


async def test_a_changed_entry_is_not_proved() -> None:
    """
    Whoever asks is told where the log is broken.
    """
    memory = Memory()
    await log(memory, 3)
    await seal(memory.sealed_log)()
    memory.store.audit[1] = replace(memory.store.audit[1], action="b")

    with pytest.raises(TrailBroken) as broken:
        await ProveEntries(memory.sealed_log)("1")
    assert broken.value.index == 1


@dataclass(frozen=True, slots=True)
class CountedLog(MemorySealedLog):
    """Counts what was read of the leaves: how often, and how many hashes."""

    reads: list[int] = field(default_factory=list)

    async def leaves_of(self, spans: Sequence[Span]) -> Sequence[SpanLeaves]:
        parts = await MemorySealedLog.leaves_of(self, spans)
        self.reads.append(sum(len(each.leaves) for each in parts))
        return parts


async def test_a_proof_reads_as_much_of_a_long_log_as_of_a_short_one() -> None:
    """
    Of each level of the tree no more leaves than one checkpoint seals, and no line but its own.
    """
    memory, batch = Memory(), 4
    for _ in range(64):
        await log(memory, batch)
        await seal(memory.sealed_log)()
    memory.store.audit[77] = replace(memory.store.audit[77], subject="mine")
    sealed = CountedLog(memory.store)

    with pytest.raises(TrailBroken):
        # It was changed after it was sealed: all was read all the same.
        await ProveEntries(sealed)("mine")

    levels = 8
    assert len(sealed.reads) == 1
    assert 0 < sealed.reads[0] <= levels * batch < 64 * batch / 4


async def test_leaves_that_are_gone_break_the_log() -> None:
    """
    Whoever asks for a proof is told where.
    """
    memory = Memory()
    await log(memory, 3)
    await seal(memory.sealed_log)()

    class Gone(MemorySealedLog):
        async def leaves_of(self, spans: Sequence[Span]) -> Sequence[SpanLeaves]:
            return [SpanLeaves(CompactRange(), ()) for _ in spans]

    with pytest.raises(TrailBroken, match="gone"):
        await ProveEntries(Gone(memory.store))("1")


class SealedMeanwhile(MemorySealedLog):
    async def state(self) -> SealState:
        return self.store.seals[0][0]


async def test_what_is_sealed_meanwhile_is_left_out() -> None:
    """
    Proofs are under one checkpoint: later entries are proved the next time.
    """
    memory = Memory()
    for _ in range(2):
        await log(memory, 3)
        await seal(memory.sealed_log)()

    found = await ProveEntries(SealedMeanwhile(memory.store))("1")

    assert [each.proof.index for each in found] == [1]


async def test_the_last_checkpoint_is_anchored_once() -> None:
    """
    Each is kept beside the others; there is none of an empty log.
    """
    memory, anchors = Memory(), MemoryAnchors()
    anchor: Any = AnchorCheckpoint(memory.sealed_log, anchors)
    assert await anchor() == 0
    notes = []
    for _ in range(2):
        await log(memory)
        await seal(memory.sealed_log)()
        notes.append((await memory.sealed_log.state()).note)
        assert [await anchor(), await anchor()] == [1, 0]

    assert await anchors.notes() == notes
