"""What a payment's rows in archived months tell, in the same form as what the database still has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.audit.read_records import ReadRecords
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.identifiers import PaymentId
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.proof.proof_reads import EMAILED, ReceivedWebhook, SentEmail


@dataclass(frozen=True, slots=True)
class ArchivedTraces:
    """Rows about one payment out of archived months; some may stand in the database as well."""

    webhooks: Sequence[ReceivedWebhook]
    emails: Sequence[SentEmail]
    decisions: Sequence[RecordLine]

    @classmethod
    async def read(cls, records: ReadRecords, payment: PaymentId) -> "ArchivedTraces":
        """Read them. Raises ``TrailBroken`` when a file is gone or damaged."""
        rows = [each async for each in records(payment)]
        return cls(
            webhooks=[_webhook(each) for each in rows if each.kind is RecordKind.INBOX],
            emails=[email_of(each) for each in rows if is_email(each)],
            decisions=[each for each in rows if each.kind is RecordKind.DECISIONS],
        )

    def webhooks_and(self, present: Sequence[ReceivedWebhook]) -> Sequence[ReceivedWebhook]:
        """Return all webhooks, the oldest first; of one that is in the database as well that is told."""
        known = {(each.event_id, each.body_sha256) for each in present}
        gone = [each for each in self.webhooks if (each.event_id, each.body_sha256) not in known]
        return [*gone, *present]

    def emails_and(self, present: Sequence[SentEmail]) -> Sequence[SentEmail]:
        known = {(each.task, each.subject) for each in present}
        return [*(each for each in self.emails if (each.task, each.subject) not in known), *present]

    def decisions_and(self, present: Sequence[RecordLine]) -> Sequence[RecordLine]:
        known = {each.number for each in present}
        return [*(each for each in self.decisions if each.number not in known), *present]


def _webhook(row: RecordLine) -> ReceivedWebhook:
    told = row.fields
    return ReceivedWebhook(
        event_id=str(told["event_id"]),
        event=str(told["event_name"]),
        status=str(told["status"]),
        status_id=int(told["status_id"]) if "status_id" in told else None,
        body_sha256=str(told["body_sha256"]),
        copies=int(told["copies"]),
        received_at=datetime.fromisoformat(str(told["received_at"])),
        state=EntryState(str(told["state"])),
        closed_at=row.at,
    )


def is_email(row: RecordLine) -> bool:
    """Whether an email was sent; a failure that was outdated was told to nobody."""
    if row.kind is not RecordKind.OUTBOX or OutboxTask(str(row.fields["errand"])) not in EMAILED:
        return False
    return "text_sha256" in row.fields or row.fields["errand"] != OutboxTask.PAYMENT_FAILURE


def email_of(row: RecordLine) -> SentEmail:
    return SentEmail(
        task=OutboxTask(str(row.fields["errand"])),
        subject=str(row.fields["subject"]),
        at=row.at,
        text_sha256=str(row.fields["text_sha256"]) if "text_sha256" in row.fields else None,
    )
