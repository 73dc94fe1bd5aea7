"""What is special about the polls of orders, beside what every work queue does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.payments.payments_contract import failed
from contracts.queues.work_queue_contract import DEALINGS, every_dealing
from contracts.storage import LEASE, SECOND, Storage, add, get, save
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import ASHA, a_payment, payment_id
from ports.payments.order_polls import OrderPoll

DUE = NOON + SECOND
LATER = NOON + timedelta(hours=1)


async def enqueue(storage: Storage, *, due: datetime = DUE) -> None:
    async with storage.unit_of_work() as work:
        work.payments.polls.enqueue(payment_id(1), ASHA.id, since=NOON, due_at=due)


async def claim(storage: Storage, at: datetime = DUE) -> list[OrderPoll]:
    return list(await storage.order_polls.claim(at, lease=LEASE, at_most=9))


async def deal_with(storage: Storage, poll: OrderPoll, how: str) -> None:
    async with storage.unit_of_work() as work:
        DEALINGS[how](work.payments.polls, poll)


class OrderPollsContract:
    """An order is asked about by one at a time, and each move of its payment begins its polls anew."""

    async def test_one_may_ask_at_a_time(self, storage: Storage) -> None:
        """
        However many ask at once, one is told to go.
        """
        await add(storage, a_payment())

        told = await asyncio.gather(
            *(
                storage.order_polls.may_ask(payment_id(1), NOON, not_since=NOON - SECOND)
                for _ in range(5)
            )
        )

        mine = a_payment()
        (polled,) = (each for each in told if each is not None)
        assert (polled.student, polled.state) == (mine.student.id, mine.state)

    async def test_asking_again_has_to_wait(self, storage: Storage) -> None:
        """
        Until the last time lies as far back as *not_since*.
        """
        await add(storage, a_payment())
        asked = storage.order_polls.may_ask
        assert await asked(payment_id(1), NOON, not_since=NOON)

        assert not await asked(payment_id(1), NOON + SECOND, not_since=NOON - SECOND)
        assert await asked(payment_id(1), NOON + SECOND, not_since=NOON)

    async def test_nobody_may_ask_about_an_unknown_order(self, storage: Storage) -> None:
        """
        An order that is not ours is never asked about.
        """
        assert not await storage.order_polls.may_ask(payment_id(1), NOON, not_since=NOON)

    async def test_being_asked_about_does_not_change_the_payment(self, storage: Storage) -> None:
        """
        Whoever read it before can still save.
        """
        await add(storage, a_payment())
        mine = (await get(storage, payment_id(1))).payment

        await storage.order_polls.may_ask(mine.id, NOON, not_since=NOON)
        await save(storage, failed(mine))

        assert (await get(storage, mine.id)).payment.version == 1

    async def test_a_poll_knows_whose_payment_it_is(self, storage: Storage) -> None:
        """
        And since when nothing has moved.
        """
        await enqueue(storage)

        (poll,) = await claim(storage)

        assert (poll.payment, poll.student, poll.since) == (payment_id(1), ASHA.id, NOON)

    async def test_a_move_may_begin_the_schedule_anew(self, storage: Storage) -> None:
        """
        What is rescheduled with a later beginning is counted from there.
        """
        await enqueue(storage)
        (poll,) = await claim(storage)
        async with storage.unit_of_work() as work:
            work.payments.polls.reschedule(replace(poll, since=DUE), due_at=LATER)

        (again,) = await claim(storage, LATER)

        assert again.since == DUE

    @every_dealing
    async def test_what_was_enqueued_anew_is_held_by_nobody(
        self, storage: Storage, how: str
    ) -> None:
        """
        The payment moved by other news while the holder asked; its attempts count anew.
        """
        await enqueue(storage)
        (lost,) = await claim(storage)
        await enqueue(storage, due=LATER)

        with pytest.raises(ChangedMeanwhile):
            await deal_with(storage, lost, how)

        (poll,) = await claim(storage, LATER)
        assert (poll.attempts, poll.generation > lost.generation) == (1, True)

    async def test_what_was_buried_can_be_enqueued_anew(self, storage: Storage) -> None:
        """
        The payment moved after all.
        """
        await enqueue(storage)
        (poll,) = await claim(storage)
        await deal_with(storage, poll, "bury")

        await enqueue(storage, due=LATER)

        assert await claim(storage, LATER)
