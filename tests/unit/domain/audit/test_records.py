"""Lines and manifests of rows on record: written in one way, and read back as they were."""

from typing import Final

import pytest

from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import HOT_MONTHS, RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordManifest
from fakes.clock import NOON

LINE: Final = RecordLine(
    kind=RecordKind.OUTBOX, at=NOON, number=7, payment="SK1", fields={"attempts": 1, "errand": "x"}
)
MANIFEST: Final = RecordManifest(
    kind=RecordKind.INBOX, month=ArchiveMonth(2023, 10), count=2, sha256="ab", size_bytes=9
)


def test_a_line_is_written_in_one_way() -> None:
    """
    The version first, then names by their code points; what a row holds beside its place stands among them.
    """
    written = bytes(LINE)

    assert written == (
        b'{"v":1,"at":"2026-08-03T12:00:00.000000Z","attempts":1,"errand":"x","id":7,"kind":"outbox","payment":"SK1"}'
    )
    assert RecordLine.parse(written) == LINE
    assert LINE.place == (NOON, 7)


@pytest.mark.parametrize("written", [b"[]", b"{}", b"7", b"{", b'{"kind":"letters"}'])
def test_what_is_no_line_is_refused(written: bytes) -> None:
    """
    Whoever wrote it.
    """
    with pytest.raises(ValueError, match="no line of an archived month"):
        RecordLine.parse(written)


def test_a_manifest_is_read_as_it_was_written() -> None:
    """
    And only so: one way to write it.
    """
    written = bytes(MANIFEST)

    assert RecordManifest.parse(written) == MANIFEST
    assert MANIFEST.stored("cd", 3) == RecordManifest.parse(
        written.replace(b'"ab"', b'"cd"').replace(b":9", b":3")
    )
    for other in (written + b" ", b"{}", b"[]", written.replace(b"inbox", b"letters")):
        with pytest.raises(ValueError, match="the manifest of an archived month"):
            RecordManifest.parse(other)


def test_each_kind_stays_at_hand_for_a_time() -> None:
    """
    The bank's messages for as long as they may come again, and what was decided as long as the audit log.
    """
    assert {kind.value: months for kind, months in HOT_MONTHS.items()} == {
        "inbox": 14,
        "outbox": 3,
        "decision_basis": 24,
    }
