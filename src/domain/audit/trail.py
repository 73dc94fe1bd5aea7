"""Whether a sealed audit trail is whole: each line, each checkpoint, and what was anchored elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.audit.checkpoint import Checkpoint
from domain.audit.ended_lines import ended_before
from domain.audit.merkle_tree import CompactRange, leaf_hash
from domain.audit.signed_note import NoteMalformed, SignedNote, VerifierKey

BATCH_LINES_MAX: Final = 5_000
"""A checkpoint follows after so many lines at most, so that whoever verifies needs little memory."""

SignatureCheck = Callable[[VerifierKey, bytes, bytes], bool]
"""Whether the third is a signature by the first over the second."""


class TrailBroken(Exception):
    """The line with *index*, the first of all, is not as it was sealed."""

    def __init__(self, index: int, why: str) -> None:
        self.index, self.why = index, why
        super().__init__(f"broken at index {index}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBatch:
    """
    What one checkpoint sealed: its *note*, the *leaves* (hashes) that it lists, and the *lines* behind them.

    A line that is gone is None. Without a note these are lines that no checkpoint seals.
    """

    note: str
    leaves: Sequence[bytes]
    lines: Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """Reads notes, and believes those that one of *keys* signed."""

    keys: Sequence[VerifierKey]
    is_signature: SignatureCheck

    def __call__(self, written: str) -> Checkpoint:
        """Return the checkpoint in a note, or raise ``NoteMalformed``."""
        note = SignedNote.parse(written)
        found = Checkpoint.parse(note.text)
        if not self.is_signed(note, found.origin):
            raise NoteMalformed("no key that is known has signed this checkpoint")
        return found

    def is_signed(self, note: SignedNote, origin: str | None = None) -> bool:
        """Whether one of the keys, of the name *origin* where one is given, has signed *note*."""
        return any(
            self.is_signature(key, note.text.encode(), each.signature)
            for key in self.keys
            if origin in {None, key.name}
            for each in note.signatures
            if each.is_by(key)
        )


class TrailCheck:
    """
    Takes the batches of a trail from its first on, and is told of the *anchors*: notes that are kept elsewhere.

    Lines before the index *ended* may be gone when a sealed line tells that their retention has ended. What it
    remembers does not grow with the trail.
    """

    def __init__(
        self, check_note: NoteCheck, anchors: Sequence[str] = (), *, ended: int = 0
    ) -> None:
        self._check_note = check_note
        self._anchors = _roots(check_note, anchors)
        self._ended, self._told, self._gone = ended, 0, range(0)
        self._tree = CompactRange()
        self.anchored = len(self._anchors)

    @property
    def size(self) -> int:
        """How many lines are found to be whole."""
        return self._tree.size

    @property
    def gone(self) -> range:
        """From which index to which lines are gone whose retention has ended."""
        return self._gone

    def take(self, batch: SealedBatch) -> None:
        """Check the next batch, or raise ``TrailBroken``."""
        first = self.size
        if not batch.note:
            raise TrailBroken(first, "no checkpoint seals what follows")
        try:
            sealed = self._check_note(batch.note)
        except NoteMalformed as problem:
            raise TrailBroken(first, str(problem)) from None
        tree, ended = self._tree.extended(batch.leaves), max(self._ended - first, 0)
        if (tree.size, tree.root) != (sealed.size, sealed.root) or tree.size == first:
            raise TrailBroken(
                first + (_first_unlike(batch, ended) or 0),
                f"the lines from {first} on are not those of the checkpoint of {sealed.size}",
            )
        unlike = _first_unlike(batch, ended)
        if unlike is not None:
            raise TrailBroken(first + unlike, _what_is_wrong(batch, unlike))
        if sealed.before is not None and sealed.before != first:
            raise TrailBroken(first, f"the checkpoint of {sealed.before} lines is gone")
        if self._anchors.pop(tree.size, tree.root) != tree.root:
            raise TrailBroken(first, f"the anchor of {tree.size} lines has another root")
        self._tree = tree
        self._hear(batch, first)

    def _hear(self, batch: SealedBatch, first: int) -> None:
        """Note which lines of *batch* are gone, and what the others tell of lines that are."""
        for place, line in enumerate(batch.lines):
            if line:
                self._told = max(self._told, ended_before(line))
            elif first + place < self._ended:
                begins = self._gone.start if self._gone else first + place
                self._gone = range(begins, first + place + 1)

    def finish(self) -> int:
        """
        Return how many lines the whole trail has.

        Raises ``TrailBroken`` when an anchor has more, or lines are gone of which no sealed line tells.
        """
        if self._gone.stop > self._told:
            raise TrailBroken(
                max(self._gone.start, self._told), "the line is gone, and no entry tells why"
            )
        for size in sorted(self._anchors):
            missing = min(self.size, size)
            raise TrailBroken(missing, f"no checkpoint is left of the {size} lines of an anchor")
        return self.size


def _roots(check_note: NoteCheck, anchors: Sequence[str]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for each in anchors:
        try:
            anchor = check_note(each)
        except NoteMalformed as problem:
            raise TrailBroken(0, f"an anchor cannot be believed: {problem}") from None
        if found.setdefault(anchor.size, anchor.root) != anchor.root:
            raise TrailBroken(0, f"two anchors of {anchor.size} lines differ")
    return found


def _first_unlike(batch: SealedBatch, ended: int) -> int | None:
    """Return the place of the first line that is not the leaf listed for it; the first *ended* may be gone."""
    for place, (leaf, line) in enumerate(zip(batch.leaves, batch.lines, strict=False)):
        if not line and place < ended:
            continue
        if line is None or leaf_hash(line) != leaf:
            return place
    shorter, longer = sorted((len(batch.leaves), len(batch.lines)))
    return None if shorter == longer else shorter


def _what_is_wrong(batch: SealedBatch, place: int) -> str:
    if place >= len(batch.leaves):
        return "a line was inserted"
    if place >= len(batch.lines) or batch.lines[place] is None:
        return "the line is gone"
    return "the line was changed, inserted or moved"
