"""What is special about deliveries, beside what every work queue does."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts.storage import LEASE, SECOND, Storage, add, enrol
from contracts.webhooks.endpoints_contract import save
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, EndpointState
from domain.webhooks.webhook_event import WebhookEvent
from fakes.clock import NOON
from fakes.hooked import ENDPOINT, an_endpoint, an_event
from fakes.samples import a_payment
from ports.webhooks.webhook_deliveries import ENDPOINT_AT_ONCE, Delivery, DeliveryState

HOUR: Final = timedelta(hours=1)


async def enqueue(storage: Storage, *events: WebhookEvent, at: datetime = NOON) -> None:
    async with storage.unit_of_work() as work:
        work.webhooks.deliveries.enqueue(events, at)


async def claim(storage: Storage, at: datetime = NOON, at_most: int = 9) -> list[Delivery]:
    return list(await storage.deliveries.claim(at, lease=LEASE, at_most=at_most))


async def complete(storage: Storage, *entries: Delivery, at: datetime = NOON) -> None:
    for entry in entries:
        async with storage.unit_of_work() as work:
            work.webhooks.deliveries.complete(replace(entry, took_ms=12), at)


class DeliveriesContract:
    async def test_each_endpoint_gets_what_it_wants_once(self, storage: Storage) -> None:
        """
        However often the fact is written, and whole.
        """
        refunds = frozenset({WebhookEventType.REFUND_FAILED})
        await save(storage, ENDPOINT, an_endpoint("B"), an_endpoint("C", types=refunds))
        sale = an_event(data={"status": "success", "enrolled": True, "n": 3, "name": "शुल्क"})
        failed = an_event(type=WebhookEventType.REFUND_FAILED, subject="RF1")
        for _ in range(2):
            await enqueue(storage, sale, failed)

        entries = await claim(storage)

        got = Counter((each.endpoint[2], each.event_id) for each in entries)
        assert got == Counter(
            {
                ("A", sale.id): 1,
                ("A", failed.id): 1,
                ("B", sale.id): 1,
                ("B", failed.id): 1,
                ("C", failed.id): 1,
            }
        )
        assert {each.event.id for each in entries if each.event == sale} == {sale.id}

    async def test_an_enrolment_ends_once_and_only_if_it_began(self, storage: Storage) -> None:
        """
        A charge that opened no course, because the student had it already, ends nobody's enrolment.
        """
        await save(storage, ENDPOINT)
        payment = a_payment()
        await add(storage, payment)
        ended = an_event(type=WebhookEventType.ENROLMENT_ENDED)
        await enqueue(storage, ended)
        assert not await claim(storage)
        await enrol(storage, payment)
        for sequence, at in ((3, NOON + SECOND), (4, NOON + HOUR)):
            async with storage.unit_of_work() as work:
                work.payments.enrolments.leave(payment, at)
                work.webhooks.deliveries.enqueue([replace(ended, sequence=sequence)], at)

        assert [each.event.sequence for each in await claim(storage, NOON + HOUR)] == [3]

    async def test_nothing_is_written_when_nobody_listens(self, storage: Storage) -> None:
        """
        An endpoint that comes later is told what happens from then on.
        """
        await enqueue(storage, an_event())
        await enqueue(storage)
        await save(storage, ENDPOINT)

        assert not await claim(storage)

    async def test_a_slow_endpoint_leaves_room(self, storage: Storage) -> None:
        """
        A few deliveries of each are claimed at once.
        """
        await save(storage, ENDPOINT, an_endpoint("B", types={WebhookEventType.PAYMENT_FAILED}))
        many = [an_event(number) for number in range(1, 9)]
        late = an_event(9, type=WebhookEventType.PAYMENT_FAILED)
        await enqueue(storage, *many)
        await enqueue(storage, late, at=NOON + SECOND)

        first = await claim(storage, NOON + SECOND)

        by_endpoint = Counter(each.endpoint[2] for each in first)
        assert by_endpoint == {"A": ENDPOINT_AT_ONCE, "B": 1}

    async def test_who_is_disabled_or_paused_is_not_called(self, storage: Storage) -> None:
        """
        What happens meanwhile is kept.
        """
        disabled = an_endpoint("B", state=EndpointState.DISABLED, disabled_at=NOON)
        await save(storage, an_endpoint("A", paused_until=NOON + SECOND), disabled)
        await enqueue(storage, an_event())

        assert not await claim(storage)
        (paused,) = await claim(storage, NOON + SECOND)
        await save(storage, replace(disabled.enabled(), version=1))
        (enabled,) = await claim(storage, NOON + SECOND)
        assert (paused.endpoint[2], enabled.endpoint[2]) == ("A", "B")

    async def test_the_log_tells_what_came_of_each(self, storage: Storage) -> None:
        """
        The newest first, page by page.
        """
        await save(storage, ENDPOINT)
        await enqueue(storage, an_event(1), an_event(2))
        await enqueue(storage, an_event(3))
        one, two, three = sorted(await claim(storage), key=lambda each: each.id)
        await complete(storage, one, at=NOON + SECOND)
        async with storage.unit_of_work() as work:
            work.webhooks.deliveries.bury(two, NOON + SECOND, why="x" * 300)
            work.webhooks.deliveries.reschedule(three, due_at=NOON + HOUR, why="503")

        log = await storage.deliveries.log(ENDPOINT.id, at_most=2)
        rest = await storage.deliveries.log(ENDPOINT.id, at_most=9, before=log[-1].id)

        told = [(each.state, each.attempts, each.due_at, each.took_ms) for each in (*log, *rest)]
        assert told == [
            (DeliveryState.NEW, 1, NOON + HOUR, None),
            (DeliveryState.DEAD, 1, NOON + SECOND, None),
            (DeliveryState.DONE, 1, NOON + SECOND, 12),
        ]
        assert [each.closed_at for each in rest] == [NOON + SECOND]
        assert (log[0].why, log[0].event, log[0].event_id) == (
            "503",
            an_event(3),
            an_event(3).id,
        )

    async def test_what_has_ended_is_replayed_under_its_id(self, storage: Storage) -> None:
        """
        Of this endpoint, and of this time, with all its attempts before it.
        """
        await save(storage, ENDPOINT, an_endpoint("B"))
        old = an_event(1, at=NOON - HOUR)
        await enqueue(storage, old, an_event(2))
        entries = await claim(storage)
        await complete(storage, *entries)
        until = NOON
        for endpoint, found in ((ENDPOINT.id, 1), (EndpointId("WEZ"), 0)):
            assert await storage.deliveries.ended(endpoint, since=NOON - HOUR, until=until) == found
        async with storage.unit_of_work() as work:
            work.webhooks.deliveries.replay(
                ENDPOINT.id, since=NOON - HOUR, until=until, at=NOON + SECOND
            )

        assert not await claim(storage)
        (again,) = await claim(storage, NOON + SECOND)
        assert (again.endpoint, again.event_id, again.attempts) == (ENDPOINT.id, old.id, 1)
        assert await storage.deliveries.ended(ENDPOINT.id, since=NOON - HOUR, until=until) == 0

    async def test_the_oldest_are_forgotten(self, storage: Storage) -> None:
        """
        By the time of their facts, so many at a time.
        """
        await save(storage, ENDPOINT)
        days = [an_event(number, at=NOON + number * HOUR) for number in range(1, 5)]
        await enqueue(storage, *days)

        assert await storage.deliveries.forget(NOON + 4 * HOUR, at_most=2) == 2
        assert await storage.deliveries.forget(NOON + 4 * HOUR, at_most=2) == 1
        assert await storage.deliveries.forget(NOON + 4 * HOUR, at_most=2) == 0
        (left,) = await storage.deliveries.log(ENDPOINT.id, at_most=9)
        assert left.event == days[-1]
