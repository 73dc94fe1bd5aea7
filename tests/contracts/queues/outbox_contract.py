"""What is special about the outbox, beside what every work queue does: one entry per fact, and dead letters."""

from datetime import datetime, timedelta

import pytest

from contracts.storage import LEASE, SECOND, Storage
from domain.errors import ChangedMeanwhile, NotFound
from fakes.clock import NOON
from fakes.samples import payment_id
from ports.notifications.outbox import DeadLetter, DeadLetterCursor, OutboxEntry, OutboxTask


class OutboxContract:
    async def test_a_fact_has_one_entry(self, storage: Storage) -> None:
        """
        A second entry for the same task and payment is left out without a word.
        """
        await _enqueue(storage, 1)
        await _enqueue(storage, 1)
        await _enqueue(storage, 2)

        entries = await _claim(storage)

        assert [payment_id(1), payment_id(2)] == [entry.payment for entry in entries]
        assert {OutboxTask.PAYMENT_CONFIRMATION} == {entry.task for entry in entries}

    async def test_an_entry_may_be_written_long_before_it_is_due(self, storage: Storage) -> None:
        """
        Written with its cause and done later; enqueued twice, the first due time counts.
        """
        for due in (NOON + SECOND, NOON):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.enqueue(
                    OutboxTask.PAYMENT_FAILURE, payment_id(1), NOON, due_at=due
                )

        assert not await _claim(storage, NOON + SECOND / 2)
        (entry,) = await _claim(storage, NOON + SECOND)
        assert entry.task is OutboxTask.PAYMENT_FAILURE

    async def test_what_is_done_never_comes_back(self, storage: Storage) -> None:
        """
        Not when the lease would have run out, and not when the fact is written again.
        """
        await _enqueue(storage, 1)
        (entry,) = await _claim(storage)
        await _complete(storage, entry, NOON)

        await _enqueue(storage, 1)

        assert not await _claim(storage, NOON + 2 * LEASE)

    async def test_dead_letters_are_shown_to_people(self, storage: Storage) -> None:
        """
        Oldest first, with the reason; what is under way or done is not among it.
        """
        for number in (1, 2, 3, 4):
            await _enqueue(storage, number)
        first, second, third, _ = await _claim(storage)
        await _bury(storage, second, NOON + SECOND, "no such mailbox")
        await _bury(storage, first, NOON + 2 * SECOND, "y" * 5000)
        await _complete(storage, third, NOON)

        found = await storage.outbox.dead_letters(at_most=9)

        assert [letter.payment for letter in found] == [payment_id(2), payment_id(1)]
        assert found[0] == DeadLetter(
            id=second.id,
            task=OutboxTask.PAYMENT_CONFIRMATION,
            payment=payment_id(2),
            subject=payment_id(2),
            attempts=1,
            since=NOON + SECOND,
            why="no such mailbox",
        )
        outbox = storage.outbox
        assert await outbox.dead_letters(at_most=1) == [found[0]]
        after = DeadLetterCursor(since=found[0].since, id=found[0].id)
        assert await outbox.dead_letters(at_most=9, after=after) == [found[1]]
        assert await outbox.dead_letters(at_most=9, payment=payment_id(1)) == [found[1]]
        assert await outbox.dead_letters(at_most=9, task=found[0].task) == found
        assert not await outbox.dead_letters(at_most=9, task=OutboxTask.CREDIT_NOTE)
        assert await storage.outbox.dead_letter(second.id) == found[0]
        with pytest.raises(NotFound):
            await storage.outbox.dead_letter(third.id)

    async def test_what_is_requeued_begins_anew(self, storage: Storage) -> None:
        """
        Due at once, with all its tries; whoever buried it holds it no more.
        """
        await _enqueue(storage, 1)
        (held,) = await _claim(storage)
        await _bury(storage, held, NOON, "no such mailbox")

        async with storage.unit_of_work() as work:
            work.notifications.outbox.requeue_dead_letter(held.id, NOON + SECOND)

        assert not await storage.outbox.dead_letters(at_most=9)
        assert not await _claim(storage)
        with pytest.raises(ChangedMeanwhile):
            await _complete(storage, held, NOON)
        (entry,) = await _claim(storage, NOON + SECOND)
        assert (entry.id, entry.attempts) == (held.id, 1)
        assert entry.generation > held.generation

    async def test_what_is_cancelled_is_done_with(self, storage: Storage) -> None:
        """
        No worker and no person sees it again.
        """
        await _enqueue(storage, 1)
        (held,) = await _claim(storage)
        await _bury(storage, held, NOON, "no such mailbox")

        async with storage.unit_of_work() as work:
            work.notifications.outbox.cancel(held.id, NOON + SECOND, why="y" * 5000)

        assert not await storage.outbox.dead_letters(at_most=9)
        assert not await _claim(storage, NOON + timedelta(days=365))

    @pytest.mark.parametrize("state", ["new", "done", "requeued"])
    async def test_only_a_dead_letter_can_be_requeued_or_cancelled(
        self, storage: Storage, state: str
    ) -> None:
        """
        Two people at once, or one who is late: the second is told, and no email goes out twice.
        """
        await _enqueue(storage, 1)
        (held,) = await _claim(storage)
        if state == "done":
            await _complete(storage, held, NOON)
        if state == "requeued":
            await _bury(storage, held, NOON, "no such mailbox")
            async with storage.unit_of_work() as work:
                work.notifications.outbox.requeue_dead_letter(held.id, NOON)

        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.requeue_dead_letter(held.id, NOON)
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.cancel(held.id, NOON, why="told by telephone")

    async def test_what_is_to_be_done_again_is_the_same_entry(self, storage: Storage) -> None:
        """
        Done or given up, it is the same entry, with its attempts counted anew.
        """
        await _requeue(storage)
        (first,) = await _claim(storage)
        await _complete(storage, first, NOON)
        await _requeue(storage, NOON + SECOND)
        (second,) = await _claim(storage, NOON + SECOND)
        await _bury(storage, second, NOON, "nobody knows how")
        await _requeue(storage, NOON + 2 * SECOND)

        (third,) = await _claim(storage, NOON + 2 * SECOND)

        assert [first.id, first.attempts] == [third.id, third.attempts]
        assert third.generation > second.generation > first.generation

    async def test_who_holds_an_entry_that_is_requeued_loses_it(self, storage: Storage) -> None:
        """
        They may have begun before there was this to do: another begins once more, at once.
        """
        await _requeue(storage)
        (holder,) = await _claim(storage)

        await _requeue(storage, NOON + SECOND)
        with pytest.raises(ChangedMeanwhile):
            await _complete(storage, holder, NOON + SECOND)

        (other,) = await _claim(storage, NOON + SECOND)
        assert (other.id, other.attempts) == (holder.id, 1)

    async def test_an_entry_that_waits_stays_as_it_is(self, storage: Storage) -> None:
        """
        Whoever asks impatiently does not make a store that is away be asked more often.
        """
        await _requeue(storage)
        (entry,) = await _claim(storage)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.reschedule(entry, due_at=NOON + 9 * SECOND, why="away")

        await _requeue(storage, NOON + SECOND)

        assert not await _claim(storage, NOON + 8 * SECOND)
        assert (await _claim(storage, NOON + 9 * SECOND))[0].attempts == 2


async def _enqueue(storage: Storage, number: int, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.enqueue(OutboxTask.PAYMENT_CONFIRMATION, payment_id(number), at)


async def _requeue(storage: Storage, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.requeue(OutboxTask.FILE_DOCUMENTS, payment_id(1), at)


async def _claim(storage: Storage, at: datetime = NOON) -> list[OutboxEntry]:
    return list(await storage.outbox.claim(at, lease=LEASE, at_most=9))


async def _complete(storage: Storage, entry: OutboxEntry, at: datetime) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.complete(entry, at)


async def _bury(storage: Storage, entry: OutboxEntry, at: datetime, why: str) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.bury(entry, at, why=why)
