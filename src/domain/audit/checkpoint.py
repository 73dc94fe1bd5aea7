"""Checkpoints of the sealed audit log (C2SP tlog-checkpoint), and proof files about it (C2SP tlog-proof)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from domain.audit.merkle_proofs import proves_inclusion
from domain.audit.merkle_tree import HASH_BYTES, SIZE_MAX
from domain.audit.signed_note import NoteMalformed, SignedNote, decoded

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
BEFORE: Final = "before "
PROOF_HASHES_MAX: Final = 63
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """
    What a signature vouches for: the log *origin* had *size* lines, and the tree over them *root*.

    *before* is the size of the checkpoint before it, None where it was signed without.
    """

    origin: str
    size: int
    root: bytes
    before: int | None = None

    @property
    def text(self) -> str:
        behind = "" if self.before is None else f"{BEFORE}{self.before}\n"
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{behind}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint in the *text* of a note, or raise ``NoteMalformed``; further lines are allowed."""
        lines = text.split("\n")
        if len(lines) <= _LINES or not lines[0]:
            raise NoteMalformed("a checkpoint has the lines origin, size and root")
        told = [each.removeprefix(BEFORE) for each in lines[_LINES:] if each.startswith(BEFORE)]
        if len(told) > 1:
            raise NoteMalformed("a checkpoint follows one other")
        return cls(
            origin=lines[0],
            size=_number(lines[1]),
            root=_hash(lines[2]),
            before=_number(told[0]) if told else None,
        )


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The proof that one line, the one with *index*, is in the tree of a signed checkpoint."""

    index: int
    hashes: Sequence[bytes]
    checkpoint: SignedNote

    def __str__(self) -> str:
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.hashes)
        return f"{PROOF_HEADER}\nindex {self.index}\n{hashes}\n{self.checkpoint}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the proof in *written*, or raise ``NoteMalformed``; data of an application in it is passed over."""
        head, _, note = written.partition("\n\n")
        lines = head.split("\n")
        if lines.pop(0) != PROOF_HEADER:
            raise NoteMalformed(f"a proof begins with {PROOF_HEADER}")
        if lines and lines[0].startswith("extra "):
            decoded(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise NoteMalformed("a proof names the index of its line")
        index = _number(lines.pop(0).removeprefix("index "))
        if len(lines) > PROOF_HASHES_MAX:
            raise NoteMalformed("a proof has at most 63 hashes")
        return cls(index=index, hashes=tuple(map(_hash, lines)), checkpoint=SignedNote.parse(note))

    def proves(self, leaf: bytes) -> bool:
        """Whether the line with the hash *leaf* is in the tree; the signature is not looked at."""
        of = Checkpoint.parse(self.checkpoint.text)
        return proves_inclusion(
            self.hashes, index=self.index, size=of.size, leaf=leaf, root=of.root
        )


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > SIZE_MAX:
        raise NoteMalformed("a size or an index is a whole number up to 2**63")
    return int(text)


def _hash(text: str) -> bytes:
    raw = decoded(text)
    if len(raw) != HASH_BYTES:
        raise NoteMalformed("a hash has 32 bytes")
    return raw
