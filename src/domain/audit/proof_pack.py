"""A proof pack: the files about one payment, their hashes in a manifest, and a signed note over the manifest."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Self

from domain.audit.audit_line import canonical
from domain.audit.signed_note import NoteMalformed, SignedNote
from domain.audit.trail import NoteCheck

HEADER: Final = "shulk-proof-pack@v1"
"""The first line of what is signed; no checkpoint has a second line that is no number."""

MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
ENDS: Final = (MANIFEST, NOTE)
"""The last two files of a pack; the manifest names all others."""

SUBJECT: Final = re.compile(r"[A-Z0-9]{1,40}")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LINES: Final = 3


class ProofBroken(Exception):
    """The pack is not as it was made; *where* names the file that shows it, or is empty."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(f"{where}: {why}" if where else why)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """What the manifest says of one file."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Which files a pack about *payment* has; it was made at *made_at* (UTC)."""

    payment: str
    made_at: datetime
    files: Mapping[str, PackedFile]

    def __bytes__(self) -> bytes:
        return canonical(
            {
                "files": {
                    name: {"sha256": file.sha256, "size": file.size}
                    for name, file in self.files.items()
                },
                "made_at": self.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "transaction_id": self.payment,
            }
        )

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{HEADER}\n{self.payment}\n{sha256(bytes(self)).hexdigest()}\n"

    @property
    def names(self) -> list[str]:
        """The files of the pack in their order."""
        return [*sorted(self.files), *ENDS]

    @classmethod
    def parse(cls, written: bytes) -> Self:
        """Return the manifest in *written*, or raise ``ProofBroken``; there is one way to write it."""
        try:
            found = json.loads(written)
            manifest = cls(
                payment=found["transaction_id"],
                made_at=datetime.fromisoformat(found["made_at"]),
                files={name: _file(name, each) for name, each in found["files"].items()},
            )
            again = bytes(manifest)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ProofBroken(MANIFEST, "it cannot be read") from None
        if again != written or not SUBJECT.fullmatch(manifest.payment):
            raise ProofBroken(MANIFEST, "it is not written as manifests are")
        return manifest


def check_manifest(written: bytes, note: str, check: NoteCheck) -> Manifest:
    """Return the manifest in *written* when *note* over it is signed by a key of *check*, or raise ``ProofBroken``."""
    try:
        found = SignedNote.parse(note)
    except NoteMalformed as problem:
        raise ProofBroken(NOTE, str(problem)) from None
    lines = found.text.split("\n")
    if lines[0] != HEADER or len(lines) != _LINES + 1:
        raise ProofBroken(NOTE, "it is not about a proof pack")
    if not check.is_signed(found):
        raise ProofBroken(
            NOTE, "no key that is given has signed it: it is forged, or of another installation"
        )
    if lines[2] != sha256(written).hexdigest():
        raise ProofBroken(MANIFEST, "it was changed: it is not the one that was signed")
    manifest = Manifest.parse(written)
    if manifest.text != found.text:
        raise ProofBroken(MANIFEST, "it is about another payment than the one that was signed")
    return manifest


def _file(name: str, told: Mapping[str, Any]) -> PackedFile:
    file = PackedFile(sha256=told["sha256"], size=told["size"])
    if not _FILE_NAME.fullmatch(name) or name in ENDS or not _SHA256.fullmatch(file.sha256):
        raise ValueError("no file of a pack")
    return file
