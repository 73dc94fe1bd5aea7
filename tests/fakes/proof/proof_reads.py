"""What is kept about one payment beside its books, in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.identifiers import PaymentId
from fakes.store import Store
from fakes.webhooks.webhook_deliveries import to_logged
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.proof.proof_reads import EMAILED, ReceivedWebhook, SentEmail, ToldDelivery


@dataclass(frozen=True, slots=True)
class MemoryProofReads:
    store: Store

    async def webhooks(self, payment: PaymentId, *, at_most: int) -> Sequence[ReceivedWebhook]:
        await asyncio.sleep(0)
        found = [
            ReceivedWebhook(
                event_id=row.event.id,
                event=row.event.name,
                status=row.event.status,
                status_id=row.event.status_id,
                body_sha256=row.event.body_sha256,
                copies=row.copies,
                received_at=row.received_at,
                state=EntryState(row.state),
                closed_at=row.closed_at,
            )
            for row in self.store.inbox.values()
            if row.event.order == payment
        ]
        return found[:at_most]

    async def emails(self, payment: PaymentId, *, at_most: int) -> Sequence[SentEmail]:
        await asyncio.sleep(0)
        return [
            SentEmail(
                task=row.task, subject=row.subject, at=row.closed_at, text_sha256=row.text_sha256
            )
            for row in self.store.outbox.values()
            if row.task in EMAILED
            and (row.payment, row.state, row.why) == (payment, "done", None)
            and row.closed_at is not None
            and (row.text_sha256 is not None or row.task is not OutboxTask.PAYMENT_FAILURE)
        ][:at_most]

    async def deliveries(self, payment: PaymentId, *, at_most: int) -> Sequence[ToldDelivery]:
        await asyncio.sleep(0)
        return [
            ToldDelivery(row.endpoint, to_logged(key, row))
            for key, row in self.store.webhook_deliveries.items()
            if row.event.payment == payment
        ][:at_most]
