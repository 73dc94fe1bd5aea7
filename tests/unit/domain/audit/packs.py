"""A proof pack to bend: two files, and a line of the audit log with its proof."""

import json
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile

from domain.audit.checkpoint import Checkpoint, InclusionProof
from domain.audit.merkle_tree import leaf_hash
from domain.audit.proof_archive import ProofArchive, ProofFound, check_archive
from domain.audit.proof_pack import Manifest
from domain.audit.signed_note import SignedNote
from fakes.audit.checkpoint_signer import SIGNER
from fakes.audit.sealing import CHECK_NOTE
from fakes.clock import NOON
from ports.audit.checkpoint_signer import CheckpointSigner

ABOUT: Final = "SKAAAAAAAAAAAAAAAAAA"


def proved(line: bytes, signer: CheckpointSigner = SIGNER) -> bytes:
    """Return the proof file of *line*, the only one of its log."""
    text = Checkpoint(origin=SIGNER.keys[0].name, size=1, root=leaf_hash(line)).text
    return str(InclusionProof(0, (), SignedNote(text, signer.sign(text)))).encode()


def a_line(about: str = ABOUT) -> bytes:
    return json.dumps({"action": "payment.begun", "subject": about}).encode()


def files_of(line: bytes) -> dict[str, bytes]:
    return {
        "audit/0.json": line + b"\n",
        "audit/0.tlog-proof": proved(line),
        "documents/INV.pdf": b"%PDF-1.7",
        "index.html": b"<p>Paid</p>",
    }


def pack_of(
    files: dict[str, bytes], signer: CheckpointSigner = SIGNER, about: str = ABOUT
) -> bytes:
    """Return the pack of *files* as it is written."""
    to = BytesIO()
    archive = ProofArchive(to)
    for name in sorted(files):
        archive.add(name, files[name])
    manifest = Manifest(payment=about, made_at=NOON, files=archive.files)
    archive.finish(manifest, str(SignedNote(manifest.text, signer.sign(manifest.text))))
    return to.getvalue()


def packed_anew(pack: bytes, **changed: bytes | None) -> bytes:
    """Return *pack* with other contents (by a name without its dots and slashes), or without a file, as anybody can."""
    to = BytesIO()
    with ZipFile(BytesIO(pack)) as old, ZipFile(to, "w", ZIP_STORED) as new:
        for entry in old.infolist():
            content = changed.get(plain(entry.filename), old.read(entry))
            if content is not None:
                new.writestr(entry, content)
    return to.getvalue()


def plain(name: str) -> str:
    return name.replace("/", "_").replace(".", "_").replace("-", "_")


def check(pack: bytes) -> ProofFound:
    return check_archive(BytesIO(pack), CHECK_NOTE)
