"""Sealed trails for tests: batches of lines with signed checkpoints."""

from collections.abc import Sequence

from adapters.ed25519.note_signatures import NoteKey
from domain.audit.checkpoint import Checkpoint
from domain.audit.merkle_tree import CompactRange, leaf_hash
from domain.audit.signed_note import SignedNote
from domain.audit.trail import SealedBatch
from fakes.audit.checkpoint_signer import KEY


def note_of(tree: CompactRange, key: NoteKey = KEY, *, before: int | None = None) -> str:
    text = Checkpoint(origin=key.name, size=tree.size, root=tree.root, before=before).text
    return str(SignedNote(text, [key.sign(text)]))


def trail(*sizes: int, key: NoteKey = KEY, follow: bool = False) -> list[SealedBatch]:
    """Return a whole trail of batches with so many lines; with *follow* each names the one before."""
    tree, found = CompactRange(), list[SealedBatch]()
    for size in sizes:
        lines = [b'{"v":1,"n":%d}' % (tree.size + each) for each in range(size)]
        found.append(batch(tree, lines, key=key, before=tree.size if follow else None))
        tree = tree.extended(found[-1].leaves)
    return found


def batch(
    tree: CompactRange, lines: Sequence[bytes], *, key: NoteKey = KEY, before: int | None = None
) -> SealedBatch:
    leaves = [leaf_hash(each) for each in lines]
    note = note_of(tree.extended(leaves), key, before=before)
    return SealedBatch(note=note, leaves=leaves, lines=lines)
