"""The audit log leaves the database month by month, and nothing of it is lost, whatever fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO, Final

import pytest

from contracts.audit.archive_contract import HELD, OCTOBER
from contracts.storage import BY_MIRA
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import GRACE
from domain.audit.trail import TrailBroken
from domain.errors import ChangedMeanwhile
from ports.alerts import AlertKind
from ports.file_store import FileHash, FilesUnavailable
from worlds.archived_trail import NOVEMBER, ArchivedTrail
from worlds.mortal_parts import Fate, Killed, mortal

SUBJECTS: Final = ("SK1", "SK2", "SK1")
IN_ORDER: Final = [
    ("archive.exported", "audit_log:2023-10"),
    ("archive.verified", "audit_log:2023-10"),
    ("archive.dropped", "audit_log:2023-10"),
]


async def two_months() -> ArchivedTrail:
    trail = ArchivedTrail()
    await trail.seal(OCTOBER, *SUBJECTS)
    await trail.seal(NOVEMBER, "SK3")
    return trail


async def states(trail: ArchivedTrail) -> list[str]:
    return [each.state.value for each in await trail.register.months()]


async def test_a_month_leaves_step_by_step() -> None:
    """
    Exported, read back, and dropped a time of grace later; each step is one of the audit log.
    """
    trail = await two_months()

    assert [await trail.archive(), await states(trail)] == [1, ["exported"]]
    assert [await trail.archive(), await states(trail)] == [1, ["verified"]]
    assert await trail.archive() == 0
    trail.clock.move(GRACE - timedelta(days=2))
    assert [await trail.archive(), await states(trail)] == [1, ["verified", "exported"]]
    assert [await trail.archive(), await trail.archive()] == [1, 0]
    assert trail.memory.store.dropped_entries == set()
    trail.clock.move(timedelta(days=2))
    assert [await trail.archive(), await states(trail)] == [1, ["dropped", "verified"]]
    assert await trail.archive() == 0
    assert trail.memory.store.dropped_entries == {1, 2, 3}
    assert [each for each in trail.acts if each[1].endswith("10")] == IN_ORDER
    (entry,) = [each for each in trail.memory.store.audit if each.action == "archive.dropped"]
    month, _ = await trail.register.months()
    assert entry.facts["sha256"] == month.manifest.sha256
    assert (entry.facts["first"], entry.facts["count"]) == ("0", "3")


async def test_what_is_hot_stays() -> None:
    """
    A month is due when it has been over for two years, and never while nothing is sealed.
    """
    trail = ArchivedTrail()
    assert await trail.archive() == 0
    await trail.seal(NOVEMBER, "SK3")

    assert await trail.archive() == 0
    trail.clock.move(timedelta(days=1))
    assert await trail.archive() == 1


async def test_a_trail_with_archived_months_is_whole() -> None:
    """
    Lines come from the archive where the database has none, and the next months follow.
    """
    trail = await two_months()
    await trail.drop_all()
    trail.clock.move(GRACE)
    await trail.drop_all()
    await trail.seal(NOVEMBER.next, "SK4")

    assert await states(trail) == ["dropped", "dropped"]
    lines = 5 + len(trail.acts)
    assert (await trail.verify()).size == lines


async def test_a_payment_is_proved_out_of_the_archive() -> None:
    """
    Its lines in order, those that have left the database and those that have not.
    """
    trail = await two_months()
    await trail.drop_all()
    await trail.seal(NOVEMBER.next, "SK1")

    found = await trail.prove("SK1")

    assert [(each.proof.index, each.archived) for each in found] == [
        (0, True),
        (2, True),
        (4 + len(trail.acts), False),
    ]
    assert [each.proof.index for each in await trail.prove("SK2")] == [1]
    assert await trail.prove("SK") == []
    # What names an id in a fact is found, and is not about it; nor where nobody noted what a month is about.
    assert await trail.prove("2") == []
    trail.memory.store.noted_subjects.clear()
    assert await trail.prove("2") == []


async def test_a_line_that_is_nowhere_is_gone() -> None:
    """
    One that left before its month was archived, and one behind the months that are.
    """
    trail = await two_months()
    trail.memory.store.dropped_entries = {4}
    await trail.archive()
    await trail.archive()

    with pytest.raises(TrailBroken) as broken:
        await trail.verify()
    assert broken.value.index == 3


async def test_an_archived_file_that_cannot_be_unpacked_breaks_the_trail() -> None:
    """
    At its first line that the database does not have, or where the file ends too soon.
    """
    trail = await two_months()
    await trail.drop_all()

    for before, after in (
        (b"packed\n", b""),
        (b'"subject":"SK2"', b'"subject":"SK2"}\n\x00end\n{'),
    ):
        trail.files = Bent(trail, before, after)
        with pytest.raises(TrailBroken):
            await trail.verify()


async def test_a_changed_line_is_found_beside_its_archive() -> None:
    """
    While the database has the line, it is the one that is proved.
    """
    trail = await two_months()
    await trail.archive()
    await trail.archive()
    store = trail.memory.store
    store.audit[1] = replace(store.audit[1], action="b")

    with pytest.raises(TrailBroken) as broken:
        await trail.prove("SK2")
    assert broken.value.index == 1


async def test_proofs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No subject has so many lines that a pack has no end.
    """
    trail = await two_months()
    await trail.drop_all()
    monkeypatch.setattr("application.audit.prove_entries.PROVED_MAX", 1)

    assert [each.proof.index for each in await trail.prove("SK1")] == [0]


async def test_a_subject_is_found_without_restoring() -> None:
    """
    In months that were read back, by what an entry is about or names, and by whole ids.
    """
    trail = await two_months()
    await trail.archive()

    async def found(subject: str) -> list[int]:
        return [each.index async for each in trail.reader.search(subject)]

    assert await found("SK1") == []
    await trail.archive()
    assert await found("SK1") == [0, 2]
    assert await found("K1") == []
    assert trail.memory.store.restored_lines == {}


async def test_a_payment_is_proved_out_of_the_files_that_hold_it() -> None:
    """
    The file of another month is not opened; of a month that was archived before subjects were noted it is.
    """
    trail = await two_months()
    await trail.drop_all()
    trail.clock.move(GRACE)
    await trail.drop_all()
    october, november = await trail.register.months()
    del trail.shelf.files[FileHash(november.manifest.sha256)]

    assert [each.proof.index for each in await trail.prove("SK1")] == [0, 2]
    assert await trail.prove("SK9") == []
    trail.memory.store.noted_subjects.discard(("", november.month))
    with pytest.raises(TrailBroken):
        await trail.prove("SK1")
    assert october.month == OCTOBER


@pytest.mark.parametrize("loss", ["gone", "damaged", "no manifest"])
async def test_a_file_that_is_lost_is_exported_anew(loss: str) -> None:
    """
    Before it was verified and before its entries are dropped; its time of grace begins anew.
    """
    trail = await two_months()
    await trail.archive()
    lose(trail, loss)
    assert [await trail.archive(), await states(trail)] == [1, ["open"]]
    for expected in ("exported", "verified"):
        assert [await trail.archive(), await states(trail)] == [1, [expected]]
    trail.clock.move(GRACE)
    lose(trail, loss)
    while await trail.archive():
        pass

    assert await states(trail) == ["verified", "verified"]
    assert trail.memory.store.dropped_entries == set()
    assert [act for act, _ in trail.acts].count("archive.lost") == 2
    assert [each.subject for each in trail.alerts.called] == ["2023-10", "2023-10"]
    await trail.drop_all()
    assert trail.memory.store.dropped_entries == {1, 2, 3, 4}
    assert (await trail.verify()).size == 4


def lose(trail: ArchivedTrail, loss: str) -> None:
    if loss == "no manifest":
        trail.manifests.kept.clear()
        return
    for file in [*trail.shelf.files]:
        if loss == "gone":
            del trail.shelf.files[file]
        else:
            trail.shelf.files[file] += b"x"


class Bent:
    """Gives other bytes than were put, under their hash."""

    def __init__(self, trail: ArchivedTrail, before: bytes, after: bytes) -> None:
        self.trail, self.before, self.after = trail, before, after

    async def put_file(self, content: BinaryIO) -> FileHash:
        return await self.trail.shelf.put_file(content)

    @asynccontextmanager
    async def open(self, file: FileHash) -> AsyncIterator[BinaryIO]:
        async with self.trail.shelf.open(file) as content:
            bent = content.read().replace(self.before, self.after)
            content.seek(0)
            content.truncate()
            content.write(bent)
            content.seek(0)
            yield content


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"subject":"SK2"', b'"subject":"SK3"'),
        (b"\x00end\n", b""),
        (b"packed\n", b""),
        (b'"subject":"SK2"', b'"subject":"SK2"}\n{'),
    ],
)
async def test_what_is_read_back_is_compared_with_what_was_sealed(
    before: bytes, after: bytes
) -> None:
    """
    Whatever its hash is said to be: nothing of such a month is verified, or dropped.
    """
    trail = await two_months()
    await trail.archive()
    trail.files = Bent(trail, before, after)

    with pytest.raises(TrailBroken):
        await trail.archive()
    assert await states(trail) == ["exported"]
    trail.files = trail.shelf
    await trail.archive()
    trail.clock.move(GRACE)
    trail.files = Bent(trail, before, after)
    with pytest.raises(TrailBroken):
        await trail.archive()
    assert trail.memory.store.dropped_entries == set()


async def test_a_month_that_was_changed_is_not_exported() -> None:
    """
    A line that is not as it was sealed is for a person; nothing is stored.
    """
    trail = await two_months()
    store = trail.memory.store
    store.audit[1] = replace(store.audit[1], action="b")

    with pytest.raises(TrailBroken) as broken:
        await trail.archive()
    assert broken.value.index == 1
    assert (await states(trail), trail.shelf.files) == ([], {})
    (alert,) = trail.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.ARCHIVE_BROKEN, "audit_log")
    assert "index 1" in alert.facts["reason"]


async def test_a_payment_under_legal_hold_keeps_its_month() -> None:
    """
    And those after it, which are archived all the same: entries of a payment leave in their order. They go when
    the hold is released.
    """
    trail = await two_months()
    await trail.memory.personal_records.hold(HELD, BY_MIRA)
    await trail.drop_all()
    trail.clock.move(GRACE)
    await trail.drop_all()

    assert await states(trail) == ["verified", "verified"]
    assert trail.memory.store.dropped_entries == set()
    await trail.memory.personal_records.release(HELD, BY_MIRA)
    await trail.drop_all()
    assert await states(trail) == ["dropped", "dropped"]


async def test_whoever_is_slower_leaves_the_step_to_the_other() -> None:
    """
    It is no failure, and the audit log has the step once.
    """
    trail = await two_months()
    slower = trail.archive

    class Overtaken:
        def __getattr__(self, name: str) -> Any:
            return getattr(trail.memory.archive_register, name)

        async def record(self, *_: object) -> None:
            raise ChangedMeanwhile("archived month")

    source: Any = slower.source
    slower = replace(
        slower, source=replace(source, archive=replace(source.archive, register=Overtaken()))
    )

    assert await slower() == 0
    assert trail.acts == []


async def test_without_the_file_store_nothing_is_done() -> None:
    """
    The next run takes the same step.
    """
    trail = await two_months()
    trail.shelf.away = True
    with pytest.raises(FilesUnavailable):
        await trail.archive()
    trail.shelf.away = False

    assert [await trail.archive(), await states(trail)] == [1, ["exported"]]


@pytest.mark.no_cover
@pytest.mark.parametrize("after", [False, True])
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_done_twice(
    *, after: bool
) -> None:
    """
    Before and after each call of a port, from the first export to the last entry that is dropped.
    """
    killed, is_killed = 0, True
    while is_killed:
        trail = await two_months()
        dying = mortal(trail.archive, Fate(killed + 1, after))
        try:
            for _ in range(2):
                while await dying():
                    pass
                trail.clock.move(GRACE)
            is_killed = False
        except Killed:
            killed += 1
            assert (await trail.verify()).size == 4
        await trail.drop_all()
        await trail.drop_all()
        await trail.drop_all()

        assert await states(trail) == [ArchiveState.DROPPED] * 2
        assert trail.memory.store.dropped_entries == {1, 2, 3, 4}
        assert [each for each in trail.acts if each[1].endswith("10")] == IN_ORDER
        assert (await trail.verify()).size == 4
        assert len(trail.shelf.files) == 2
    assert killed > 20
