"""Rows on record in memory: those of the queues and of decisions, and the register of their months."""

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordMonth
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.audit.archive_register import HELD, dated
from fakes.clock import NOON
from fakes.privacy.personal_records import is_unfinished
from fakes.store import InboxRow, OutboxRow, Store
from ports.audit.archive_register import DropRefused
from ports.audit_log import AuditEntry
from ports.payments.inbox import EntryState
from ports.reconciliation.discrepancy_queries import searched_ids


@dataclass(frozen=True, slots=True)
class MemoryRecordArchive:
    store: Store
    now: Callable[[], datetime] = lambda: NOON

    async def first_finished(self, kind: RecordKind, since: datetime | None) -> datetime | None:
        await asyncio.sleep(0)
        return next(
            (each.at for each in self._rows(kind) if since is None or each.at >= since), None
        )

    async def lines(
        self,
        kind: RecordKind,
        month: ArchiveMonth,
        *,
        after: RecordLine | None = None,
        at_most: int,
    ) -> Sequence[RecordLine]:
        await asyncio.sleep(0)
        return [
            each
            for each in self._rows(kind)
            if ArchiveMonth.of(each.at) == month and (after is None or each.place > after.place)
        ][:at_most]

    async def lines_about(self, payment: PaymentId, *, at_most: int) -> Sequence[RecordLine]:
        await asyncio.sleep(0)
        rows = [each for each in self._rows(RecordKind.DECISIONS) if each.payment == payment]
        return rows[:at_most]

    async def months(self, kind: RecordKind) -> Sequence[RecordMonth]:
        await asyncio.sleep(0)
        found = [each for (of, _), each in self.store.archived_records.items() if of is kind]
        return sorted(found, key=lambda each: each.month)

    async def record(self, month: RecordMonth, was: RecordMonth | None, audit: AuditEntry) -> None:
        await asyncio.sleep(0)
        if month.state is ArchiveState.VERIFIED:
            month = replace(month, verified_at=self.now())
        month = dated(month, self.now())
        if month.state is ArchiveState.DELETING and await self.held_in_file(
            month.manifest.kind, month.month
        ):
            raise DropRefused(HELD)

        def change(store: Store) -> None:
            key = (month.manifest.kind, month.month)
            known = store.archived_records.get(key)
            if (known and (known.state, known.exported_at)) != (
                was and (was.state, was.exported_at)
            ):
                raise ChangedMeanwhile("archived month")
            store.archived_records[key] = month
            store.audit.append(audit)

        self.store.apply([change])

    async def kept(self, payments: Collection[str]) -> Sequence[PaymentId]:
        await asyncio.sleep(0)
        return sorted(PaymentId(each) for each in payments if self._is_kept(PaymentId(each)))

    async def held_in_file(self, kind: RecordKind, month: ArchiveMonth) -> Sequence[PaymentId]:
        await asyncio.sleep(0)
        noted = self.store.archived_payments
        return sorted(each for each in self.store.legal_holds if (each, kind, month) in noted)

    async def note(self, kind: RecordKind, month: ArchiveMonth, payments: Collection[str]) -> None:
        await asyncio.sleep(0)
        self.store.archived_payments |= {(PaymentId(each), kind, month) for each in payments}

    async def months_about(self, payment: PaymentId) -> Sequence[RecordMonth]:
        await asyncio.sleep(0)
        found = [
            month
            for (kind, of), month in self.store.archived_records.items()
            if (payment, kind, of) in self.store.archived_payments
        ]
        return sorted(found, key=lambda each: (each.month, each.manifest.kind))

    async def drop(self, kind: RecordKind, month: ArchiveMonth, *, at_most: int) -> int:
        going = await self.lines(kind, month, at_most=at_most)
        if not going:
            return 0
        known = self.store.archived_records.get((kind, month))
        if known is None or not known.may_drop(self.now()):
            raise DropRefused("rows stay until their file was read back 30 days ago")
        if await self.kept({each.payment for each in going}):
            raise DropRefused(
                "the rows of a payment that still needs them, or is under legal hold, are kept"
            )
        for each in going:
            if kind is RecordKind.INBOX:
                self.store.inbox.pop(each.number, None)
            elif kind is RecordKind.OUTBOX:
                self.store.outbox.pop(each.number, None)
            else:
                self.store.bases[:] = [row for row in self.store.bases if row.number != each.number]
        return len(going)

    def _is_kept(self, payment: PaymentId) -> bool:
        store, known = self.store, self.store.payments.get(payment)
        return (
            payment in store.legal_holds
            or payment in store.order_polls
            or payment in store.differences
            or any(of == payment for of, _ in store.refund_polls)
            or any(row.payment == payment and row.state != "done" for row in store.outbox.values())
            or any(
                payment in searched_ids(each) and each.state.is_open
                for each in store.discrepancies.values()
            )
            or (known is not None and is_unfinished(known))
        )

    def _rows(self, kind: RecordKind) -> Sequence[RecordLine]:
        return sorted(self._finished(kind), key=lambda each: each.place)

    def _finished(self, kind: RecordKind) -> Iterator[RecordLine]:
        if kind is RecordKind.INBOX:
            for number, received in self.store.inbox.items():
                if received.closed_at is not None and (
                    received.state == EntryState.APPLIED or received.dismissed_at is not None
                ):
                    yield _of_inbox(number, received, received.closed_at)
        elif kind is RecordKind.OUTBOX:
            for number, task in self.store.outbox.items():
                if task.state == "done" and task.why is None and task.closed_at is not None:
                    yield _of_outbox(number, task, task.closed_at)
        else:
            for row in self.store.bases:
                yield RecordLine(
                    kind=kind,
                    at=row.at,
                    number=row.number,
                    payment=row.payment,
                    fields={
                        "version": row.kept.version,
                        "basis": type(row.kept.basis).__name__,
                        "told": json.dumps({"at": row.at.isoformat()}),
                    },
                )


def _of_inbox(number: int, row: InboxRow, at: datetime) -> RecordLine:
    event = row.event
    fields: dict[str, str | int] = {
        "event_id": event.id,
        "event_name": event.name,
        "status": event.status,
        "body_sha256": event.body_sha256,
        "copies": row.copies,
        "received_at": row.received_at.isoformat(),
        "state": row.state,
    }
    if event.status_id is not None:
        fields["status_id"] = event.status_id
    return RecordLine(
        kind=RecordKind.INBOX, at=at, number=number, payment=event.order, fields=fields
    )


def _of_outbox(number: int, row: OutboxRow, at: datetime) -> RecordLine:
    fields: dict[str, str | int] = {"errand": row.task.value, "subject": row.subject}
    if row.text_sha256 is not None:
        fields["text_sha256"] = row.text_sha256
    return RecordLine(
        kind=RecordKind.OUTBOX, at=at, number=number, payment=row.payment, fields=fields
    )
