"""What any keeper of the seal must do; run against memory and against PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.storage import Storage
from domain.audit.audit_line import AuditLine
from domain.audit.logged_line import LoggedLine
from domain.audit.merkle_proofs import span_root
from domain.audit.merkle_tree import leaf_hash, root_of
from domain.audit.trail import SealedBatch
from domain.errors import ChangedMeanwhile
from domain.payments.payment_state import State
from fakes.audit.sealing import seal
from fakes.clock import NOON
from fakes.samples import BY_STAFF, BY_STATUS
from ports.audit.sealed_log import NewLeaf, SealState, Unsealed
from ports.audit_log import AuditEntry

MOVED: Final = AuditEntry(
    at=NOON + timedelta(microseconds=7),
    origin=replace(BY_STATUS, ip="2001:db8::1", user_agent="curl", correlation_id="c-1"),
    action="payment.success",
    subject="SK1",
    from_state=State.PENDING,
    to_state=State.SUCCESS,
    facts={"reason": "अ\n", "b": "2"},
)


SALT: Final = bytes(16)


def told(line: LoggedLine) -> AuditLine:
    return AuditLine.parse(line.sealed(SALT))


async def log(storage: Storage, count: int, entry: AuditEntry = MOVED) -> None:
    for number in range(count):
        async with storage.unit_of_work() as work:
            work.audit.add(replace(entry, subject=f"SK{number}"))


async def batches(storage: Storage) -> list[SealedBatch]:
    async with storage.sealed_log.batches() as found:
        return [each async for each in found]


class SealedLogContract:
    async def test_nothing_is_sealed_at_first(self, storage: Storage) -> None:
        """
        There is no checkpoint of nothing, and nothing to seal.
        """
        state = await storage.sealed_log.state()

        assert state == SealState()
        assert not (await storage.sealed_log.unsealed(state, at_most=5)).lines
        assert await seal(storage.sealed_log)() == 0
        assert await batches(storage) == []

    async def test_what_waits_is_given_in_the_order_of_writing(self, storage: Storage) -> None:
        """
        As it was written, no more than asked for, and behind what was given before.
        """
        await log(storage, 2)
        await log(storage, 1, AuditEntry(at=NOON, origin=BY_STAFF, action="b", subject="s"))

        first = await storage.sealed_log.unsealed(SealState(), at_most=2)
        second = await storage.sealed_log.unsealed(SealState(position=first.position), at_most=2)

        assert [told(each).subject for each in first.lines] == ["SK0", "SK1"]
        assert [told(each).action for each in second.lines] == ["b"]
        line = first.lines[0]
        assert (line.ip, line.user_agent) == ("2001:db8::1", "curl")
        assert line.sealed(SALT) == bytes(told(line))
        assert told(line) == replace(
            told(line),
            entry=line.entry,
            at=MOVED.at,
            actor=BY_STATUS.actor,
            source="status",
            action="payment.success",
            from_state="pending",
            to_state="success",
            correlation_id="c-1",
            facts=dict(MOVED.facts),
        )

    async def test_a_batch_is_read_as_it_was_sealed(self, storage: Storage) -> None:
        """
        Its note, its leaves, and lines that have just these hashes.
        """
        await log(storage, 3)
        assert await seal(storage.sealed_log)() == 3
        await log(storage, 1)
        assert await seal(storage.sealed_log)() == 1

        first, second = await batches(storage)
        state = await storage.sealed_log.state()

        assert (state.tree.size, state.note) == (4, second.note)
        assert [len(each.leaves) for each in (first, second)] == [3, 1]
        for each in (first, second):
            assert [leaf_hash(line or b"") for line in each.lines] == each.leaves
        assert await storage.sealed_log.strays(state, at_most=5) == []

    async def test_of_two_who_seal_at_once_one_is_told(self, storage: Storage) -> None:
        """
        What was decided on a state that has moved is refused, and leaves nothing behind.
        """
        await log(storage, 2)
        waiting = await storage.sealed_log.unsealed(SealState(), at_most=1)
        await seal(storage.sealed_log)()
        before = await batches(storage)

        with pytest.raises(ChangedMeanwhile):
            await storage.sealed_log.append(SealState(), **sealed(waiting))

        assert await batches(storage) == before

    async def test_of_a_span_no_more_is_read_than_a_checkpoint_seals(
        self, storage: Storage
    ) -> None:
        """
        The tree of the last checkpoint within it, and the leaves from there on; together they are its root.
        """
        for count in (3, 2, 4):
            await log(storage, count)
            await seal(storage.sealed_log)()
        hashes = [leaf for each in await batches(storage) for leaf in each.leaves]
        spans = [range(4), range(4, 8), range(8, 9), range(2), range(8)]

        parts = await storage.sealed_log.leaves_of(spans)

        assert [(each.tree.size, len(each.leaves)) for each in parts] == [
            (3, 1),
            (5, 3),
            (0, 1),
            (0, 2),
            (5, 3),
        ]
        for span, each in zip(spans, parts, strict=True):
            assert span_root(span, each) == root_of(hashes[span.start : span.stop])
        assert await storage.sealed_log.leaves_of([]) == []

    async def test_lines_are_read_by_their_indices(self, storage: Storage) -> None:
        """
        As they were sealed; others are left alone.
        """
        await log(storage, 3)
        await seal(storage.sealed_log)()
        (batch,) = await batches(storage)

        lines = await storage.sealed_log.lines([2, 0])

        assert lines == {0: batch.lines[0], 2: batch.lines[2]}
        assert await storage.sealed_log.lines([]) == {}

    async def test_the_leaves_about_a_subject_are_found(self, storage: Storage) -> None:
        """
        Those that are sealed, in their order; an entry that is not has none.
        """
        await log(storage, 2)
        assert await storage.sealed_log.leaves_about("SK1", at_most=5) == []
        await seal(storage.sealed_log)()
        await log(storage, 2)
        await seal(storage.sealed_log)()
        await log(storage, 2)

        assert await storage.sealed_log.leaves_about("SK1", at_most=5) == [1, 3]
        assert await storage.sealed_log.leaves_about("SK1", at_most=1) == [1]


def sealed(waiting: Unsealed) -> dict[str, Any]:
    """Return what seals *waiting* as the first of all."""
    leaves = [
        NewLeaf(entry=each.entry, leaf=bytes(32), salt=bytes(16), digest="00" * 32)
        for each in waiting.lines
    ]
    tree = SealState().tree.extended(each.leaf for each in leaves)
    state = SealState(tree=tree, note="note", position=waiting.position)
    return {"leaves": leaves, "sealed": state, "at": NOON}
