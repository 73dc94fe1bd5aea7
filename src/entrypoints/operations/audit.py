"""The sealed audit log from the command line: seal, verify, export, prove, and the key."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from adapters.ed25519.note_signatures import NoteKey, is_signature
from application.audit.prove_entries import ProvedLine
from application.audit.read_archive import whole_batches
from application.audit.verify_trail import TrailFound, VerifyTrail
from domain.audit.checkpoint import InclusionProof
from domain.audit.ended_lines import ended_before
from domain.audit.merkle_tree import leaf_hash
from domain.audit.signed_note import VerifierKey
from domain.audit.trail import NoteCheck, TrailBroken, TrailCheck
from domain.audit.trail_file import LINE_BYTES_MAX, read, written
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.audit import verifier_keys
from entrypoints.wiring.container import Shulk

TRAIL: Final = "audit_log"
PACKED: Final = ".gz"
KEY_MODE: Final = 0o600
FILE_MODE: Final = 0o640


def make_key(name: str, out: Path) -> VerifierKey:
    """Write a new private key to *out*, which must not exist; return its public key. Raises ``OSError``."""
    key = NoteKey.drawn(name)
    public = key.public
    out.touch(mode=KEY_MODE, exist_ok=False)
    out.write_text(f"{key.written}\n", encoding="utf-8")
    return public


def parse_keys(texts: Sequence[str]) -> Sequence[VerifierKey]:
    """Return the public keys that are written in *texts*, or in the files that these name; raises ``NoteMalformed``."""
    found: list[VerifierKey] = []
    for each in texts:
        path = Path(each)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else [each]
        found += [VerifierKey.parse(line) for line in lines if line.strip()]
    return found


def seal_all(settings: Settings) -> int:
    """Seal all that can be sealed now; return how many entries were."""

    async def seal(container: Shulk) -> int:
        sealing, sealed = container.use_cases().audit().seal_audit_log(), 0
        while count := await sealing():
            sealed += count
        return sealed

    return run_in_container(settings, seal)


def verify_database(
    settings: Settings, keys: Sequence[VerifierKey], anchors: Sequence[str]
) -> TrailFound:
    """Verify what the database holds against the anchors in the file store, and *anchors*; raises ``TrailBroken``."""

    async def verify(container: Shulk) -> TrailFound:
        audit = container.use_cases().audit()
        known = NoteCheck([*verifier_keys(settings), *keys], is_signature)
        kept = [*await audit.anchors().notes(), *anchors]
        record = audit.record_access().commanded
        try:
            verify = VerifyTrail(container.storage.sealed_log(), known, audit.read_archive())
            found = await verify(kept)
        except TrailBroken as broken:
            await record("audit.broken", TRAIL, BY_COMMAND, {"index": str(broken.index)})
            raise
        await record("audit.verified", TRAIL, BY_COMMAND, {"size": str(found.size)})
        return found

    return run_in_container(settings, verify)


def verify_file(path: Path, keys: Sequence[VerifierKey], anchors: Sequence[str]) -> TrailFound:
    """Verify the export at *path* with nothing but *keys* and *anchors*; raises ``TrailBroken``."""
    check = TrailCheck(NoteCheck(keys, is_signature), anchors, ended=_ended_in(path))
    with _opened(path, "rb") as file:
        try:
            for batch in read(iter(lambda: file.readline(LINE_BYTES_MAX + 2), b"")):
                check.take(batch)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise TrailBroken(check.size, "the file cannot be unpacked from here on") from None
    return TrailFound(size=check.finish(), anchored=check.anchored, gone=check.gone)


def _ended_in(path: Path) -> int:
    """Return before which index lines may be gone by what the file at *path* tells; whether it is true comes later."""
    with _opened(path, "rb") as file, suppress(EOFError, zlib.error, gzip.BadGzipFile):
        return max(
            map(ended_before, iter(lambda: file.readline(LINE_BYTES_MAX + 2), b"")), default=0
        )
    return 0


def verify_proof(proof: str, line: bytes, keys: Sequence[VerifierKey]) -> int | None:
    """Return the index that *proof* proves of *line*, None when it does not; raises ``NoteMalformed``."""
    found = InclusionProof.parse(proof)
    NoteCheck(keys, is_signature)(str(found.checkpoint))
    return found.index if found.proves(leaf_hash(line.removesuffix(b"\n"))) else None


def export_trail(settings: Settings, out: Path) -> int:
    """Write all that is sealed to *out*, whole or not at all; return how many lines. Raises ``TrailBroken``."""
    aside = out.with_name(f".{out.name}.part{PACKED if out.suffix == PACKED else ''}")

    async def export(container: Shulk) -> int:
        record = container.use_cases().audit().record_access().commanded
        await record("audit.exported", TRAIL, BY_COMMAND)
        archive = container.use_cases().audit().read_archive()
        known = NoteCheck(verifier_keys(settings), is_signature)
        check = TrailCheck(known, ended=await archive.ended())
        with _opened(aside, "wb") as file:
            aside.chmod(FILE_MODE)
            async with whole_batches(container.storage.sealed_log(), archive) as batches:
                async for batch in batches:
                    check.take(batch)
                    file.writelines(written(batch))
        return check.finish()

    try:
        count = run_in_container(settings, export)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return count


def prove(settings: Settings, subject: str) -> Sequence[ProvedLine]:
    """Return the sealed lines about *subject* with their proofs; raises ``TrailBroken``."""

    async def proved(container: Shulk) -> Sequence[ProvedLine]:
        audit = container.use_cases().audit()
        await audit.record_access().commanded("audit.proved", f"shown:{subject}", BY_COMMAND)
        return await audit.prove_entries()(subject)

    return run_in_container(settings, proved)


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[BinaryIO]:
    if path.suffix == PACKED:
        with gzip.open(path, mode) as packed:
            yield cast("BinaryIO", packed)
    else:
        with path.open(mode) as file:
            yield cast("BinaryIO", file)
