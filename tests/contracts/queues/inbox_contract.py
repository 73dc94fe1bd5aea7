"""What any durable inbox must do: nothing lost, nothing done twice, one holder at a time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.payments.payments_contract import charged
from contracts.storage import LEASE, SECOND, Storage, add, event
from domain.errors import ChangedMeanwhile, NotFound
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_payment, payment_id
from ports.payments.inbox import EntryState, InboxEntry


class InboxContract:
    async def test_a_new_event_is_due_at_once(self, storage: Storage) -> None:
        """
        Accepted is stored: whoever comes next finds it.
        """
        assert EntryState.NEW is await storage.inbox.accept(event(order="SK-x"), NOON)

        (entry,) = await _claim(storage)

        assert (
            entry.order,
            entry.only_sale,
            entry.attempts,
            entry.generation,
            entry.received_at,
        ) == ("SK-x", False, 1, 1, NOON)
        assert (entry.payment_state, entry.student) == (None, None)

    async def test_an_entry_knows_the_payment_it_speaks_of(self, storage: Storage) -> None:
        """
        State and student are of the payment as it stood when the entry was claimed.
        """
        await add(storage, a_payment(1), charged(a_payment(2, student=RAVI)))
        for number in (1, 2):
            order = payment_id(number)
            await storage.inbox.accept(event(order, order=order, only_sale=number == 1), NOON)

        found = {entry.order: entry for entry in await _claim(storage)}

        first, second = found[payment_id(1)], found[payment_id(2)]
        assert (State.PENDING, ASHA.id, True) == (
            first.payment_state,
            first.student,
            first.only_sale,
        )
        assert (State.SUCCESS, RAVI.id, False) == (
            second.payment_state,
            second.student,
            second.only_sale,
        )

    async def test_a_copy_of_something_new_adds_nothing(self, storage: Storage) -> None:
        """
        One entry however often the bank sends it.
        """
        states = [await storage.inbox.accept(event(), NOON) for _ in range(3)]

        assert states == [EntryState.NEW] * 3
        assert len(await _claim(storage)) == 1

    async def test_copies_at_once_are_one_entry(self, storage: Storage) -> None:
        """
        Even when they arrive side by side.
        """
        await asyncio.gather(*(storage.inbox.accept(event(), NOON) for _ in range(5)))

        assert len(await _claim(storage)) == 1

    async def test_the_same_id_with_another_body_is_news(self, storage: Storage) -> None:
        """
        An id alone does not make a copy: what it says may have changed.
        """
        await storage.inbox.accept(event(), NOON)
        await storage.inbox.accept(replace(event(), body_sha256="1" * 64), NOON)

        assert len(await _claim(storage)) == 2

    async def test_a_copy_of_something_applied_stays_applied(self, storage: Storage) -> None:
        """
        Only an applied entry makes its copies duplicates.
        """
        (entry,) = await _accepted(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.applied(entry, NOON)

        assert EntryState.APPLIED is await storage.inbox.accept(event(), NOON + LEASE)
        assert not await _claim(storage, NOON + LEASE)

    async def test_a_copy_of_something_parked_is_due_at_once(self, storage: Storage) -> None:
        """
        The bank says it again: no reason to wait on.
        """
        (entry,) = await _accepted(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.parked(entry, due_at=NOON + LEASE, why="no such order yet")
        assert not await _claim(storage, NOON + SECOND)

        assert EntryState.NEW is await storage.inbox.accept(event(), NOON + SECOND)

        assert len(await _claim(storage, NOON + SECOND)) == 1

    async def test_a_copy_of_something_refused_is_looked_into(self, storage: Storage) -> None:
        """
        What was nobody's yesterday may be ours today.
        """
        (entry,) = await _accepted(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.refused(entry, NOON, why="not an order of ours")
        assert not await _claim(storage, NOON + LEASE)

        assert EntryState.NEW is await storage.inbox.accept(event(), NOON)

        assert (await _claim(storage))[0].attempts == 2

    async def test_a_parked_entry_comes_back_when_due(self, storage: Storage) -> None:
        """
        Not before, and it counts its attempts.
        """
        (entry,) = await _accepted(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.parked(entry, due_at=NOON + SECOND, why="GatewayDown")

        assert not await _claim(storage, NOON + SECOND / 2)
        assert (await _claim(storage, NOON + SECOND))[0].attempts == 2

    async def test_the_oldest_come_first_and_no_more_than_asked(self, storage: Storage) -> None:
        """
        A flood does not starve who came before it.
        """
        for seconds in (3, 1, 2):
            at = NOON + seconds * SECOND
            await storage.inbox.accept(event(str(seconds), order=str(seconds)), at)

        later = NOON + 9 * SECOND
        assert [entry.order for entry in await _claim(storage, later, at_most=2)] == ["1", "2"]
        assert [entry.order for entry in await _claim(storage, later, at_most=2)] == ["3"]

    async def test_a_leased_entry_is_nobody_elses(self, storage: Storage) -> None:
        """
        Until the lease runs out to the instant; then the next holder has a newer generation.
        """
        (held,) = await _accepted(storage)
        assert not await _claim(storage, NOON + LEASE - timedelta(microseconds=1))

        (taken,) = await _claim(storage, NOON + LEASE)

        assert (held.id, held.generation + 1) == (taken.id, taken.generation)

    async def test_two_who_claim_at_once_share_nothing(self, storage: Storage) -> None:
        """
        Each entry goes to one of them.
        """
        for number in range(6):
            await storage.inbox.accept(event(str(number)), NOON)

        claims = await asyncio.gather(*(_claim(storage, at_most=4) for _ in range(3)))

        ids = [entry.id for claim in claims for entry in claim]
        assert 6 == len(ids) == len(set(ids))

    async def test_who_lost_the_lease_cannot_close(self, storage: Storage) -> None:
        """
        And nothing else of that unit happens either.
        """
        (expired,) = await _accepted(storage)
        (holder,) = await _claim(storage, NOON + LEASE)

        for unit in (_add_and_apply, _park, _refuse):
            with pytest.raises(ChangedMeanwhile):
                await unit(storage, expired)

        async with storage.unit_of_work() as work:
            with pytest.raises(NotFound):
                await work.payments.repository.get(payment_id(1))
            work.payments.inbox.applied(holder, NOON)
        assert EntryState.APPLIED is await storage.inbox.accept(event(), NOON)

    async def test_closing_happens_with_the_unit_or_not_at_all(self, storage: Storage) -> None:
        """
        What the entry led to failed, so the entry is still open.
        """
        (entry,) = await _accepted(storage)

        async def unit() -> None:
            async with storage.unit_of_work() as work:
                work.payments.inbox.applied(entry, NOON)
                work.payments.repository.save(a_payment())

        with pytest.raises(ChangedMeanwhile):
            await unit()

        assert EntryState.NEW is await storage.inbox.accept(event(), NOON)

    async def test_a_long_reason_is_kept_short(self, storage: Storage) -> None:
        """
        Foreign words do not break the closing.
        """
        (entry,) = await _accepted(storage)

        async with storage.unit_of_work() as work:
            work.payments.inbox.parked(entry, due_at=NOON, why="x" * 5000)

        assert len(await _claim(storage)) == 1


async def _accepted(storage: Storage) -> list[InboxEntry]:
    await storage.inbox.accept(event(), NOON)
    return await _claim(storage)


async def _claim(storage: Storage, at: datetime = NOON, *, at_most: int = 9) -> list[InboxEntry]:
    return list(await storage.inbox.claim(at, lease=LEASE, at_most=at_most))


async def _add_and_apply(storage: Storage, entry: InboxEntry) -> None:
    async with storage.unit_of_work() as work:
        work.payments.repository.add(a_payment())
        work.payments.inbox.applied(entry, NOON)


async def _park(storage: Storage, entry: InboxEntry) -> None:
    async with storage.unit_of_work() as work:
        work.payments.inbox.parked(entry, due_at=NOON, why="GatewayDown")


async def _refuse(storage: Storage, entry: InboxEntry) -> None:
    async with storage.unit_of_work() as work:
        work.payments.inbox.refused(entry, NOON, why="not an order of ours")
