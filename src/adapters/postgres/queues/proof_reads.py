"""What the queues keep about one payment, read by its own indexes."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.queues.webhook_deliveries import LOGGED, to_logged
from domain.identifiers import PaymentId
from domain.webhooks.platform_endpoint import EndpointId
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.proof.proof_reads import EMAILED, ReceivedWebhook, SentEmail, ToldDelivery

WEBHOOKS: Final = prepare(
    text("""
        SELECT event_id, event_name, status, status_id, body_sha256, copies, received_at, state, closed_at
        FROM inbox WHERE order_id = :payment ORDER BY id LIMIT :at_most
    """)
)
# What a person closed undone is done as well, and has its reason. A failure that was outdated was told to nobody.
EMAILS: Final = prepare(
    text(f"""
        SELECT errand, subject, closed_at, text_sha256 FROM outbox
        WHERE errand IN ({", ".join(f"'{each.value}'" for each in EMAILED)}) AND payment_id = :payment
          AND state = 'done' AND why IS NULL
          AND (text_sha256 IS NOT NULL OR errand <> '{OutboxTask.PAYMENT_FAILURE}')
        ORDER BY id LIMIT :at_most
    """)
)
DELIVERIES: Final = prepare(
    text(f"""
        SELECT endpoint_id, {LOGGED} FROM webhook_delivery WHERE payment_id = :payment ORDER BY id LIMIT :at_most
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresProofReads:
    database: Database

    async def webhooks(self, payment: PaymentId, *, at_most: int) -> Sequence[ReceivedWebhook]:
        rows = await self.database.fetch(WEBHOOKS, payment=payment, at_most=at_most)
        return [
            ReceivedWebhook(
                event_id=row["event_id"],
                event=row["event_name"],
                status=row["status"],
                status_id=row["status_id"],
                body_sha256=row["body_sha256"],
                copies=row["copies"],
                received_at=row["received_at"],
                state=EntryState(row["state"]),
                closed_at=row["closed_at"],
            )
            for row in rows
        ]

    async def emails(self, payment: PaymentId, *, at_most: int) -> Sequence[SentEmail]:
        rows = await self.database.fetch(EMAILS, payment=payment, at_most=at_most)
        return [
            SentEmail(
                task=OutboxTask(row["errand"]),
                subject=row["subject"],
                at=row["closed_at"],
                text_sha256=row["text_sha256"],
            )
            for row in rows
        ]

    async def deliveries(self, payment: PaymentId, *, at_most: int) -> Sequence[ToldDelivery]:
        rows = await self.database.fetch(DELIVERIES, payment=payment, at_most=at_most)
        return [ToldDelivery(EndpointId(row["endpoint_id"]), to_logged(row)) for row in rows]
