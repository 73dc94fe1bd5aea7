"""What is known of the file of an archived month of rows on record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import ArchivedMonth, manifest_in
from domain.audit.audit_line import canonical
from domain.audit.record_kind import RecordKind

FORMAT: Final = "shulk-record-archive@v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordManifest:
    """
    The file with the hash *sha256* holds the rows of *kind* that were finished in *month*, so many as *count*.

    These rows are sealed by the entry of the audit log that names the hashes of the file and of this manifest.
    """

    kind: RecordKind
    month: ArchiveMonth
    count: int
    sha256: str = ""
    size_bytes: int = 0

    @property
    def told(self) -> Mapping[str, str]:
        return {"count": str(self.count)}

    def stored(self, sha256: str, size_bytes: int) -> Self:
        return replace(self, sha256=sha256, size_bytes=size_bytes)

    def __bytes__(self) -> bytes:
        return canonical(
            {
                "count": self.count,
                "format": FORMAT,
                "kind": self.kind.value,
                "month": str(self.month),
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
                kind=RecordKind(found["kind"]),
                month=ArchiveMonth.parse(found["month"]),
                count=found["count"],
                sha256=found["sha256"],
                size_bytes=found["size"],
            ),
        )


RecordMonth = ArchivedMonth[RecordManifest]
"""A month of one kind of rows on record."""
