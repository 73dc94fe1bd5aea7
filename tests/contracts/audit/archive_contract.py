"""What any keeper of archived months must do; run against memory and against PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from application.audit.seal_audit_log import SealAuditLog
from contracts.audit.sealed_log_contract import MOVED, batches
from contracts.storage import BY_MIRA, Storage
from domain.audit.archive_manifest import ArchiveManifest, SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import GRACE, ArchivedMonth
from domain.audit.merkle_tree import leaf_hash
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.audit.checkpoint_signer import KEY, SIGNER
from fakes.audit.sealing import counted_salts
from fakes.clock import StoppedClock
from ports.audit.archive_register import DropRefused
from ports.audit.sealed_log import SealState

OCTOBER: Final = ArchiveMonth(2023, 10)
NOVEMBER: Final = OCTOBER.next
HELD: Final = PaymentId("SK1")
LONG_AGO: Final = ArchiveMonth(2016, 10)
"""No law wants anything of it any more."""

NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)


async def sealed_in(storage: Storage, month: ArchiveMonth, *subjects: str) -> None:
    """Write an entry about each of *subjects* on the last day of *month*, and seal them under one checkpoint."""
    at = month.end - timedelta(hours=1)
    for subject in subjects:
        async with storage.unit_of_work() as work:
            work.audit.add(replace(MOVED, at=at, subject=subject))
    assert await SealAuditLog(storage.sealed_log, SIGNER, counted_salts(), StoppedClock(at))()


async def exported(storage: Storage, month: ArchiveMonth, size: int = 0) -> SealedMonth:
    """Record *month*, which begins behind *size* lines, as exported."""
    before = await storage.sealed_spans.state_of(size)
    sealed = await storage.sealed_spans.last_before(month.end)
    manifest = ArchiveManifest(
        month=month,
        before=before.tree,
        note=sealed.note,
        keys=(str(KEY.public),),
        sha256="0" * 64,
        size_bytes=1,
    )
    told = ArchivedMonth.exported(manifest, month.end)
    await storage.archive_register.record(told, None, BY_MIRA)
    return told


async def verified(storage: Storage, month: ArchiveMonth, size: int = 0) -> SealedMonth:
    was = await exported(storage, month, size)
    await storage.archive_register.record(was.read_back(month.end), was, BY_MIRA)
    return (await storage.archive_register.months())[-1]


class ArchiveContract:
    async def test_the_checkpoints_of_a_month_are_found(self, storage: Storage) -> None:
        """
        By when they were signed, and by how many lines they have; nothing is sealed before the first.
        """
        spans = storage.sealed_spans
        assert await spans.next_sealed(0) is None
        assert await spans.last_before(OCTOBER.end) == SealState()
        await sealed_in(storage, OCTOBER, "SK1", "SK2")
        await sealed_in(storage, NOVEMBER, "SK3")

        assert await spans.next_sealed(0) == OCTOBER.end - timedelta(hours=1)
        assert await spans.next_sealed(2) == NOVEMBER.end - timedelta(hours=1)
        assert await spans.next_sealed(3) is None
        of_october = await spans.last_before(OCTOBER.end)
        assert of_october.tree.size == 2
        assert await spans.state_of(2) == of_october
        assert await spans.state_of(0) == SealState()
        assert await spans.last_before(NOVEMBER.end) == await storage.sealed_log.state()

    async def test_lines_are_read_by_their_leaves(self, storage: Storage) -> None:
        """
        Those of the span and no others, each with its hash.
        """
        await sealed_in(storage, OCTOBER, "SK0", "SK1", "SK2", "SK3")

        found = await storage.sealed_spans.lines(range(1, 3))

        assert [leaf_hash(line or b"") for line in found.lines] == found.leaves
        assert [b'"SK1"' in (found.lines[0] or b""), b'"SK2"' in (found.lines[1] or b"")] == [
            True,
            True,
        ]
        assert await storage.sealed_spans.leaves(range(1, 3)) == found.leaves

    async def test_a_month_is_recorded_with_an_entry_of_the_audit_log(
        self, storage: Storage
    ) -> None:
        """
        Step by step; the earliest comes first.
        """
        await sealed_in(storage, OCTOBER, "SK1")
        await sealed_in(storage, NOVEMBER, "SK2")
        assert await storage.archive_register.months() == []
        first = await exported(storage, OCTOBER)
        second = await exported(storage, NOVEMBER, 1)

        assert await storage.archive_register.months() == [first, second]
        await storage.archive_register.record(first.read_back(OCTOBER.end), first, BY_MIRA)
        known, _ = await storage.archive_register.months()
        assert known == replace(first.read_back(OCTOBER.end), verified_at=known.verified_at)
        assert known.verified_at is not None
        assert known.verified_at > datetime(2026, 1, 1, tzinfo=UTC)
        lines = await storage.audit_lines()
        assert [each.action for each in lines][-3:] == [BY_MIRA.action] * 3

    async def test_of_two_who_record_at_once_one_is_told(self, storage: Storage) -> None:
        """
        A month is exported once, and each step is made once; the entry of the slower one is not written.
        """
        await sealed_in(storage, OCTOBER, "SK1")
        was = await exported(storage, OCTOBER)
        with pytest.raises(ChangedMeanwhile):
            await exported(storage, OCTOBER)
        await storage.archive_register.record(was.read_back(OCTOBER.end), was, BY_MIRA)
        before = len(await storage.audit_lines())

        with pytest.raises(ChangedMeanwhile):
            await storage.archive_register.record(was.lost(), was, BY_MIRA)

        assert len(await storage.audit_lines()) == before

    async def test_nothing_is_dropped_before_it_was_verified_for_thirty_days(
        self, storage: Storage
    ) -> None:
        """
        Not when nothing, or only the file, is recorded, nor a day too early; and not behind its end.
        """
        await sealed_in(storage, OCTOBER, "SK1", "SK2")
        await sealed_in(storage, NOVEMBER, "SK3")
        before = await batches(storage)
        register = storage.archive_register
        with pytest.raises(DropRefused):
            await register.drop(range(2))
        was = await exported(storage, OCTOBER)
        with pytest.raises(DropRefused):
            await register.drop(range(2))
        await register.record(was.read_back(OCTOBER.end), was, BY_MIRA)
        await storage.age_archive(GRACE - timedelta(hours=1))
        with pytest.raises(DropRefused):
            await register.drop(range(2))
        await storage.age_archive(timedelta(hours=2))
        with pytest.raises(DropRefused):
            await register.drop(range(3))

        assert await batches(storage) == before

    async def test_entries_that_were_dropped_leave_their_leaves_behind(
        self, storage: Storage
    ) -> None:
        """
        Part by part; nobody reads them any more, and the tree over them is as it was.
        """
        await sealed_in(storage, OCTOBER, "SK1", "SK2", "SK1")
        await verified(storage, OCTOBER)
        await storage.age_archive(GRACE)
        (whole,) = await batches(storage)
        register = storage.archive_register

        assert await register.drop(range(2)) == 2
        assert await register.drop(range(2)) == 0
        assert await batches(storage) == [replace(whole, lines=[None, None, whole.lines[2]])]
        assert await storage.sealed_log.leaves_about("SK1", at_most=5) == [2]
        assert [*await storage.sealed_log.lines([0, 1, 2])] == [2]
        assert len(await storage.audit_reads.about("SK1", at_most=5)) == 1
        assert await register.drop(range(2, 3)) == 1
        state = await storage.sealed_log.state()
        assert (state.tree.size, state.note) == (3, whole.note)
        assert await storage.sealed_log.strays(state, at_most=5) == []

    async def test_a_payment_under_legal_hold_keeps_its_entries(self, storage: Storage) -> None:
        """
        Those about it, and those of who looked at it. When it is released they may go.
        """
        await sealed_in(storage, OCTOBER, "SK1", "SK2")
        await sealed_in(storage, NOVEMBER, "shown:SK1")
        await verified(storage, OCTOBER)
        await verified(storage, NOVEMBER, 2)
        await storage.age_archive(GRACE)
        await storage.personal_records.hold(HELD, BY_MIRA)
        register = storage.archive_register

        assert await register.held(range(2)) == [HELD]
        assert await register.held(range(1, 2)) == []
        assert await register.held(range(2, 3)) == [HELD]
        for span in (range(2), range(2, 3)):
            with pytest.raises(DropRefused, match="legal hold"):
                await register.drop(span)
        await storage.personal_records.release(HELD, BY_MIRA)
        assert await register.held(range(2)) == []
        assert [await register.drop(range(2)), await register.drop(range(2, 3))] == [2, 1]

    async def test_months_are_found_by_what_they_are_about(self, storage: Storage) -> None:
        """
        A month of which not all is noted may be about anything.
        """
        await sealed_in(storage, OCTOBER, "SK1", "SK2")
        await sealed_in(storage, NOVEMBER, "SK3")
        first, second = await exported(storage, OCTOBER), await exported(storage, NOVEMBER, 2)
        register = storage.archive_register
        for _ in range(2):
            await register.note(OCTOBER, range(2))
            await register.note(OCTOBER, range(0))
        await register.note(NOVEMBER, range(2, 3))

        assert await register.months_about("SK1") == [first, second]
        assert await register.months_about("SK3") == [second]
        await register.note(NOVEMBER, range(0))
        assert await register.months_about("SK1") == [first]
        assert await register.months_about("SK4") == []

    async def test_a_file_ends_in_its_time_and_is_dated(self, storage: Storage) -> None:
        """
        Not one that the law still wants, nor one that may be about a payment under legal hold; it may be kept again.
        """
        for month in (LONG_AGO, OCTOBER):
            size = (await storage.sealed_log.state()).tree.size
            await sealed_in(storage, month, "SK1")
            await verified(storage, month, size)
        register = storage.archive_register
        for each in await register.months():
            await register.record(each.dropped(each.month.end), each, BY_MIRA)
        late, wanted = await register.months()
        with pytest.raises(DropRefused, match="no law"):
            await register.record(wanted.ended(NOW), wanted, BY_MIRA)
        await register.note(LONG_AGO, range(1))
        await storage.personal_records.hold(PaymentId("SK2"), BY_MIRA)
        assert await register.held_in_file(LONG_AGO) == ["SK2"]
        await register.note(LONG_AGO, range(0))
        assert await register.held_in_file(LONG_AGO) == []
        await storage.personal_records.hold(HELD, BY_MIRA)
        assert await register.held_in_file(LONG_AGO) == [HELD]
        with pytest.raises(DropRefused, match="legal hold"):
            await register.record(late.ended(NOW), late, BY_MIRA)
        await storage.personal_records.release(HELD, BY_MIRA)

        await register.record(late.ended(NOW), late, BY_MIRA)
        (ended, _) = await register.months()
        assert ended.ended_at is not None
        await register.record(ended.kept(), ended, BY_MIRA)
        (kept, _) = await register.months()
        assert (kept.state, kept.ended_at, kept.verified_at) == ("dropped", None, ended.verified_at)

    async def test_an_entry_that_is_not_a_year_old_stays(self, storage: Storage) -> None:
        """
        Whatever the register says of its month.
        """
        await sealed_in(storage, ArchiveMonth(2200, 7), "SK1")
        await verified(storage, ArchiveMonth(2200, 7))
        await storage.age_archive(GRACE)

        with pytest.raises(DropRefused):
            await storage.archive_register.drop(range(1))

    async def test_a_restored_month_stands_beside_the_log(self, storage: Storage) -> None:
        """
        Each line once, however often it is restored, until it is taken away.
        """
        restored = storage.restored_months
        for _ in range(2):
            await restored.add(OCTOBER, 3, [b'{"v":1,"n":3}', '{"v":1,"n":"अ"}'.encode()])
        await restored.add(NOVEMBER, 5, [b'{"v":1}'])

        assert await storage.restored() == {3: {"v": 1, "n": 3}, 4: {"v": 1, "n": "अ"}, 5: {"v": 1}}
        assert await restored.remove(OCTOBER) == 2
        assert await restored.remove(OCTOBER) == 0
        assert await storage.restored() == {5: {"v": 1}}
