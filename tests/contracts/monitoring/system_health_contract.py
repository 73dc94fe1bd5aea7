"""What any reading of the installation must tell: what is due and not done, what was given up, what ran."""

from datetime import timedelta
from typing import Final

from contracts.storage import LEASE, SECOND, Storage, add, event
from contracts.webhooks.endpoints_contract import save
from domain.identifiers import PaymentId
from domain.rebuild.differences import Difference, DifferenceKind
from fakes.audit.sealing import seal
from fakes.clock import NOON
from fakes.hooked import ENDPOINT, an_endpoint, an_event
from fakes.samples import BY_STAFF, a_payment, payment_id
from ports.audit_log import AuditEntry
from ports.monitoring.system_health import QueueHealth, SystemReading
from ports.notifications.outbox import OutboxTask

HOUR: Final = timedelta(hours=1)
JOBS: Final = ("one", "two")


async def read(storage: Storage, later: timedelta = HOUR) -> SystemReading:
    return await storage.system_health.read(NOON + later, JOBS)


async def queue(storage: Storage, name: str, later: timedelta = HOUR) -> QueueHealth:
    (found,) = (each for each in (await read(storage, later)).queues if each.name == name)
    return found


async def enqueue(storage: Storage, payment: PaymentId) -> None:
    async with storage.unit_of_work() as work:
        work.notifications.outbox.enqueue(OutboxTask.PAYMENT_CONFIRMATION, payment, NOON)


class SystemHealthContract:
    async def test_nothing_waits(self, storage: Storage) -> None:
        """
        Five queues with nothing in them, and no job that ran.
        """
        seen = await read(storage)

        assert [(each.name, each.due, each.oldest_due_at, each.dead) for each in seen.queues] == [
            ("inbox", 0, None, 0),
            ("outbox", 0, None, 0),
            ("order_polls", 0, None, 0),
            ("refund_polls", 0, None, 0),
            ("webhook_deliveries", 0, None, 0),
        ]
        assert seen.last_runs == {}
        assert seen.differing == 0

    async def test_what_differs_is_counted(self, storage: Storage) -> None:
        """
        A payment once, until it has healed.
        """
        found = Difference(kind=DifferenceKind.STATE, books="failed", rebuilt="success")
        await storage.differences.record({payment_id(1): [found, found]}, [], NOON)

        assert (await read(storage)).differing == 1

    async def test_what_is_due_and_not_done_has_an_age(self, storage: Storage) -> None:
        """
        Since it fell due; what is not due yet does not count.
        """
        await storage.inbox.enqueue(event("one"), NOON)
        await storage.inbox.enqueue(event("two"), NOON + 2 * SECOND)

        assert await queue(storage, "inbox", timedelta()) == QueueHealth(
            name="inbox", due=1, oldest_due_at=NOON, dead=0
        )
        assert (await queue(storage, "inbox")).due == 2

    async def test_what_somebody_works_on_does_not_wait(self, storage: Storage) -> None:
        """
        Until the lease has passed.
        """
        await add(storage, a_payment())
        await enqueue(storage, payment_id(1))
        await storage.outbox.claim(NOON, lease=LEASE, at_most=1)

        assert (await queue(storage, "outbox", SECOND)).due == 0
        assert (await queue(storage, "outbox", LEASE + SECOND)).due == 1

    async def test_what_was_given_up_is_counted(self, storage: Storage) -> None:
        """
        A dead letter is not due.
        """
        await add(storage, a_payment())
        await enqueue(storage, payment_id(1))
        (entry,) = await storage.outbox.claim(NOON, lease=LEASE, at_most=1)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.bury(entry, NOON, why="no such address")

        assert await queue(storage, "outbox") == QueueHealth(
            name="outbox", due=0, oldest_due_at=None, dead=1
        )

    async def test_a_refused_webhook_was_given_up_until_somebody_looks(
        self, storage: Storage
    ) -> None:
        """
        It is not due.
        """
        await storage.inbox.enqueue(event("one"), NOON)
        (entry,) = await storage.inbox.claim(NOON, lease=LEASE, at_most=1)
        async with storage.unit_of_work() as work:
            work.payments.inbox.bury(entry, NOON, why="not an order of ours")
        assert await queue(storage, "inbox") == QueueHealth(
            name="inbox", due=0, oldest_due_at=None, dead=1
        )

        async with storage.unit_of_work() as work:
            work.payments.inbox.dismiss_webhook(entry.id, NOON)

        assert (await queue(storage, "inbox")).dead == 0

    async def test_what_waits_for_an_endpoint_that_is_called_is_due(self, storage: Storage) -> None:
        """
        Neither for one that is out of use nor for one that rests after a failure: nobody is to take that.
        """
        paused = an_endpoint("B", paused_until=NOON + 2 * HOUR)
        out_of_use = an_endpoint("C").disabled(NOON, "gone")
        await save(storage, ENDPOINT, paused, out_of_use)
        async with storage.unit_of_work() as work:
            work.webhooks.deliveries.enqueue([an_event()], NOON)

        assert await queue(storage, "webhook_deliveries") == QueueHealth(
            name="webhook_deliveries", due=1, oldest_due_at=NOON, dead=0
        )
        assert (await queue(storage, "webhook_deliveries", 3 * HOUR)).due == 2
        await storage.deliveries.claim(NOON, lease=LEASE, at_most=9)
        assert (await queue(storage, "webhook_deliveries", SECOND)).due == 0

    async def test_an_entry_that_is_not_sealed_has_an_age(self, storage: Storage) -> None:
        """
        Since it was written, until it is sealed.
        """
        assert (await read(storage)).unsealed_since is None
        for seconds in (0, 1):
            async with storage.unit_of_work() as work:
                at = NOON + seconds * SECOND
                work.audit.add(AuditEntry(at=at, origin=BY_STAFF, action="a", subject="b"))

        assert (await read(storage)).unsealed_since == NOON
        await seal(storage.sealed_log)()
        assert (await read(storage)).unsealed_since is None

    async def test_each_job_tells_its_last_slot(self, storage: Storage) -> None:
        """
        Of those that were asked about.
        """
        for job, hours in (("one", 0), ("one", 2), ("three", 3)):
            await storage.job_runs.claim(job, NOON + hours * HOUR)

        assert (await read(storage)).last_runs == {"one": NOON + 2 * HOUR}
