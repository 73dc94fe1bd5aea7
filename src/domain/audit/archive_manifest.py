"""What is known of the file of an archived month: enough to verify it with the public key and nothing else."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import ArchivedMonth, manifest_in
from domain.audit.audit_line import canonical
from domain.audit.checkpoint import Checkpoint
from domain.audit.merkle_tree import HASH_BYTES, CompactRange
from domain.audit.signed_note import SignedNote

FORMAT: Final = "shulk-audit-archive@v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveManifest:
    """
    The file with the hash *sha256* holds the lines of *month*, those that follow the tree *before*.

    *note* is the last checkpoint that was signed in the month, and *keys* are the public keys that were known when
    the file was written.
    """

    month: ArchiveMonth
    before: CompactRange
    note: str
    keys: Sequence[str]
    sha256: str
    size_bytes: int

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says; whether a key has signed it is not looked at."""
        return Checkpoint.parse(SignedNote.parse(self.note).text)

    @property
    def span(self) -> range:
        """The indices of the leaves whose lines the file holds."""
        return range(self.before.size, self.checkpoint.size)

    @property
    def told(self) -> Mapping[str, str]:
        return {"count": str(len(self.span)), "first": str(self.span.start)}

    def stored(self, sha256: str, size_bytes: int) -> Self:
        return replace(self, sha256=sha256, size_bytes=size_bytes)

    def __bytes__(self) -> bytes:
        return canonical(
            {
                "before": base64.b64encode(b"".join(self.before.hashes)).decode(),
                "count": len(self.span),
                "first": self.span.start,
                "format": FORMAT,
                "keys": "\n".join(self.keys),
                "last": self.span.stop - 1,
                "month": str(self.month),
                "note": self.note,
                "sha256": self.sha256,
                "size": self.size_bytes,
            }
        )

    @classmethod
    def parse(cls, written: bytes) -> Self:
        """Return the manifest in *written*, or raise ``ValueError``; there is one way to write it."""
        return manifest_in(
            written,
            lambda found: cls(
                month=ArchiveMonth.parse(found["month"]),
                before=CompactRange(found["first"], _hashes_in(found["before"])),
                note=found["note"],
                keys=tuple(found["keys"].splitlines()),
                sha256=found["sha256"],
                size_bytes=found["size"],
            ),
        )


def _hashes_in(text: str) -> tuple[bytes, ...]:
    joined = base64.b64decode(text, validate=True)
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))


SealedMonth = ArchivedMonth[ArchiveManifest]
"""A month of the audit log."""
