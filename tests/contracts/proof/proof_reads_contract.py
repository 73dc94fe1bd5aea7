"""What whoever reads a payment's traces must do; run against memory and against PostgreSQL."""

from dataclasses import replace

from contracts.storage import LEASE, SECOND, Storage, event
from contracts.webhooks.deliveries_contract import enqueue
from contracts.webhooks.endpoints_contract import save
from fakes.clock import NOON
from fakes.hooked import ENDPOINT, an_event
from fakes.samples import payment_id
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.proof.proof_reads import ReceivedWebhook, SentEmail

MINE, OTHERS = payment_id(1), payment_id(2)
SHA = "5" * 64


class ProofReadsContract:
    async def test_webhooks_of_the_order_are_told(self, storage: Storage) -> None:
        """
        What was kept of each, copies counted, in the order in which they came first.
        """
        for name, order, after in (
            ("b", MINE, 0),
            ("a", MINE, 1),
            ("c", OTHERS, 2),
            ("b", MINE, 3),
        ):
            await storage.inbox.enqueue(event(name, order=order), NOON + after * SECOND)
        (*_, copied) = await storage.inbox.claim(NOON + 5 * SECOND, lease=LEASE, at_most=9)
        async with storage.unit_of_work() as work:
            work.payments.inbox.complete(copied, NOON + 9 * SECOND)

        found = await storage.proof_reads.webhooks(MINE, at_most=5)

        assert [each.event_id for each in found] == ["event-b", "event-a"]
        assert found[0] == ReceivedWebhook(
            event_id="event-b",
            event="ORDER_SUCCEEDED",
            status="CHARGED",
            status_id=21,
            body_sha256="0" * 64,
            copies=2,
            received_at=NOON,
            state=EntryState.APPLIED,
            closed_at=NOON + 9 * SECOND,
        )
        assert (found[1].state, found[1].closed_at) == (EntryState.NEW, None)
        assert len(await storage.proof_reads.webhooks(MINE, at_most=1)) == 1

    async def test_emails_that_were_sent_are_told(self, storage: Storage) -> None:
        """
        None that waits, that a person closed undone, that was overtaken, and no other task.
        """
        tasks = [
            (OutboxTask.PAYMENT_CONFIRMATION, MINE, None),
            (OutboxTask.REFUND_CONFIRMATION, MINE, "RF1"),
            (OutboxTask.REFUND_REQUESTED, MINE, "RF1"),
            (OutboxTask.PAYMENT_FAILURE, MINE, None),
            (OutboxTask.TAX_DOCUMENT, MINE, None),
            (OutboxTask.PAYMENT_CONFIRMATION, OTHERS, None),
            (OutboxTask.REFUND_REQUESTED, MINE, "RF2"),
        ]
        for task, payment, subject in tasks:
            async with storage.unit_of_work() as work:
                work.notifications.outbox.enqueue(task, payment, NOON, subject=subject)
        entries = await storage.outbox.claim(NOON, lease=LEASE, at_most=9)
        for entry in entries:
            hashed = SHA if entry.task is OutboxTask.REFUND_CONFIRMATION else None
            async with storage.unit_of_work() as work:
                outbox = work.notifications.outbox
                match entry.subject:
                    case "RF2":
                        outbox.reschedule(entry, due_at=NOON + SECOND)
                    case "RF1" if hashed is None:
                        outbox.bury(entry, NOON, why="no such address")
                    case _:
                        outbox.complete(replace(entry, text_sha256=hashed), NOON + SECOND)
        (dead,) = await storage.outbox.dead_letters(at_most=9)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.cancel(dead.id, NOON, why="told by telephone")

        found = await storage.proof_reads.emails(MINE, at_most=9)

        assert found == [
            SentEmail(
                task=OutboxTask.PAYMENT_CONFIRMATION,
                subject=MINE,
                at=NOON + SECOND,
                text_sha256=None,
            ),
            SentEmail(
                task=OutboxTask.REFUND_CONFIRMATION,
                subject="RF1",
                at=NOON + SECOND,
                text_sha256=SHA,
            ),
        ]
        assert len(await storage.proof_reads.emails(MINE, at_most=1)) == 1

    async def test_deliveries_to_the_platform_are_told(self, storage: Storage) -> None:
        """
        Of this payment, with their endpoint and what came of them.
        """
        await save(storage, ENDPOINT)
        mine, others = an_event(), replace(an_event(), payment=OTHERS, subject=OTHERS)
        await enqueue(storage, others, mine)

        (told,) = await storage.proof_reads.deliveries(mine.payment, at_most=5)

        (logged,) = [
            each
            for each in await storage.deliveries.log(ENDPOINT.id, at_most=5)
            if each.event == mine
        ]
        assert (told.endpoint, told.delivery) == (ENDPOINT.id, logged)
        assert await storage.proof_reads.deliveries(mine.payment, at_most=0) == []
