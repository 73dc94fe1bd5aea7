"""What any keeper of rows on record must do; run against memory and against PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from contracts.audit.archive_contract import LONG_AGO, NOVEMBER, NOW, OCTOBER
from contracts.storage import BY_MIRA, LEASE, Storage, add, event
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import GRACE, ArchivedMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordManifest, RecordMonth
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from fakes.samples import a_payment, payment_id
from ports.audit.archive_register import DropRefused
from ports.notifications.outbox import OutboxTask

HOUR: Final = timedelta(hours=1)
LAST_HOUR: Final = OCTOBER.end - HOUR
MINE: Final = payment_id(1)
OTHERS: Final = payment_id(2)
INBOX, OUTBOX, DECISIONS = RecordKind
TASK: Final = OutboxTask.PAYMENT_CONFIRMATION


async def received(
    storage: Storage, name: str, payment: str = MINE, at: datetime = LAST_HOUR
) -> None:
    """Let a webhook about *payment* come and be applied at the instant *at*."""
    await storage.inbox.enqueue(event(name, order=payment), at)
    (entry,) = await storage.inbox.claim(at, lease=LEASE, at_most=9)
    async with storage.unit_of_work() as work:
        work.payments.inbox.complete(entry, at)


async def told(storage: Storage, payment: PaymentId = MINE, at: datetime = LAST_HOUR) -> None:
    """Let a student be told of *payment* at the instant *at*."""
    async with storage.unit_of_work() as work:
        work.notifications.outbox.enqueue(TASK, payment, at)
    (entry,) = await storage.outbox.claim(at, lease=LEASE, at_most=9)
    async with storage.unit_of_work() as work:
        work.notifications.outbox.complete(entry, at)


async def decided(
    storage: Storage, number: int = 1, at: datetime = LAST_HOUR, state: State = State.EXPIRED
) -> None:
    """Let a payment have begun at the instant *at*; it is in *state* now."""
    await add(storage, replace(a_payment(number, at=at), state=state, closed_at=at))


async def lines(
    storage: Storage, kind: RecordKind, month: ArchiveMonth = OCTOBER
) -> list[RecordLine]:
    return [*await storage.record_archive.lines(kind, month, at_most=99)]


async def exported(storage: Storage, kind: RecordKind, count: int = 1) -> RecordMonth:
    manifest = RecordManifest(kind=kind, month=OCTOBER, count=count, sha256="0" * 64, size_bytes=1)
    month = ArchivedMonth.exported(manifest, OCTOBER.end)
    await storage.record_archive.record(month, None, BY_MIRA)
    return month


async def verified(storage: Storage, kind: RecordKind) -> None:
    was = await exported(storage, kind)
    await storage.record_archive.record(was.read_back(OCTOBER.end), was, BY_MIRA)


class RecordArchiveContract:
    async def test_a_row_is_of_the_month_in_which_it_was_finished(self, storage: Storage) -> None:
        """
        By midnight in India, in the order in which they were, behind a place, and about their payment.
        """
        await received(storage, "a", at=LAST_HOUR + HOUR / 2)
        await received(storage, "b", OTHERS, at=LAST_HOUR)
        await received(storage, "c", at=OCTOBER.end)

        first, second = await lines(storage, INBOX)

        assert [first.payment, second.payment] == [OTHERS, MINE]
        assert [first.at, second.at] == [LAST_HOUR, LAST_HOUR + HOUR / 2]
        assert first.fields["event_id"] == "event-b"
        assert (first.fields["status_id"], first.fields["copies"]) == (21, 1)
        assert len(await lines(storage, INBOX, NOVEMBER)) == 1
        archive = storage.record_archive
        assert await archive.lines(INBOX, OCTOBER, at_most=1) == [first]
        assert await archive.lines(INBOX, OCTOBER, after=first, at_most=9) == [second]
        assert await archive.first_finished(INBOX, None) == LAST_HOUR
        assert await archive.first_finished(INBOX, OCTOBER.end) == OCTOBER.end
        assert await archive.first_finished(INBOX, NOVEMBER.end) is None

    async def test_what_waits_is_of_no_month(self, storage: Storage) -> None:
        """
        Neither a webhook that nobody has processed or dismissed, nor a task that is new, dead, or was closed undone.
        """
        await storage.inbox.enqueue(event("new", order=MINE), LAST_HOUR)
        (entry,) = await storage.inbox.claim(LAST_HOUR, lease=LEASE, at_most=9)
        async with storage.unit_of_work() as work:
            work.payments.inbox.bury(entry, LAST_HOUR, why="who knows")
        async with storage.unit_of_work() as work:
            work.notifications.outbox.enqueue(TASK, MINE, LAST_HOUR)
            work.notifications.outbox.enqueue(TASK, OTHERS, LAST_HOUR)
        first, second = await storage.outbox.claim(LAST_HOUR, lease=LEASE, at_most=9)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.bury(first, LAST_HOUR, why="who knows")
        assert await storage.record_archive.first_finished(INBOX, None) is None
        assert await storage.record_archive.first_finished(OUTBOX, None) is None

        async with storage.unit_of_work() as work:
            work.payments.inbox.dismiss_webhook(entry.id, LAST_HOUR + HOUR)
            work.notifications.outbox.complete(second, LAST_HOUR)

        assert [each.payment for each in await lines(storage, INBOX)] == [MINE]
        assert [each.payment for each in await lines(storage, OUTBOX)] == [OTHERS]

    async def test_tasks_and_decisions_are_lines_as_well(self, storage: Storage) -> None:
        """
        What was done and when; which version of a payment was decided on what.
        """
        await told(storage)
        await decided(storage)

        (task,), (basis,) = await lines(storage, OUTBOX), await lines(storage, DECISIONS)

        assert (task.fields["errand"], task.at) == (TASK.value, LAST_HOUR)
        assert (basis.payment, basis.fields["version"], basis.at) == (
            *(MINE, a_payment().version, LAST_HOUR),
        )
        assert str(basis.fields["told"]).startswith("{")
        assert await storage.record_archive.lines_about(MINE, at_most=9) == [basis]
        assert await storage.record_archive.lines_about(OTHERS, at_most=9) == []
        for line in (task, basis):
            assert RecordLine.parse(bytes(line)) == line

    async def test_a_month_is_recorded_with_an_entry_of_the_audit_log(
        self, storage: Storage
    ) -> None:
        """
        Once, step by step, each kind for itself; of two who record at once one is told.
        """
        archive = storage.record_archive
        was = await exported(storage, INBOX)
        await exported(storage, OUTBOX)
        with pytest.raises(ChangedMeanwhile):
            await exported(storage, INBOX)
        assert await archive.months(INBOX) == [was]
        await archive.record(was.read_back(OCTOBER.end), was, BY_MIRA)

        with pytest.raises(ChangedMeanwhile):
            await archive.record(was.lost(), was, BY_MIRA)

        (known,) = await archive.months(INBOX)
        assert known == replace(was.read_back(OCTOBER.end), verified_at=known.verified_at)
        assert await archive.months(DECISIONS) == []
        assert len(await storage.audit_lines()) == 3

    async def test_files_about_a_payment_are_found(self, storage: Storage) -> None:
        """
        Those in which it was noted, as far as they are on record.
        """
        archive = storage.record_archive
        for _ in range(2):
            await archive.note(OUTBOX, OCTOBER, {MINE, OTHERS})
        await archive.note(INBOX, NOVEMBER, {MINE})
        assert await archive.months_about(MINE) == []
        known = await exported(storage, OUTBOX)

        assert await archive.months_about(MINE) == [known]
        assert await archive.months_about(payment_id(3)) == []

    async def test_a_file_ends_in_its_time(self, storage: Storage) -> None:
        """
        Never while the law wants it, or a payment in it is under legal hold; a deleted one stays on record.
        """
        archive = storage.record_archive
        for month in (LONG_AGO, OCTOBER):
            told = RecordManifest(kind=OUTBOX, month=month, count=1)
            was = ArchivedMonth.exported(told, month.end)
            await archive.record(was, None, BY_MIRA)
            await archive.record(was.read_back(month.end), was, BY_MIRA)
        for each in await archive.months(OUTBOX):
            await archive.record(each.dropped(each.month.end), each, BY_MIRA)
        late, wanted = await archive.months(OUTBOX)
        with pytest.raises(DropRefused, match="no law"):
            await archive.record(wanted.ended(NOW), wanted, BY_MIRA)
        await archive.note(OUTBOX, LONG_AGO, {MINE})
        for payment in (MINE, OTHERS):
            await storage.personal_records.hold(payment, BY_MIRA)
        assert await archive.held_in_file(OUTBOX, LONG_AGO) == [MINE]
        assert await archive.held_in_file(INBOX, LONG_AGO) == []
        with pytest.raises(DropRefused, match="legal hold"):
            await archive.record(late.ended(NOW), late, BY_MIRA)
        await storage.personal_records.release(MINE, BY_MIRA)

        await archive.record(late.ended(NOW), late, BY_MIRA)

        (ended, _) = await archive.months(OUTBOX)
        assert (ended.state, ended.ended_at is None) == ("deleting", False)

    @pytest.mark.parametrize("kind", RecordKind)
    async def test_nothing_is_dropped_before_it_was_verified_for_thirty_days(
        self, storage: Storage, kind: RecordKind
    ) -> None:
        """
        Then so many at once as are asked for, until none is left, and no other month or kind.
        """
        for number, at in ((1, LAST_HOUR), (2, LAST_HOUR), (3, OCTOBER.end)):
            await received(storage, str(number), payment_id(number), at)
            await told(storage, payment_id(number), at)
            await decided(storage, number, at)
        archive = storage.record_archive
        with pytest.raises(DropRefused):
            await archive.drop(kind, OCTOBER, at_most=9)
        await verified(storage, kind)
        await storage.age_archive(GRACE - HOUR)
        with pytest.raises(DropRefused):
            await archive.drop(kind, OCTOBER, at_most=9)
        await storage.age_archive(2 * HOUR)
        with pytest.raises(DropRefused):
            await archive.drop(kind, NOVEMBER, at_most=9)

        assert await archive.drop(kind, NOVEMBER.next, at_most=9) == 0
        assert [await archive.drop(kind, OCTOBER, at_most=1) for _ in range(3)] == [1, 1, 0]
        for each in RecordKind:
            assert len(await lines(storage, each)) == (0 if each is kind else 2)
            assert len(await lines(storage, each, NOVEMBER)) == 1

    async def test_several_empty_a_month_at_once(self, storage: Storage) -> None:
        """
        Whoever comes to the end finds nothing left, though others deleted most of it.
        """
        for number in range(1, 7):
            await told(storage, payment_id(number))
        await verified(storage, OUTBOX)
        await storage.age_archive(GRACE + HOUR)

        async def emptied() -> int:
            while await storage.record_archive.drop(OUTBOX, OCTOBER, at_most=2):
                pass
            return len(await lines(storage, OUTBOX))

        assert [*await asyncio.gather(emptied(), emptied(), emptied())] == [0, 0, 0]

    async def test_what_a_payment_still_needs_is_kept(self, storage: Storage) -> None:
        """
        Under legal hold, live, or with a task that is not done: nothing of the batch is dropped.
        """
        for number in (1, 2, 3, 4):
            await received(storage, str(number), payment_id(number))
        await decided(storage, 2, state=State.PENDING)
        async with storage.unit_of_work() as work:
            work.notifications.outbox.enqueue(TASK, payment_id(3), LAST_HOUR)
        await storage.personal_records.hold(MINE, BY_MIRA)
        await verified(storage, INBOX)
        await storage.age_archive(GRACE + HOUR)
        archive = storage.record_archive
        asked = {payment_id(number) for number in range(1, 6)}

        assert await archive.kept(asked) == [payment_id(number) for number in (1, 2, 3)]
        with pytest.raises(DropRefused, match="legal hold"):
            await archive.drop(INBOX, OCTOBER, at_most=9)
        assert len(await lines(storage, INBOX)) == 4

    async def test_restored_rows_stand_beside_the_others(self, storage: Storage) -> None:
        """
        Each once, however often it is restored, until it is taken away.
        """
        await received(storage, "a")
        await told(storage)
        restored = storage.restored_months
        for _ in range(2):
            await restored.add_records(OCTOBER, await lines(storage, INBOX))
        await restored.add_records(OCTOBER, await lines(storage, OUTBOX))

        assert await restored.remove_records(INBOX, NOVEMBER) == 0
        assert await restored.remove_records(INBOX, OCTOBER) == 1
        assert await restored.remove_records(INBOX, OCTOBER) == 0
        assert await restored.remove_records(OUTBOX, OCTOBER) == 1
