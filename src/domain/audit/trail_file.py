"""The export of a sealed trail: a line for each checkpoint with the hashes that it seals, then the lines themselves."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Final

from domain.audit.signed_note import NoteMalformed, decoded
from domain.audit.trail import BATCH_LINES_MAX, SealedBatch, TrailBroken

CHECKPOINT: Final = b'{"checkpoint":'
LINE_BYTES_MAX: Final = 1_000_000


def written(batch: SealedBatch) -> Iterator[bytes]:
    """Yield the lines of the file for one whole *batch*, each with its end."""
    leaves = [base64.b64encode(each).decode() for each in batch.leaves]
    head = {"checkpoint": batch.note, "leaves": leaves}
    yield json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    for line in batch.lines:
        yield (line or b"") + b"\n"


def read(lines: Iterable[bytes]) -> Iterator[SealedBatch]:
    """
    Yield the batches in the *lines* of a file, in their order, holding one in memory.

    Raises ``TrailBroken`` for a file that is none; whether its batches are true is not looked at.
    """
    first, head, kept = 0, None, list[bytes]()
    for line in lines:
        bare = line.removesuffix(b"\n")
        if bare.startswith(CHECKPOINT):
            if head is not None or kept:
                yield _batch(first, head, kept)
                first += len(kept)
            head, kept = bare, []
        else:
            kept.append(bare)
            if len(kept) > BATCH_LINES_MAX or len(bare) > LINE_BYTES_MAX:
                raise TrailBroken(first, "no checkpoint follows where one has to")
    if head is not None or kept:
        yield _batch(first, head, kept)


def _batch(first: int, head: bytes | None, lines: list[bytes]) -> SealedBatch:
    if head is None:
        return SealedBatch(note="", leaves=(), lines=lines)
    try:
        found = json.loads(head)
        note, leaves = found["checkpoint"], [decoded(each) for each in found["leaves"]]
    except (ValueError, KeyError, TypeError, AttributeError, NoteMalformed, RecursionError):
        raise TrailBroken(first, "the line of the checkpoint cannot be read") from None
    if not isinstance(note, str) or len(leaves) > BATCH_LINES_MAX:
        raise TrailBroken(first, "the line of the checkpoint cannot be read")
    return SealedBatch(note=note, leaves=leaves, lines=lines)
