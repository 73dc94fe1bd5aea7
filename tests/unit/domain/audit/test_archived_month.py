"""A month of the audit log leaves the database step by step, and what its file holds is checked each time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import (
    ARCHIVE_STEPS,
    ArchiveEvent,
    ArchiveState,
    IllegalArchiveStep,
    archive_after,
)
from domain.audit.archived_month import GRACE, ArchivedMonth
from domain.audit.merkle_tree import CompactRange, leaf_hash
from domain.audit.month_check import MonthCheck
from domain.audit.retention import kept_until
from domain.audit.trail import TrailBroken
from fakes.audit.checkpoint_signer import KEY
from fakes.clock import NOON
from unit.domain.audit.trails import note_of

OCTOBER: Final = ArchiveMonth(2026, 10)
BEFORE: Final = CompactRange.of(leaf_hash(b"%d" % each) for each in range(3))
LINES: Final = (b"a", b"b", b"c", b"d")
LEAVES: Final = tuple(map(leaf_hash, LINES))
MANIFEST: Final = ArchiveManifest(
    month=OCTOBER,
    before=BEFORE,
    note=note_of(BEFORE.extended(LEAVES)),
    keys=(str(KEY.public),),
    sha256="0" * 64,
    size_bytes=70,
)
EXPORTED: Final = ArchivedMonth.exported(MANIFEST, NOON)


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (datetime(2026, 10, 31, 18, 29, 59, tzinfo=UTC), "2026-10"),
        (datetime(2026, 10, 31, 18, 30, tzinfo=UTC), "2026-11"),
        (datetime(2026, 12, 31, 18, 30, tzinfo=UTC), "2027-01"),
    ],
)
def test_a_month_ends_at_midnight_in_india(instant: datetime, month: str) -> None:
    """
    Half past six in the evening of UTC.
    """
    assert str(ArchiveMonth.of(instant)) == month
    assert ArchiveMonth.of(ArchiveMonth.parse(month).end) == ArchiveMonth.parse(month).next


@pytest.mark.parametrize("written", ["2026-13", "2026-1", "0026-01", "2026-10 ", "October"])
def test_another_text_is_no_month(written: str) -> None:
    """
    There is one way to write it.
    """
    with pytest.raises(ValueError, match="2026-10"):
        ArchiveMonth.parse(written)


def test_a_month_is_due_when_it_was_over_for_so_long() -> None:
    """
    Two years after October 2026 has ended it is November 2028, in India.
    """
    after = datetime(2028, 10, 31, 18, 30, tzinfo=UTC)

    assert OCTOBER.is_due(after, hot_months=24)
    assert not OCTOBER.is_due(after - timedelta(microseconds=1), hot_months=24)
    assert OCTOBER.last_day == date(2026, 10, 31)


@given(st.dates(max_value=date(9900, 1, 1)))
def test_the_record_is_kept_for_eight_financial_years(event: date) -> None:
    """
    To a 31 March, and never for less than seven years, or more than nine.
    """
    last = kept_until(event)

    assert (last.month, last.day) == (3, 31)
    assert date(event.year + 7, event.month, 1) < last
    assert (last - event).days < 9 * 366


def test_a_financial_year_ends_in_march() -> None:
    """
    Its last day is kept for a year less than the next day.
    """
    assert kept_until(date(2027, 3, 31)) == date(2035, 3, 31)
    assert kept_until(date(2027, 4, 1)) == date(2036, 3, 31)
    assert EXPORTED.kept_until == date(2035, 3, 31)


def test_what_the_table_does_not_have_is_refused() -> None:
    """
    Over the full product: nothing is dropped that was not verified, and nothing follows.
    """
    for state, event in product(ArchiveState, ArchiveEvent):
        if (state, event) in ARCHIVE_STEPS:
            assert archive_after(state, event) is ARCHIVE_STEPS[state, event]
        else:
            with pytest.raises(IllegalArchiveStep):
                archive_after(state, event)
    dropping = [state for state, event in ARCHIVE_STEPS if event is ArchiveEvent.ENTRIES_DROPPED]
    assert dropping == [ArchiveState.VERIFIED]


def test_a_month_may_be_dropped_when_it_was_verified_and_grace_is_over() -> None:
    """
    Not an instant before, and not when its file was lost meanwhile.
    """
    verified = EXPORTED.read_back(NOON)

    assert verified.may_drop(NOON + GRACE)
    assert not verified.may_drop(NOON + GRACE - timedelta(microseconds=1))
    assert not EXPORTED.may_drop(NOON + GRACE)
    assert not replace(verified, verified_at=None).may_drop(NOON + GRACE)
    assert not verified.lost().may_drop(NOON + GRACE)
    assert not verified.dropped(NOON).may_drop(NOON + GRACE)
    with pytest.raises(IllegalArchiveStep):
        EXPORTED.dropped(NOON)


def test_lines_are_had_from_a_file_that_was_read_back() -> None:
    """
    From no other.
    """
    verified = EXPORTED.read_back(NOON)

    assert (verified.holds_lines, verified.dropped(NOON).holds_lines) == (True, True)
    assert (EXPORTED.holds_lines, verified.lost().holds_lines) == (False, False)


def test_a_manifest_is_read_as_it_was_written() -> None:
    """
    With what the checkpoint says of its last line.
    """
    written = bytes(MANIFEST)

    assert ArchiveManifest.parse(written) == MANIFEST
    assert written.startswith(b'{"v":1,"before":"')
    assert b'"count":4,"first":3,' in written
    assert MANIFEST.span == range(3, 7)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b"{}",
        bytes(MANIFEST) + b" ",
        bytes(MANIFEST).replace(b'"count":4', b'"count":5'),
        bytes(MANIFEST).replace(b'"first":3', b'"first":2'),
        bytes(MANIFEST).replace(b'"2026-10"', b'"2026-20"'),
    ],
)
def test_what_was_changed_is_no_manifest(written: bytes) -> None:
    """
    Each member says the same in one way.
    """
    with pytest.raises(ValueError, match="manifest"):
        ArchiveManifest.parse(written)


def check(lines: Any = LINES, leaves: Any = None, before: CompactRange = BEFORE) -> None:
    month = MonthCheck(before, MANIFEST.checkpoint)
    month.take(lines[:2], leaves and leaves[:2])
    month.take(lines[2:], leaves and leaves[2:])
    month.finish()


def test_the_lines_of_a_month_come_to_the_root_that_was_signed() -> None:
    """
    With the sealed leaves beside them, and with the manifest alone.
    """
    check()
    check(leaves=LEAVES)


@pytest.mark.parametrize(
    ("lines", "leaves", "index"),
    [
        ((b"a", b"b", None, b"d"), None, 5),
        ((b"a", b"x", b"c", b"d"), LEAVES, 4),
        ((b"a", b"x", b"c", b"d"), None, 7),
        ((b"a", b"c", b"b", b"d"), LEAVES, 4),
        (LINES[:3], LEAVES, 6),
        ((*LINES, b"e"), LEAVES, 7),
        ((*LINES, b"e"), None, 7),
        (LINES, LEAVES[:3], 6),
        (LINES, (*LEAVES[:3], LEAVES[0]), 6),
    ],
)
def test_another_month_is_found(lines: Any, leaves: Any, index: int) -> None:
    """
    A line gone, changed, moved, missing or too many, by its index where the leaves are at hand.
    """
    with pytest.raises(TrailBroken) as broken:
        check(lines, leaves)
    assert broken.value.index == index


def test_the_lines_before_have_to_be_the_same() -> None:
    """
    A month of another log does not come to the root.
    """
    with pytest.raises(TrailBroken):
        check(before=CompactRange.of([bytes(32)] * 3))
