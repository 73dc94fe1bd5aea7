"""What any outbox must do: one line per fact, one holder at a time, late rather than never."""

import asyncio
from datetime import datetime, timedelta

import pytest

from contracts.storage import LEASE, SECOND, Storage
from domain.errors import ChangedMeanwhile, NotFound
from fakes.clock import NOON
from fakes.samples import payment_id
from ports.notifications.outbox import DeadLetter, OutboxEntry, OutboxTask


class OutboxContract:
    async def test_a_fact_has_one_line(self, storage: Storage) -> None:
        """
        A second line for the same errand and payment is left out without a word.
        """
        await _add(storage, 1)
        await _add(storage, 1)
        await _add(storage, 2)

        lines = await _claim(storage)

        assert [payment_id(1), payment_id(2)] == [line.payment for line in lines]
        assert {(OutboxTask.PAYMENT_CONFIRMATION, 1, 1)} == {
            (line.task, line.attempts, line.generation) for line in lines
        }

    async def test_the_oldest_come_first_and_no_more_than_asked(self, storage: Storage) -> None:
        """
        Nobody's letter waits behind a younger one.
        """
        for number in (1, 2, 3):
            await _add(storage, number, NOON + number * SECOND)

        later = NOON + 9 * SECOND
        first = await storage.outbox.claim(later, lease=LEASE, at_most=2)
        rest = await storage.outbox.claim(later, lease=LEASE, at_most=2)

        assert [_number(line) for line in (*first, *rest)] == [1, 2, 3]

    async def test_what_is_not_due_waits(self, storage: Storage) -> None:
        """
        Due to the instant.
        """
        await _add(storage, 1, NOON + SECOND)

        assert not await _claim(storage, NOON + SECOND / 2)
        assert len(await _claim(storage, NOON + SECOND)) == 1

    async def test_a_line_may_be_written_long_before_it_is_due(self, storage: Storage) -> None:
        """
        Written with its cause and carried out later; told again, the first word counts.
        """
        for due in (NOON + SECOND, NOON):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.add(
                    OutboxTask.PAYMENT_FAILURE, payment_id(1), NOON, due_at=due
                )

        assert not await _claim(storage, NOON + SECOND / 2)
        (line,) = await _claim(storage, NOON + SECOND)
        assert line.task is OutboxTask.PAYMENT_FAILURE

    async def test_what_is_done_never_comes_back(self, storage: Storage) -> None:
        """
        Not when the lease would have run out, and not when the fact is written again.
        """
        await _add(storage, 1)
        (line,) = await _claim(storage)
        await storage.outbox.done(line, NOON)

        await _add(storage, 1)

        assert not await _claim(storage, NOON + 2 * LEASE)

    async def test_what_is_parked_waits_for_a_person(self, storage: Storage) -> None:
        """
        No sweeper takes it up again.
        """
        await _add(storage, 1)
        (line,) = await _claim(storage)

        await storage.outbox.park(line, NOON, why="y" * 5000)

        assert not await _claim(storage, NOON + timedelta(days=365))

    async def test_what_is_parked_is_shown_to_people(self, storage: Storage) -> None:
        """
        Oldest first, with the reason; what is under way or done is not among it.
        """
        for number in (1, 2, 3, 4):
            await _add(storage, number)
        first, second, third, _ = await _claim(storage)
        await storage.outbox.park(second, NOON + SECOND, why="no such mailbox")
        await storage.outbox.park(first, NOON + 2 * SECOND, why="y" * 5000)
        await storage.outbox.done(third, NOON)

        found = await storage.outbox.parked(at_most=9)

        assert [line.payment for line in found] == [payment_id(2), payment_id(1)]
        assert found[0] == DeadLetter(
            id=second.id,
            task=OutboxTask.PAYMENT_CONFIRMATION,
            payment=payment_id(2),
            subject=payment_id(2),
            attempts=1,
            since=NOON + SECOND,
            why="no such mailbox",
        )
        assert await storage.outbox.parked(at_most=1) == [found[0]]
        assert await storage.outbox.parked_line(second.id) == found[0]
        with pytest.raises(NotFound):
            await storage.outbox.parked_line(third.id)

    async def test_what_is_reopened_begins_anew(self, storage: Storage) -> None:
        """
        Due at once, with all its tries; whoever parked it cannot close it any more.
        """
        await _add(storage, 1)
        (held,) = await _claim(storage)
        await storage.outbox.park(held, NOON, why="no such mailbox")

        async with storage.unit_of_work() as work:
            work.notifications.outbox.reopen(held.id, NOON + SECOND)

        assert not await storage.outbox.parked(at_most=9)
        assert not await _claim(storage)
        await storage.outbox.done(held, NOON)
        (line,) = await _claim(storage, NOON + SECOND)
        assert (line.id, line.attempts) == (held.id, 1)
        assert line.generation > held.generation

    async def test_what_is_closed_is_done_with(self, storage: Storage) -> None:
        """
        No worker and no person sees it again.
        """
        await _add(storage, 1)
        (held,) = await _claim(storage)
        await storage.outbox.park(held, NOON, why="no such mailbox")

        async with storage.unit_of_work() as work:
            work.notifications.outbox.close(held.id, NOON + SECOND, why="y" * 5000)

        assert not await storage.outbox.parked(at_most=9)
        assert not await _claim(storage, NOON + timedelta(days=365))

    @pytest.mark.parametrize("state", ["new", "done", "reopened"])
    async def test_only_what_is_parked_can_be_reopened_or_closed(
        self, storage: Storage, state: str
    ) -> None:
        """
        Two people at once, or one who is late: the second is told, and no letter goes out twice.
        """
        await _add(storage, 1)
        (held,) = await _claim(storage)
        if state == "done":
            await storage.outbox.done(held, NOON)
        if state == "reopened":
            await storage.outbox.park(held, NOON, why="no such mailbox")
            async with storage.unit_of_work() as work:
                work.notifications.outbox.reopen(held.id, NOON)

        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.reopen(held.id, NOON)
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.notifications.outbox.close(held.id, NOON, why="told by telephone")

    async def test_what_is_put_back_comes_when_due(self, storage: Storage) -> None:
        """
        And counts its attempts.
        """
        await _add(storage, 1)
        (line,) = await _claim(storage)

        await storage.outbox.later(line, due_at=NOON + SECOND, why="y" * 5000)

        assert not await _claim(storage)
        assert (await _claim(storage, NOON + SECOND))[0].attempts == 2

    async def test_a_leased_line_is_nobody_elses(self, storage: Storage) -> None:
        """
        Until the lease runs out: whoever held it is taken to have died.
        """
        await _add(storage, 1)
        (held,) = await _claim(storage)
        assert not await _claim(storage, NOON + LEASE - timedelta(microseconds=1))

        (taken,) = await _claim(storage, NOON + LEASE)

        assert (held.id, held.generation + 1) == (taken.id, taken.generation)

    async def test_who_lost_the_lease_cannot_close(self, storage: Storage) -> None:
        """
        A closing that comes too late is left out silently; the holder's counts.
        """
        await _add(storage, 1)
        (expired,) = await _claim(storage)
        (holder,) = await _claim(storage, NOON + LEASE)

        await storage.outbox.done(expired, NOON)
        await storage.outbox.park(expired, NOON, why="")
        await storage.outbox.later(expired, due_at=NOON, why="")
        assert not await _claim(storage, NOON + LEASE)

        await storage.outbox.later(holder, due_at=NOON + LEASE, why="")
        assert len(await _claim(storage, NOON + LEASE)) == 1

    async def test_two_who_claim_at_once_share_nothing(self, storage: Storage) -> None:
        """
        Each line goes to one of them.
        """
        for number in range(6):
            await _add(storage, number)

        claims = await asyncio.gather(
            *(storage.outbox.claim(NOON, lease=LEASE, at_most=4) for _ in range(3))
        )

        ids = [line.id for claim in claims for line in claim]
        assert 6 == len(ids) == len(set(ids))

    async def test_what_is_to_be_done_again_is_opened_again(self, storage: Storage) -> None:
        """
        Done or given up, it is the same line, with its attempts counted anew.
        """
        await _again(storage)
        (first,) = await _claim(storage)
        await storage.outbox.done(first, NOON)
        await _again(storage, NOON + SECOND)
        (second,) = await _claim(storage, NOON + SECOND)
        await storage.outbox.park(second, NOON, why="nobody knows how")
        await _again(storage, NOON + 2 * SECOND)

        (third,) = await _claim(storage, NOON + 2 * SECOND)

        assert [first.id, first.attempts] == [third.id, third.attempts]
        assert third.generation > second.generation > first.generation

    async def test_who_holds_a_line_that_is_opened_again_cannot_close_it(
        self, storage: Storage
    ) -> None:
        """
        They may have looked before there was something to do: another looks once more, at once.
        """
        await _again(storage)
        (holder,) = await _claim(storage)

        await _again(storage, NOON + SECOND)
        await storage.outbox.done(holder, NOON + SECOND)

        (other,) = await _claim(storage, NOON + SECOND)
        assert (other.id, other.attempts) == (holder.id, 1)

    async def test_a_line_that_waits_stays_as_it_is(self, storage: Storage) -> None:
        """
        Whoever asks impatiently does not make a store that is away be asked more often.
        """
        await _again(storage)
        (line,) = await _claim(storage)
        await storage.outbox.later(line, due_at=NOON + 9 * SECOND, why="away")

        await _again(storage, NOON + SECOND)

        assert not await _claim(storage, NOON + 8 * SECOND)
        assert (await _claim(storage, NOON + 9 * SECOND))[0].attempts == 2


def _number(line: OutboxEntry) -> int:
    return next(number for number in range(9) if payment_id(number) == line.payment)


async def _add(storage: Storage, number: int, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.add(OutboxTask.PAYMENT_CONFIRMATION, payment_id(number), at)


async def _again(storage: Storage, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.again(OutboxTask.FILE_DOCUMENTS, payment_id(1), at)


async def _claim(storage: Storage, at: datetime = NOON) -> list[OutboxEntry]:
    return list(await storage.outbox.claim(at, lease=LEASE, at_most=9))
