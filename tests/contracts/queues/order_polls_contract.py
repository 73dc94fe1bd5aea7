"""What any keeper of questions must do; run against memory and against PostgreSQL."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from contracts.payments.payments_contract import failed
from contracts.storage import LEASE, SECOND, Storage, add, get, save
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import ASHA, a_payment, payment_id
from ports.payments.order_polls import OrderPoll
from ports.unit_of_work import Work

MOMENT = timedelta(microseconds=1)
DUE = NOON + SECOND
LATER = NOON + timedelta(hours=1)

Closing = Callable[[Work, OrderPoll], None]
CLOSINGS: dict[str, Closing] = {
    "put off": lambda work, question: work.payments.polls.put_off(
        question, since=NOON, due_at=LATER
    ),
    "end": lambda work, question: work.payments.polls.end(question),
    "park": lambda work, question: work.payments.polls.park(question, DUE),
}


async def begin(storage: Storage, number: int = 1, *, due: datetime = DUE) -> None:
    async with storage.unit_of_work() as work:
        work.payments.polls.begin(payment_id(number), ASHA.id, since=NOON, due_at=due)


async def claim(storage: Storage, at: datetime = DUE, *, at_most: int = 9) -> list[OrderPoll]:
    return list(await storage.order_polls.claim(at, lease=LEASE, at_most=at_most))


async def close(storage: Storage, question: OrderPoll, how: str) -> None:
    async with storage.unit_of_work() as work:
        CLOSINGS[how](work, question)


class OrderPollsContract:
    """A question is due at its time, held under a lease, and put off or ended by its newest holder."""

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

        assert sum(told) == 1

    async def test_asking_again_has_to_wait(self, storage: Storage) -> None:
        """
        Until the last question lies as far back as *not_since*.
        """
        await add(storage, a_payment())
        asked = storage.order_polls.may_ask
        assert await asked(payment_id(1), NOON, not_since=NOON)

        assert not await asked(payment_id(1), NOON + SECOND, not_since=NOON - SECOND)
        assert await asked(payment_id(1), NOON + SECOND, not_since=NOON)

    async def test_nobody_may_ask_about_a_stranger(self, storage: Storage) -> None:
        """
        An order that is not ours is never asked about.
        """
        assert not await storage.order_polls.may_ask(payment_id(1), NOON, not_since=NOON)

    async def test_being_asked_does_not_change_the_payment(self, storage: Storage) -> None:
        """
        Whoever read it before can still save.
        """
        await add(storage, a_payment())
        mine = (await get(storage, payment_id(1))).payment

        await storage.order_polls.may_ask(mine.id, NOON, not_since=NOON)
        await save(storage, failed(mine))

        assert (await get(storage, mine.id)).payment.version == 1

    async def test_a_question_is_due_at_its_time(self, storage: Storage) -> None:
        """
        With whose payment it is about and since when; not a moment earlier.
        """
        await begin(storage)

        assert not await claim(storage, DUE - MOMENT)
        (question,) = await claim(storage)
        assert (question.payment, question.student, question.since) == (
            payment_id(1),
            ASHA.id,
            NOON,
        )

    async def test_the_longest_due_come_first(self, storage: Storage) -> None:
        """
        And no more than wanted.
        """
        for number, seconds in ((1, 3), (2, 1), (3, 2)):
            await begin(storage, number, due=NOON + seconds * SECOND)

        first = await claim(storage, LATER, at_most=2)
        rest = await claim(storage, LATER, at_most=2)

        assert [payment_id(2), payment_id(3)] == [each.payment for each in first]
        assert [payment_id(1)] == [each.payment for each in rest]

    async def test_two_who_claim_at_once_share_nothing(self, storage: Storage) -> None:
        """
        Each question goes to one of them.
        """
        for number in range(1, 5):
            await begin(storage, number)

        claims = await asyncio.gather(*(claim(storage, at_most=3) for _ in range(3)))

        claimed = [question.payment for claimed in claims for question in claimed]
        assert 4 == len(claimed) == len(set(claimed))

    async def test_a_held_question_is_nobody_elses_until_its_lease_ends(
        self, storage: Storage
    ) -> None:
        """
        To the instant.
        """
        await begin(storage)
        await claim(storage)

        assert not await claim(storage, DUE + LEASE - MOMENT)
        assert await claim(storage, DUE + LEASE)

    async def test_put_off_comes_again(self, storage: Storage) -> None:
        """
        At the time it was put off to, free for anybody.
        """
        await begin(storage)
        (question,) = await claim(storage)

        await close(storage, question, "put off")

        assert not await claim(storage, LATER - MOMENT)
        assert await claim(storage, LATER)

    async def test_a_move_may_begin_the_schedule_anew(self, storage: Storage) -> None:
        """
        What is put off with a later beginning is counted from there.
        """
        await begin(storage)
        (question,) = await claim(storage)
        async with storage.unit_of_work() as work:
            work.payments.polls.put_off(question, since=DUE, due_at=LATER)

        (again,) = await claim(storage, LATER)

        assert again.since == DUE

    @pytest.mark.parametrize("how", ["end", "park"])
    async def test_what_is_over_is_not_asked(self, storage: Storage, how: str) -> None:
        """
        However late.
        """
        await begin(storage)
        (question,) = await claim(storage)

        await close(storage, question, how)

        assert not await claim(storage, LATER)

    @pytest.mark.parametrize("how", CLOSINGS)
    async def test_who_lost_the_lease_cannot_close(self, storage: Storage, how: str) -> None:
        """
        The newest holder's question stands, and nothing written with the loser's word is kept.
        """
        await add(storage, a_payment())
        await begin(storage)
        (lost,) = await claim(storage)
        (held,) = await claim(storage, DUE + LEASE)

        async def write() -> None:
            async with storage.unit_of_work() as work:
                work.payments.repository.save(failed(a_payment()))
                CLOSINGS[how](work, lost)

        with pytest.raises(ChangedMeanwhile):
            await write()

        assert (await get(storage, payment_id(1))).payment == a_payment()
        await close(storage, held, how)

    @pytest.mark.parametrize("how", CLOSINGS)
    async def test_what_was_begun_anew_is_held_by_nobody(self, storage: Storage, how: str) -> None:
        """
        The payment moved by other news while the holder asked; parked ones come back too.
        """
        await begin(storage)
        (lost,) = await claim(storage)
        await begin(storage, due=LATER)

        with pytest.raises(ChangedMeanwhile):
            await close(storage, lost, how)

        (question,) = await claim(storage, LATER)
        await close(storage, question, "park")
        await begin(storage, due=LATER)
        assert await claim(storage, LATER)

    @pytest.mark.parametrize("how", CLOSINGS)
    async def test_what_was_dropped_is_gone(self, storage: Storage, how: str) -> None:
        """
        For its holder too; dropping what is not there is no error.
        """
        await begin(storage)
        (lost,) = await claim(storage)
        for _ in range(2):
            async with storage.unit_of_work() as work:
                work.payments.polls.drop(payment_id(1))

        assert not await claim(storage, LATER)
        with pytest.raises(ChangedMeanwhile):
            await close(storage, lost, how)
