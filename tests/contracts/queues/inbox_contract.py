"""What is special about the inbox, beside what every work queue does: copies, and the payment spoken of."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from contracts.payments.payments_contract import charged
from contracts.storage import LEASE, SECOND, Storage, add, event
from domain.errors import ChangedMeanwhile
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_payment, payment_id
from ports.payments.inbox import EntryState, InboxEntry, RefusedWebhook, RefusedWebhookCursor


class InboxContract:
    async def test_a_new_event_is_due_at_once(self, storage: Storage) -> None:
        """
        Enqueued is stored: whoever comes next finds it.
        """
        assert EntryState.NEW is await storage.inbox.enqueue(event(order="SK-x"), NOON)

        (entry,) = await _claim(storage)

        assert (entry.order, entry.only_sale, entry.received_at) == ("SK-x", False, NOON)
        assert (entry.payment_state, entry.student) == (None, None)

    async def test_an_entry_knows_the_payment_it_speaks_of(self, storage: Storage) -> None:
        """
        State and student are of the payment as it stood when the entry was claimed.
        """
        await add(storage, a_payment(1), charged(a_payment(2, student=RAVI)))
        for number in (1, 2):
            order = payment_id(number)
            await storage.inbox.enqueue(event(order, order=order, only_sale=number == 1), NOON)

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
        states = [await storage.inbox.enqueue(event(), NOON) for _ in range(3)]

        assert states == [EntryState.NEW] * 3
        assert len(await _claim(storage)) == 1

    async def test_copies_at_once_are_one_entry(self, storage: Storage) -> None:
        """
        Even when they arrive side by side.
        """
        await asyncio.gather(*(storage.inbox.enqueue(event(), NOON) for _ in range(5)))

        assert len(await _claim(storage)) == 1

    async def test_each_of_a_crowd_is_told_of_its_own_event(self, storage: Storage) -> None:
        """
        New events, copies of them and copies of an applied one, side by side.
        """
        await storage.inbox.enqueue(event("sold"), NOON)
        (entry,) = await _claim(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.complete(entry, NOON)
        names = ["one", "sold", "two", "one", "three", "sold", "four"]

        told = await asyncio.gather(*(storage.inbox.enqueue(event(name), NOON) for name in names))

        new, applied = EntryState.NEW, EntryState.APPLIED
        assert told == [new, applied, new, new, new, applied, new]
        assert len(await _claim(storage)) == 4

    async def test_the_same_id_with_another_body_is_news(self, storage: Storage) -> None:
        """
        An id alone does not make a copy: what it says may have changed.
        """
        await storage.inbox.enqueue(event(), NOON)
        await storage.inbox.enqueue(replace(event(), body_sha256="1" * 64), NOON)

        assert len(await _claim(storage)) == 2

    async def test_what_was_refused_waits_until_somebody_looks(self, storage: Storage) -> None:
        """
        Oldest first, with the bank's words and the reason; a copy that is refused again is news again.
        """
        first, second = event("one", order="SK-x"), event("two", order="")
        for each in (first, second, first):
            await storage.inbox.enqueue(each, NOON)
        entries = {each.order: each for each in await _claim(storage)}
        for place, order in enumerate(("", "SK-x")):
            async with storage.unit_of_work() as work:
                at = NOON + place * SECOND
                work.payments.inbox.bury(entries[order], at, why="not an order of ours")

        found = await storage.inbox.refused(at_most=9)

        assert [each.order for each in found] == ["", "SK-x"]
        assert found[1] == RefusedWebhook(
            id=entries["SK-x"].id,
            event=first.name,
            order="SK-x",
            status=first.status,
            copies=2,
            received_at=NOON,
            since=NOON + SECOND,
            why="not an order of ours",
        )
        assert await storage.inbox.refused(at_most=1) == found[:1]
        assert await storage.inbox.refused(at_most=9, ids=[found[1].id, 99]) == found[1:]
        assert not await storage.inbox.refused(at_most=9, ids=[])
        behind = [RefusedWebhookCursor(since=each.since, id=each.id) for each in found]
        assert await storage.inbox.refused(at_most=9, after=behind[0]) == found[1:]
        assert not await storage.inbox.refused(at_most=9, after=behind[1])
        same = RefusedWebhookCursor(since=found[1].since, id=found[1].id - 1)
        assert await storage.inbox.refused(at_most=9, after=same) == found[1:]
        await _dismiss(storage, found[1])
        assert await storage.inbox.refused(at_most=9) == found[:1]
        with pytest.raises(ChangedMeanwhile):
            await _dismiss(storage, found[1])

        await storage.inbox.enqueue(first, NOON)
        (again,) = await _claim(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.bury(again, NOON, why="not an order of ours")
        assert len(await storage.inbox.refused(at_most=9)) == 2

    async def test_a_copy_of_something_applied_stays_applied(self, storage: Storage) -> None:
        """
        Only an applied entry makes its copies duplicates.
        """
        (entry,) = await _enqueued(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.complete(entry, NOON)

        assert EntryState.APPLIED is await storage.inbox.enqueue(event(), NOON + LEASE)
        assert not await _claim(storage, NOON + LEASE)

    async def test_a_copy_of_something_deferred_is_due_at_once(self, storage: Storage) -> None:
        """
        The bank says it again: no reason to wait on.
        """
        (entry,) = await _enqueued(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.reschedule(entry, due_at=NOON + LEASE, why="no such order yet")
        assert not await _claim(storage, NOON + SECOND)

        assert EntryState.NEW is await storage.inbox.enqueue(event(), NOON + SECOND)

        assert len(await _claim(storage, NOON + SECOND)) == 1

    async def test_a_copy_of_something_refused_is_looked_into(self, storage: Storage) -> None:
        """
        What was nobody's yesterday may be ours today.
        """
        (entry,) = await _enqueued(storage)
        async with storage.unit_of_work() as work:
            work.payments.inbox.bury(entry, NOON, why="not an order of ours")
        assert not await _claim(storage, NOON + LEASE)

        assert EntryState.NEW is await storage.inbox.enqueue(event(), NOON)

        assert (await _claim(storage))[0].attempts == 2


async def _enqueued(storage: Storage) -> list[InboxEntry]:
    await storage.inbox.enqueue(event(), NOON)
    return await _claim(storage)


async def _claim(storage: Storage, at: datetime = NOON) -> list[InboxEntry]:
    return list(await storage.inbox.claim(at, lease=LEASE, at_most=9))


async def _dismiss(storage: Storage, webhook: RefusedWebhook) -> None:
    async with storage.unit_of_work() as work:
        work.payments.inbox.dismiss_webhook(webhook.id, NOON)
