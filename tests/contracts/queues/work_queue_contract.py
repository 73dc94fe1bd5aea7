"""What every work queue must do: nothing lost, nothing done twice, one holder at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from contracts.storage import BY_MIRA, LEASE, SECOND, Storage, event
from domain.errors import ChangedMeanwhile, NotFound
from fakes.clock import NOON
from fakes.hooked import ENDPOINT, an_event
from fakes.samples import ASHA, NOTED, a_course, a_payment, payment_id, refund_id
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import Work
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue

MOMENT: Final = timedelta(microseconds=1)
DUE: Final = NOON + SECOND
LATER: Final = NOON + timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One of the queues, and how numbered pieces of work get into it and are recognised."""

    name: str
    read: Callable[[Storage], WorkQueue[Any]]
    write: Callable[[Work], QueueWrites[Any]]
    enqueue: Callable[[Storage, int, datetime], Awaitable[None]]
    key: Callable[[Any], str]
    key_of: Callable[[int], str] = payment_id
    cancel: Callable[[Work, int], None] | None = None

    async def claim(
        self, storage: Storage, at: datetime = DUE, *, at_most: int = 9
    ) -> list[ClaimedEntry]:
        return list(await self.read(storage).claim(at, lease=LEASE, at_most=at_most))

    async def deal_with(self, storage: Storage, entry: ClaimedEntry, how: str) -> None:
        async with storage.unit_of_work() as work:
            DEALINGS[how](self.write(work), entry)


async def _event_comes(storage: Storage, number: int, due_at: datetime) -> None:
    order = payment_id(number)
    await storage.inbox.enqueue(event(order, order=order), due_at)


async def _task_arises(storage: Storage, number: int, due_at: datetime) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.enqueue(
            OutboxTask.PAYMENT_CONFIRMATION, payment_id(number), NOON, due_at=due_at
        )


async def _order_is_polled(storage: Storage, number: int, due_at: datetime) -> None:
    async with storage.unit_of_work() as work:
        work.payments.polls.enqueue(payment_id(number), ASHA.id, since=NOON, due_at=due_at)


async def _refund_is_polled(storage: Storage, number: int, due_at: datetime) -> None:
    payment = a_payment(number, course=a_course(f"course-{number}"))
    async with storage.unit_of_work() as work:
        try:
            await work.payments.repository.get(payment.id)
        except NotFound:
            work.payments.repository.add(payment)
        work.refunds.polls.enqueue(payment.id, refund_id(number), since=NOON, due_at=due_at)


async def _event_is_told(storage: Storage, number: int, due_at: datetime) -> None:
    if not await storage.endpoints.all():
        async with storage.unit_of_work() as work:
            work.webhooks.endpoints.save(ENDPOINT)
    async with storage.unit_of_work() as work:
        work.webhooks.deliveries.enqueue([an_event(number)], due_at)


QUEUES: Final = (
    Queue(
        name="inbox",
        read=lambda storage: storage.inbox,
        write=lambda work: work.payments.inbox,
        enqueue=_event_comes,
        key=lambda entry: entry.order,
    ),
    Queue(
        name="outbox",
        read=lambda storage: storage.outbox,
        write=lambda work: work.notifications.outbox,
        enqueue=_task_arises,
        key=lambda entry: entry.payment,
    ),
    Queue(
        name="webhook deliveries",
        read=lambda storage: storage.deliveries,
        write=lambda work: work.webhooks.deliveries,
        enqueue=_event_is_told,
        key=lambda entry: entry.event.payment,
    ),
    Queue(
        name="order polls",
        read=lambda storage: storage.order_polls,
        write=lambda work: work.payments.polls,
        enqueue=_order_is_polled,
        key=lambda entry: entry.payment,
        cancel=lambda work, number: work.payments.polls.cancel(payment_id(number)),
    ),
    Queue(
        name="refund polls",
        read=lambda storage: storage.refund_polls,
        write=lambda work: work.refunds.polls,
        enqueue=_refund_is_polled,
        key=lambda entry: entry.refund,
        key_of=refund_id,
        cancel=lambda work, number: work.refunds.polls.cancel(
            payment_id(number), refund_id(number)
        ),
    ),
)

Dealing = Callable[[QueueWrites[Any], ClaimedEntry], None]
DEALINGS: Final[dict[str, Dealing]] = {
    "complete": lambda writes, entry: writes.complete(entry, DUE),
    "reschedule": lambda writes, entry: writes.reschedule(entry, due_at=LATER, why="GatewayDown"),
    "bury": lambda writes, entry: writes.bury(entry, DUE, why="no such mailbox"),
}

every_queue = pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
every_dealing = pytest.mark.parametrize("how", DEALINGS)


@every_queue
class WorkQueueContract:
    async def test_an_entry_is_due_at_its_time(self, storage: Storage, queue: Queue) -> None:
        """
        Not a moment earlier, and with its first attempt counted.
        """
        await queue.enqueue(storage, 1, DUE)

        assert not await queue.claim(storage, DUE - MOMENT)
        (entry,) = await queue.claim(storage)
        assert (queue.key(entry), entry.attempts, entry.generation) == (queue.key_of(1), 1, 1)

    async def test_the_same_work_is_one_entry(self, storage: Storage, queue: Queue) -> None:
        """
        However often it is enqueued.
        """
        for number in (1, 1, 2):
            await queue.enqueue(storage, number, DUE)

        keys = [queue.key(entry) for entry in await queue.claim(storage)]

        assert sorted(keys) == [queue.key_of(1), queue.key_of(2)]

    async def test_the_longest_due_come_first_and_no_more_than_asked(
        self, storage: Storage, queue: Queue
    ) -> None:
        """
        Nobody's work waits behind younger work, however much comes.
        """
        for number, seconds in ((1, 3), (2, 1), (3, 2)):
            await queue.enqueue(storage, number, NOON + seconds * SECOND)

        first = await queue.claim(storage, LATER, at_most=2)
        rest = await queue.claim(storage, LATER, at_most=2)

        assert [queue.key(entry) for entry in first] == [queue.key_of(2), queue.key_of(3)]
        assert [queue.key(entry) for entry in rest] == [queue.key_of(1)]

    async def test_a_leased_entry_is_nobody_elses(self, storage: Storage, queue: Queue) -> None:
        """
        Until the lease runs out to the instant: its holder is taken to have died.
        """
        await queue.enqueue(storage, 1, DUE)
        (held,) = await queue.claim(storage)
        assert not await queue.claim(storage, DUE + LEASE - MOMENT)

        (taken,) = await queue.claim(storage, DUE + LEASE)

        assert queue.key(taken) == queue.key(held)
        assert (taken.generation, taken.attempts) == (held.generation + 1, held.attempts + 1)

    async def test_two_who_claim_at_once_share_nothing(
        self, storage: Storage, queue: Queue
    ) -> None:
        """
        Each entry goes to one of them.
        """
        for number in range(1, 7):
            await queue.enqueue(storage, number, DUE)

        claims = await asyncio.gather(*(queue.claim(storage, at_most=4) for _ in range(3)))

        keys = [queue.key(entry) for claimed in claims for entry in claimed]
        assert 6 == len(keys) == len(set(keys))

    @pytest.mark.parametrize("how", ["complete", "bury"])
    async def test_what_has_ended_is_not_claimed_any_more(
        self, storage: Storage, queue: Queue, how: str
    ) -> None:
        """
        Not when its lease would have run out, and however late.
        """
        await queue.enqueue(storage, 1, DUE)
        (entry,) = await queue.claim(storage)

        await queue.deal_with(storage, entry, how)

        assert not await queue.claim(storage, DUE + timedelta(days=365))

    async def test_what_is_rescheduled_comes_when_due(self, storage: Storage, queue: Queue) -> None:
        """
        For whoever comes first, and with its attempts counted on.
        """
        await queue.enqueue(storage, 1, DUE)
        (entry,) = await queue.claim(storage)

        await queue.deal_with(storage, entry, "reschedule")

        assert not await queue.claim(storage, LATER - MOMENT)
        (again,) = await queue.claim(storage, LATER)
        assert (queue.key(again), again.attempts) == (queue.key(entry), 2)

    @every_dealing
    async def test_who_lost_the_lease_changes_nothing(
        self, storage: Storage, queue: Queue, how: str
    ) -> None:
        """
        Nor does anything else in the same unit happen; the newest holder's word counts.
        """
        await queue.enqueue(storage, 1, DUE)
        (lost,) = await queue.claim(storage)
        (held,) = await queue.claim(storage, DUE + LEASE)

        async def late() -> None:
            async with storage.unit_of_work() as work:
                work.audit.add(BY_MIRA)
                DEALINGS[how](queue.write(work), lost)

        with pytest.raises(ChangedMeanwhile):
            await late()

        assert not await storage.audit_lines()
        assert not await queue.claim(storage, DUE + LEASE)
        await queue.deal_with(storage, held, how)
        assert len(await queue.claim(storage, LATER)) == (how == "reschedule")

    @every_dealing
    async def test_an_entry_is_dealt_with_together_with_its_unit(
        self, storage: Storage, queue: Queue, how: str
    ) -> None:
        """
        What it led to could not be written, so it comes again.
        """
        await queue.enqueue(storage, 1, DUE)
        (entry,) = await queue.claim(storage)

        async def unit() -> None:
            async with storage.unit_of_work() as work:
                DEALINGS[how](queue.write(work), entry)
                work.payments.repository.save(a_payment(8), NOTED)

        with pytest.raises(ChangedMeanwhile):
            await unit()

        assert await queue.claim(storage, DUE + LEASE)

    async def test_a_long_reason_is_kept_short(self, storage: Storage, queue: Queue) -> None:
        """
        Foreign words keep no entry from being dealt with.
        """
        await queue.enqueue(storage, 1, DUE)
        (entry,) = await queue.claim(storage)
        async with storage.unit_of_work() as work:
            queue.write(work).reschedule(entry, due_at=LATER, why="x" * 5000)
        (entry,) = await queue.claim(storage, LATER)

        async with storage.unit_of_work() as work:
            queue.write(work).bury(entry, LATER, why="y" * 5000)

        assert not await queue.claim(storage, LATER + LEASE)


@pytest.mark.parametrize(
    "queue", [queue for queue in QUEUES if queue.cancel], ids=lambda queue: queue.name
)
class CancelContract:
    """Of a queue whose work can become needless before anybody does it."""

    @every_dealing
    async def test_what_was_cancelled_is_gone(
        self, storage: Storage, queue: Queue, how: str
    ) -> None:
        """
        For its holder too; cancelling what is not there is no error.
        """
        await queue.enqueue(storage, 1, DUE)
        (held,) = await queue.claim(storage)
        for _ in range(2):
            await _cancel(storage, queue)

        with pytest.raises(ChangedMeanwhile):
            await queue.deal_with(storage, held, how)
        assert not await queue.claim(storage, LATER)

    async def test_what_was_buried_can_be_cancelled(self, storage: Storage, queue: Queue) -> None:
        """
        News by another way ends it, and the work may be enqueued again later.
        """
        await queue.enqueue(storage, 1, DUE)
        (held,) = await queue.claim(storage)
        await queue.deal_with(storage, held, "bury")

        await _cancel(storage, queue)

        with pytest.raises(ChangedMeanwhile):
            await queue.deal_with(storage, held, "reschedule")
        await queue.enqueue(storage, 1, LATER)
        assert len(await queue.claim(storage, LATER)) == 1


async def _cancel(storage: Storage, queue: Queue) -> None:
    assert queue.cancel is not None
    async with storage.unit_of_work() as work:
        queue.cancel(work, 1)
