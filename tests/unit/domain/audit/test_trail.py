"""A sealed trail is whole, or broken at an index: each way of bending it, with and without its export."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.audit_line import AuditLine
from domain.audit.ended_lines import ENDED, ended_before
from domain.audit.merkle_tree import CompactRange
from domain.audit.signed_note import NoteSignature, SignedNote
from domain.audit.trail import BATCH_LINES_MAX, NoteCheck, SealedBatch, TrailBroken, TrailCheck
from domain.audit.trail_file import LINE_BYTES_MAX, read, written
from fakes.audit.checkpoint_signer import KEY, OTHER_KEY
from fakes.audit.sealing import CHECK_NOTE
from unit.domain.audit.trails import batch, note_of, trail

WHOLE: Final = tuple(trail(3, 1, 4))
SIZE: Final = 8
FILE: Final = tuple(line for each in WHOLE for line in written(each))


def verify(
    batches: Sequence[SealedBatch],
    anchors: Sequence[str] = (),
    check: NoteCheck = CHECK_NOTE,
    *,
    ended: int = 0,
) -> int:
    trail_check = TrailCheck(check, anchors, ended=ended)
    for each in batches:
        trail_check.take(each)
    return trail_check.finish()


def broken_at(
    batches: Sequence[SealedBatch], anchors: Sequence[str] = (), *, ended: int = 0
) -> int:
    with pytest.raises(TrailBroken) as broken:
        verify(batches, anchors, ended=ended)
    return broken.value.index


def with_lines(lines: Sequence[Any]) -> list[SealedBatch]:
    """Return the whole trail with other lines in its second checkpoint but one."""
    return [WHOLE[0], WHOLE[1], replace(WHOLE[2], lines=lines)]


def test_a_whole_trail_is_found_whole() -> None:
    """
    With its anchors, and without; an empty one is whole as well.
    """
    assert verify(WHOLE) == SIZE
    assert verify(WHOLE, [each.note for each in WHOLE]) == SIZE
    assert verify([]) == 0


def test_the_first_index_that_is_not_as_sealed_is_named() -> None:
    """
    A line changed, gone, left out, swapped or added: the first place where it shows.
    """
    a, b, c, d = WHOLE[2].lines

    assert broken_at(with_lines([a, b"", c, d])) == 5
    assert broken_at(with_lines([a, None, c, d])) == 5
    assert broken_at(with_lines([a, b, d])) == 6
    assert broken_at(with_lines([a, b, c])) == 7
    assert broken_at(with_lines([a, c, b, d])) == 5
    assert broken_at(with_lines([a, b, c, d, d])) == 8


def test_hashes_that_were_changed_with_their_lines_are_found() -> None:
    """
    Whoever lists another hash for another line comes to another root; the whole checkpoint is in doubt.
    """
    forged = batch(CompactRange.of([*WHOLE[0].leaves, *WHOLE[1].leaves]), [b"", b"", b"", b""])

    assert broken_at([*WHOLE[:2], replace(forged, note=WHOLE[2].note)]) == 4
    assert broken_at([replace(WHOLE[0], leaves=WHOLE[0].leaves[:2]), *WHOLE[1:]]) == 2


def test_a_checkpoint_is_believed_by_its_signature_only() -> None:
    """
    A forged signature, another key or name, a text that is no note, no note, and one that adds nothing.
    """
    of_other_key = trail(3, key=OTHER_KEY)
    elsewhere = replace(WHOLE[0], note=WHOLE[0].note.replace("shulk.example", "shulk.invalid"))

    text = note_of(CompactRange.of(WHOLE[0].leaves)).partition("\n\n")[0] + "\n"
    forged = NoteSignature(KEY.name, KEY.public.key_id, bytes(64))

    assert broken_at([replace(WHOLE[0], note=str(SignedNote(text, [forged])))]) == 0
    assert broken_at(of_other_key) == 0
    assert broken_at([elsewhere]) == 0
    assert broken_at([WHOLE[0], replace(WHOLE[1], note="forged")]) == 3
    assert broken_at([WHOLE[0], replace(WHOLE[1], note="")]) == 3
    assert broken_at([WHOLE[0], replace(WHOLE[0], leaves=(), lines=())]) == 3


def test_batches_that_are_left_out_or_turned_round_are_found() -> None:
    """
    Each checkpoint leads on from the one before it.
    """
    assert broken_at([WHOLE[0], WHOLE[2]]) == 3
    assert broken_at([WHOLE[1], WHOLE[0], WHOLE[2]]) == 0
    assert broken_at([*WHOLE, WHOLE[2]]) == SIZE


def test_a_checkpoint_that_is_taken_out_is_missed() -> None:
    """
    The next one names it, though all lines are there; the first one follows none.
    """
    first, second, third = trail(3, 1, 4, follow=True)
    merged = replace(
        third, leaves=[*second.leaves, *third.leaves], lines=[*second.lines, *third.lines]
    )

    assert verify([first, second, third]) == SIZE
    assert broken_at([first, merged]) == 3
    # Those that were signed before name none, and are followed by others that do.
    (old,) = trail(3)
    assert verify([old, second, third]) == SIZE


def told(at: str, **others: str) -> bytes:
    """Return a line of a trail that tells of the retention of its first four lines."""
    line = AuditLine(
        entry=7,
        at=datetime.fromisoformat(at).astimezone(UTC),
        actor="system",
        source="archive",
        action=others.pop("action", ENDED),
        subject=others.pop("subject", "audit_log:2023-10"),
        origin_digest="0" * 64,
        facts={"first": "0", "count": "4", **others},
    )
    return bytes(line)


IN_TIME: Final = "2032-04-01T00:00:00+05:30"
FIRST: Final = (b"one", b"two", b"three", b"four")


def test_lines_may_be_gone_when_a_sealed_one_says_that_their_time_has_ended() -> None:
    """
    None before, as the export has them: only those it names, and none without it. All others are compared.
    """
    whole = batch(CompactRange(), [*FIRST, b"more", told(IN_TIME)])
    gone = [replace(whole, lines=[*(b"" for _ in range(4)), *whole.lines[4:]])]
    check = TrailCheck(CHECK_NOTE, ended=4)
    for each in read(line for one in gone for line in written(one)):
        check.take(each)

    assert (check.finish(), check.gone) == (6, range(4))
    assert broken_at(gone) == 0
    assert broken_at([replace(whole, lines=[None] * 5 + [*whole.lines[5:]])], ended=5) == 4
    assert broken_at([replace(whole, lines=[None, b"x", *whole.lines[2:]])], ended=4) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"nothing",
        told("2032-03-31T23:59:59+05:30"),
        told(IN_TIME, action="archive.deleted", note=ENDED),
        told(IN_TIME, subject="inbox:2023-10"),
        told(IN_TIME, subject="audit_log:soon"),
        told(IN_TIME, count="all"),
        b'{"archive.retention_ended"',
    ],
)
def test_a_line_that_tells_of_nothing_that_is_over_lets_none_go(line: bytes) -> None:
    """
    A day too early, of another step, of other rows, of no month, of no count, or none that can be read.
    """
    whole = batch(CompactRange(), [*FIRST, line])

    assert ended_before(line) == 0
    assert broken_at([replace(whole, lines=[None, *whole.lines[1:]])], ended=4) == 0


def test_a_shorter_or_another_trail_is_found_by_its_anchors() -> None:
    """
    A trail cut off at a checkpoint, and one sealed anew under the stolen key, are whole by themselves.
    """
    anchors = [each.note for each in WHOLE]
    anew = [batch(CompactRange(), [b"", b"", b"", b""])]

    assert verify(WHOLE[:2]) == verify(anew) == 4
    assert broken_at(WHOLE[:2], anchors) == 4
    assert broken_at(anew, anchors) == 0
    assert broken_at(trail(8), anchors) == 3


def test_anchors_that_cannot_be_believed_are_told() -> None:
    """
    One that another key signed says nothing, and two of one size cannot both be true.
    """
    other = CompactRange.of([bytes(32)] * 3)

    assert broken_at(WHOLE, [note_of(other, OTHER_KEY)]) == 0
    assert broken_at(WHOLE, [WHOLE[0].note, note_of(other)]) == 0


def test_a_file_is_read_as_it_was_written() -> None:
    """
    The export holds all that is needed to verify it but the public key.
    """
    file = [line for each in WHOLE for line in written(each)]
    assert [*read(file)] == [replace(each, lines=[*each.lines]) for each in WHOLE]
    assert [*read([])] == []


@given(at=st.integers(0, len(FILE) - 1), data=st.data())
def test_any_bent_file_is_found(at: int, data: st.DataObject) -> None:
    """
    A line of the file changes, goes, comes twice, or changes places: nothing passes but the file as it was.
    """
    other = data.draw(st.integers(0, len(FILE) - 1))
    lines = [*FILE]
    match data.draw(st.sampled_from(["change", "remove", "insert", "swap"])):
        case "change":
            place = data.draw(st.integers(0, len(lines[at]) - 2))
            bit = 1 << data.draw(st.integers(0, 7))
            changed = bytearray(lines[at])
            changed[place] ^= bit
            lines[at] = bytes(changed)
        case "remove":
            del lines[at]
        case "insert":
            lines.insert(at, lines[other])
        case _:
            lines[at], lines[other] = lines[other], lines[at]
    anchors = [WHOLE[-1].note]

    if tuple(lines) == FILE:
        assert verify([*read(lines)], anchors) == SIZE
        return
    with pytest.raises(TrailBroken):
        verify([*read(lines)], anchors)


@pytest.mark.parametrize(
    "lines",
    [
        [b'{"checkpoint":\n'],
        [b'{"checkpoint":"a"}\n'],
        [b'{"checkpoint":1,"leaves":[]}\n'],
        [b'{"checkpoint":"a","leaves":1}\n'],
        [b'{"checkpoint":"a","leaves":[1]}\n'],
        [b'{"checkpoint":"a","leaves":["A"]}\n'],
        [b'{"checkpoint":' + b"[" * 100_000 + b"\n"],
        [b'{"checkpoint":"a","leaves":[' + b",".join([b'""'] * (BATCH_LINES_MAX + 1)) + b"]}\n"],
        [b"a\n"] * (BATCH_LINES_MAX + 1),
        [b"a" * (LINE_BYTES_MAX + 1)],
    ],
)
def test_what_is_no_export_is_refused(lines: list[bytes]) -> None:
    """
    Whatever lies in a file, it is broken or not: nothing makes the reader fail, or fill the memory.
    """
    with pytest.raises(TrailBroken):
        verify([*read(lines)])


def test_lines_before_the_first_checkpoint_are_not_sealed() -> None:
    """
    A file that begins with a line begins with nothing that vouches for it.
    """
    assert broken_at([*read([FILE[1], *FILE])]) == 0
