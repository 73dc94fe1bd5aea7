"""The process dies, or loses an answer, at every moment of sealing and anchoring: each line is sealed, and once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import pytest

from application.audit.verify_trail import TrailFound, VerifyTrail
from fakes.audit.checkpoint_anchors import MemoryAnchors
from fakes.audit.sealing import CHECK_NOTE
from fakes.clock import NOON
from fakes.samples import BY_STATUS
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.observers import PATIENCE_SECONDS
from fault_injection.world import Process, World
from ports.audit_log import AuditEntry

# ruff: noqa: S608 - these texts hold only our own words
AS_OWNER: Final = "SET LOCAL session_replication_role = replica;"
NO_TRAIL: Final = (
    f"{AS_OWNER} DELETE FROM audit_leaf; DELETE FROM audit_origin; DELETE FROM audit_checkpoint;"
    " DELETE FROM audit_log"
)
FROM_BEFORE: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts, tx)
    SELECT now(), 'bank', 'poll', 'a', subject, '', '', '', '{}', NULL FROM unnest('{one,two}'::text[]) subject
"""
FROM_A_DUMP: Final = f"{AS_OWNER} UPDATE audit_log SET tx = tx + 1000000000"
"""The transactions of what is there bear numbers that this server has not come to, as after a restore."""

IN_FINAL_ORDER: Final = """
    SELECT coalesce(bool_and(tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint), true) FROM audit_log
    WHERE tx < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
LEAVES: Final = """
    SELECT a.subject, l.leaf_index FROM audit_log a LEFT JOIN audit_leaf l ON l.audit_id = a.id
    ORDER BY l.leaf_index
"""
CHECKPOINTS: Final = "SELECT size, note FROM audit_checkpoint ORDER BY size"
STATE, CLOCK, NEXT = "read audit_checkpoint", "read audit_log", "read audit_log"
EARLIER, RESTORED, MOVED = "read audit_log", "long read audit_log", "read audit_log"
APPEND, ANCHOR = "write audit_checkpoint", "anchors.put"
READS: Final = ("read ", "long read ")
NAMES: Final = ("one", "two", "three", "four", "five")


@dataclass(frozen=True, slots=True)
class Trail:
    """What the log is to hold in the end: five entries by name, and the *sizes* of its checkpoints."""

    sizes: tuple[int, ...]


async def log(world: World, *names: str) -> None:
    """Write an entry about each of *names*, and return once no other can come before them."""
    async with world.calm.container.storage.unit_of_work()() as work:
        for each in names:
            work.audit.add(AuditEntry(at=NOON, origin=BY_STATUS, action="a", subject=each))
    # The server itself looks after its tables now and then, and its transaction holds sealing back as any other.
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await world.rows(IN_FINAL_ORDER) != [(True,)]:  # noqa: ASYNC110 - the database sends no event
            await asyncio.sleep(0.01)


async def nothing_sealed(world: World) -> None:
    await world.watcher.execute(NO_TRAIL)
    world.anchors = MemoryAnchors()


async def sealed_before(world: World) -> Trail:
    """Two entries are sealed, and three are not."""
    await nothing_sealed(world)
    await log(world, *NAMES[:2])
    await world.calm.use_cases.audit().seal_audit_log()()
    await log(world, *NAMES[2:])
    return Trail(sizes=(2, 5))


async def restored(world: World) -> Trail:
    """Of five entries two are from before transactions were noted, two more from a dump, and one was written since."""
    await nothing_sealed(world)
    await world.watcher.execute(FROM_BEFORE)
    await log(world, *NAMES[2:4])
    await world.watcher.execute(FROM_A_DUMP)
    await log(world, *NAMES[4:])
    return Trail(sizes=(2, 4, 5))


async def seal_and_anchor(process: Process, _trail: Trail) -> None:
    while await process.use_cases.audit().seal_audit_log()():
        pass
    await process.use_cases.audit().anchor_checkpoint()()


async def work(process: Process, _trail: Trail) -> int:
    """Seal what waits; when nothing does, anchor the last checkpoint."""
    sealed: int = await process.use_cases.audit().seal_audit_log()()
    return sealed or int(await process.use_cases.audit().anchor_checkpoint()())


async def sealed_once(world: World, trail: Trail, _injected: Injected | None) -> None:
    """Each entry has one leaf, in the order of writing; the trail is whole, and its last checkpoint is anchored."""
    assert await world.rows(LEAVES) == [(name, index) for index, name in enumerate(NAMES)]
    checkpoints = await world.rows(CHECKPOINTS)
    assert tuple(size for size, _ in checkpoints) == trail.sizes
    anchors = await world.anchors.notes()
    assert anchors == [checkpoints[-1][1]]
    verify = VerifyTrail(world.calm.container.storage.sealed_log(), CHECK_NOTE)
    assert await verify(anchors) == TrailFound(size=len(NAMES), anchored=1)


def sealing(prepare: Callable[[World], Awaitable[Trail]]) -> Flow[Trail]:
    return Flow(prepare=prepare, act=seal_and_anchor, go_on=work, check=sealed_once, spared=READS)


FLOWS: Final = {
    "sealed before": sealing(sealed_before),
    "restored": sealing(restored),
}
AT_REST: Final = (STATE, CLOCK, NEXT, STATE, ANCHOR)
MOMENTS: Final = {
    "sealed before": [STATE, CLOCK, NEXT, APPEND, *AT_REST],
    "restored": [
        *(STATE, EARLIER, APPEND),
        *(STATE, EARLIER, CLOCK, RESTORED, APPEND),
        *(STATE, CLOCK, RESTORED, MOVED, NEXT, APPEND),
        *AT_REST,
    ],
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_a_checkpoint_is_one_write(world: World, flow: str) -> None:
    """
    What waits is read before; leaves, salts and the signed root stand or fall together, and then it is anchored.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_each_line_is_sealed_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    The next sealer goes on where the trail ends: nothing lost, nothing twice, and no second anchor of one size.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world, spared=READS)
