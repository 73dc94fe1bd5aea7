"""Proofs about the Merkle tree: that a leaf is in it, and that a larger tree only adds to a smaller one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.audit.merkle_tree import SIZE_MAX, CompactRange, node_hash

Span = range
"""Leaves that stand side by side in the tree, by their indices."""


def inclusion_spans(index: int, size: int) -> Sequence[Span]:
    """
    Return whose roots prove that leaf *index* is in a tree of *size* leaves, in the order of the proof.

    RFC 9162 section 2.1.3.1. Raises ``ValueError`` for a leaf that is not in the tree.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return _path(index, range(size))


def consistency_spans(first: int, size: int) -> Sequence[Span]:
    """
    Return whose roots prove that a tree of *size* leaves begins with one of *first*, in the order of the proof.

    RFC 9162 section 2.1.4.1; equal trees need none. Raises ``ValueError`` unless 0 < first <= size.
    """
    if not 0 < first <= size <= SIZE_MAX:
        raise ValueError(f"no proof leads from {first} leaves to {size}")
    return _subproof(first, range(size), whole=True)


@dataclass(frozen=True, slots=True)
class SpanLeaves:
    """What the root of a span is made of: the *tree* of a checkpoint within it, and the *leaves* from there on."""

    tree: CompactRange
    leaves: Sequence[bytes]


def span_root(span: Span, parts: SpanLeaves) -> bytes:
    """
    Return the root of *span*, whose tree ends within the span, or before it where no checkpoint is within.

    The span is one of ``inclusion_spans`` or ``consistency_spans``, which begin where a subtree of their size can: so
    what the tree keeps of it are whole subtrees. Raises ``ValueError`` for parts of another span.
    """
    at, inside = 0, []
    for place, each in zip(_places(parts.tree.size), parts.tree.hashes, strict=True):
        if at >= span.start:
            inside.append(each)
        at += place
    covered = max(0, parts.tree.size - span.start)
    whole = CompactRange(covered, tuple(inside)).extended(parts.leaves)
    if whole.size != len(span):
        raise ValueError(f"{whole.size} leaves are not those of {span}")
    return whole.root


def _places(size: int) -> Sequence[int]:
    """Return how many leaves each of the largest full subtrees of a tree of *size* has, left to right."""
    return [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]


def proves_inclusion(
    proof: Sequence[bytes], *, index: int, size: int, leaf: bytes, root: bytes
) -> bool:
    """Whether *proof* shows that leaf *index* of the tree with *size* and *root* is *leaf* (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size <= SIZE_MAX:
        return False
    node, last, found = index, size - 1, leaf
    for each in proof:
        if not last:
            return False
        if node & 1 or node == last:
            found = node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    return not last and found == root


def proves_consistency(
    proof: Sequence[bytes], *, first: int, size: int, first_root: bytes, root: bytes
) -> bool:
    """Whether *proof* shows that the tree with *root* begins with that of *first* leaves (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= size <= SIZE_MAX:
        return False
    if first == size:
        return not proof and first_root == root
    # A full first tree is a node of the second: the proof leaves it out.
    path = iter(proof if first & (first - 1) else [first_root, *proof])
    node, last = first - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    begin = next(path, None)
    return begin is not None and _leads(path, node, last, begin, (first_root, root))


def _leads(
    path: Iterator[bytes], node: int, last: int, begin: bytes, roots: tuple[bytes, bytes]
) -> bool:
    smaller = larger = begin
    for each in path:
        if not last:
            return False
        if node & 1 or node == last:
            smaller, larger = node_hash(each, smaller), node_hash(each, larger)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            larger = node_hash(larger, each)
        node, last = node >> 1, last >> 1
    return not last and (smaller, larger) == roots


def _path(index: int, tree: Span) -> list[Span]:
    if len(tree) == 1:
        return []
    left, right = _halves(tree)
    return [*_path(index, left), right] if index in left else [*_path(index, right), left]


def _subproof(first: int, tree: Span, *, whole: bool) -> list[Span]:
    if first == tree.stop:
        return [] if whole else [tree]
    left, right = _halves(tree)
    if first <= left.stop:
        return [*_subproof(first, left, whole=whole), right]
    return [*_subproof(first, right, whole=False), left]


def _halves(tree: Span) -> tuple[Span, Span]:
    """Return the two subtrees of *tree*: the left one is the largest full one that is not all of it."""
    at = tree.start + (1 << (len(tree) - 1).bit_length() - 1)
    return range(tree.start, at), range(at, tree.stop)
