"""Entries of the audit log are sealed once, in their order, and verified as they stand."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from application.audit import seal_audit_log
from application.audit.verify_trail import TrailFound, VerifyTrail
from domain.audit.merkle_tree import root_of
from domain.audit.trail import TrailBroken
from domain.errors import ChangedMeanwhile
from fakes.audit.sealed_log import MemorySealedLog
from fakes.audit.sealing import CHECK_NOTE, seal
from fakes.clock import NOON
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from ports.audit.sealed_log import SealState
from ports.audit_log import AuditEntry


async def log(memory: Memory, count: int = 1) -> None:
    async with memory.unit_of_work() as work:
        for number in range(count):
            work.audit.add(AuditEntry(at=NOON, origin=BY_STAFF, action="a", subject=str(number)))


async def verify(memory: Memory, *anchors: str) -> TrailFound:
    return await VerifyTrail(memory.sealed_log, CHECK_NOTE)(anchors)


async def test_what_was_added_is_sealed_and_found_whole() -> None:
    """
    Each run takes up where the last one ended, and one without news signs nothing.
    """
    memory = Memory()
    await log(memory, 3)
    sealing = seal(memory.sealed_log)

    assert [await sealing(), await sealing()] == [3, 0]
    await log(memory)
    assert await sealing() == 1

    state = await memory.sealed_log.state()
    leaves = [leaf.leaf for _, each in memory.store.seals for leaf in each]
    assert state.tree.root == root_of(leaves)
    assert CHECK_NOTE(state.note).size == 4
    assert await verify(memory, state.note) == TrailFound(size=4, anchored=1)


async def test_a_batch_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    After a long time without a sealer it takes several checkpoints.
    """
    monkeypatch.setattr(seal_audit_log, "LINES_PER_SEAL_MAX", 2)
    memory = Memory()
    await log(memory, 3)
    sealing = seal(memory.sealed_log)

    assert [await sealing(), await sealing(), await sealing()] == [2, 1, 0]


async def test_without_a_key_nothing_is_sealed() -> None:
    """
    Payments go on; what is missing is seen in the health of the system.
    """
    memory = Memory()
    await log(memory)

    assert await replace(seal(memory.sealed_log), signer=None)() == 0
    assert memory.store.seals == []


@dataclass(frozen=True, slots=True)
class Overtaken(MemorySealedLog):
    async def append(self, *_: Any) -> None:
        raise ChangedMeanwhile("audit_leaf_pkey")


async def test_whoever_is_slower_leaves_it_to_the_other() -> None:
    """
    Two sealers at once are no trouble: the next run goes on behind the faster one.
    """
    memory = Memory()
    await log(memory)

    assert await seal(Overtaken(memory.store))() == 0


async def test_an_entry_among_those_that_are_sealed_is_found() -> None:
    """
    Nobody writes there: it was inserted by hand.
    """
    memory = Memory()
    await log(memory, 3)
    await seal(memory.sealed_log)()
    state, leaves = memory.store.seals.pop()
    memory.store.seals.append((state, leaves))
    await log(memory)
    behind = replace(state, position=replace(state.position, entry=4))
    memory.store.seals[-1] = (behind, leaves)

    with pytest.raises(TrailBroken, match="inserted among those that are sealed: 4") as broken:
        await verify(memory)
    assert broken.value.index == 3


async def test_a_changed_entry_is_found() -> None:
    """
    The first index that is not as it was sealed is named.
    """
    memory = Memory()
    await log(memory, 3)
    await seal(memory.sealed_log)()
    memory.store.audit[1] = replace(memory.store.audit[1], action="b")

    with pytest.raises(TrailBroken) as broken:
        await verify(memory)
    assert broken.value.index == 1


@dataclass(frozen=True, slots=True)
class Damaged(MemorySealedLog):
    async def state(self) -> SealState:
        raise ValueError("a tree of 15 leaves has 4 subtrees")


async def test_a_damaged_checkpoint_is_found() -> None:
    """
    What cannot be a state of any tree is told as broken, and ends nothing else.
    """
    with pytest.raises(TrailBroken, match="damaged"):
        await VerifyTrail(Damaged(Memory().store), CHECK_NOTE)()
