"""A proof pack as one ZIP archive: the same files make the same bytes, and each of its bytes is checked."""

import json
import shutil
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO, Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.audit.checkpoint import InclusionProof
from domain.audit.merkle_tree import leaf_hash
from domain.audit.proof_pack import (
    MANIFEST,
    NOTE,
    Manifest,
    PackedFile,
    ProofBroken,
    check_manifest,
)
from domain.audit.signed_note import NoteMalformed
from domain.audit.trail import NoteCheck

FILES_MAX: Final = 10_000
END_BYTES_MAX: Final = 2 * 1024 * 1024
"""Of a manifest, its note, an audit line or a proof."""

AUDIT: Final = "audit/"
LINE: Final = ".json"
PROOF: Final = ".tlog-proof"
_PIECE: Final = 64 * 1024
_SAME_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The time of each file in the archive: with the present one no two packs would be alike."""

_UNIX: Final = 3
_READABLE: Final = 0o644 << 16
_UNREADABLE: Final = (
    BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error,
)  # fmt: skip


@dataclass(slots=True)
class ProofArchive:
    """Writes a pack to *to* file by file, in the order of their names; only one of them is in memory."""

    to: BinaryIO
    files: dict[str, PackedFile] = field(default_factory=dict)
    _zip: ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self._zip = ZipFile(self.to, "w", ZIP_STORED)

    def add(self, name: str, content: bytes) -> None:
        if self.files and name <= max(self.files):
            raise ValueError(f"{name} comes too late in a pack")
        self._write(name, content)
        self.files[name] = PackedFile(sha256=sha256(content).hexdigest(), size=len(content))

    def finish(self, manifest: Manifest, note: str) -> None:
        """Write *manifest* of all files and the *note* over it; the archive is whole then."""
        self._write(MANIFEST, bytes(manifest))
        self._write(NOTE, note.encode())
        self._zip.close()

    def _write(self, name: str, content: bytes) -> None:
        self._zip.writestr(_entry(name), content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFound:
    """A whole pack about *payment*: how many files the manifest names, and how many audit lines are proved."""

    payment: str
    made_at: datetime
    files: int
    proved: int


def check_archive(archive: BinaryIO, check: NoteCheck) -> ProofFound:
    """
    Return what the pack in *archive* is, or raise ``ProofBroken``.

    Nothing else is needed, and only pieces of it are in memory. Each byte counts: what stands between the files
    as well, so that no program can be shown other files in the same archive.
    """
    try:
        with ZipFile(archive) as pack:
            entries = _entries(pack)
            manifest = check_manifest(
                _read(pack, entries, MANIFEST), _text(pack, entries, NOTE), check
            )
            _check_names([each.filename for each in entries], manifest)
            for name, file in manifest.files.items():
                _check_file(pack, name, file)
            proved = sum(_prove(pack, entries, name, manifest, check) for name in manifest.files)
            if not _is_written_alike(pack, entries, archive):
                raise ProofBroken("", "the archive holds other bytes than those of its files")
    except _UNREADABLE:
        raise ProofBroken("", "the archive is damaged and cannot be read") from None
    return ProofFound(
        payment=manifest.payment,
        made_at=manifest.made_at,
        files=len(manifest.files),
        proved=proved,
    )


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _SAME_DATE)
    entry.compress_type = ZIP_STORED
    entry.create_system = _UNIX
    entry.external_attr = _READABLE
    return entry


def _entries(pack: ZipFile) -> Sequence[ZipInfo]:
    entries = pack.infolist()
    if len(entries) > FILES_MAX:
        raise ProofBroken("", "the archive has too many files for a proof pack")
    for each in entries:
        # Nothing in a pack is compressed, so that none of it grows while it is read.
        if each.compress_type != ZIP_STORED or each.flag_bits:
            raise ProofBroken(each.filename, "it is packed as no file of a proof pack is")
    return entries


def _check_names(names: Sequence[str], manifest: Manifest) -> None:
    known = set(manifest.names)
    for name in names:
        if name not in known:
            raise ProofBroken(name, "it was added: the manifest does not name it")
    for name in manifest.names:
        if name not in names:
            raise ProofBroken(name, "it is missing")
    if [*names] != manifest.names:
        raise ProofBroken("", "the files stand in another order, or one of them twice")


def _check_file(pack: ZipFile, name: str, file: PackedFile) -> None:
    digest, size = sha256(), 0
    for piece in _pieces(pack, name):
        digest.update(piece)
        size += len(piece)
    if (digest.hexdigest(), size) != (file.sha256, file.size):
        raise ProofBroken(name, "it was changed")


def _pieces(pack: ZipFile, name: str) -> Iterator[bytes]:
    try:
        with pack.open(name) as file:
            while piece := file.read(_PIECE):
                yield piece
    except BadZipFile:
        raise ProofBroken(name, "it was changed") from None


def _prove(
    pack: ZipFile, entries: Sequence[ZipInfo], name: str, manifest: Manifest, check: NoteCheck
) -> int:
    """Return 1 for a file that is a line of the audit log, when its proof is right."""
    if not name.startswith(AUDIT) or not name.endswith(LINE):
        return 0
    line = _read(pack, entries, name).removesuffix(b"\n")
    try:
        proof = InclusionProof.parse(_text(pack, entries, f"{name.removesuffix(LINE)}{PROOF}"))
        check(str(proof.checkpoint))
    except NoteMalformed as problem:
        raise ProofBroken(name, f"its proof is none: {problem}") from None
    if not proof.proves(leaf_hash(line)):
        raise ProofBroken(name, "its proof is about another line")
    if json.loads(line)["subject"] != manifest.payment:
        raise ProofBroken(name, "it is about another payment")
    return 1


def _read(pack: ZipFile, entries: Sequence[ZipInfo], name: str) -> bytes:
    sizes = {each.filename: each.file_size for each in entries}
    if name not in sizes:
        raise ProofBroken(name, "it is missing")
    if sizes[name] > END_BYTES_MAX:
        raise ProofBroken(name, "it is longer than it can be")
    return b"".join(_pieces(pack, name))


def _text(pack: ZipFile, entries: Sequence[ZipInfo], name: str) -> str:
    try:
        return _read(pack, entries, name).decode()
    except UnicodeDecodeError:
        raise ProofBroken(name, "it is not UTF-8") from None


def _is_written_alike(pack: ZipFile, entries: Sequence[ZipInfo], archive: BinaryIO) -> bool:
    """Whether the same files make the same archive again."""
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_STORED) as again:
            for each in entries:
                entry = _entry(each.filename)
                entry.file_size = each.file_size
                with pack.open(each) as read, again.open(entry, "w") as write:
                    shutil.copyfileobj(read, write, _PIECE)
        file.seek(0)
        archive.seek(0)
        while True:
            ours, theirs = file.read(_PIECE), archive.read(_PIECE)
            if ours != theirs:
                return False
            if not ours:
                return True
