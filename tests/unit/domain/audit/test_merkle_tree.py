"""The tree of the audit log: the vectors of the reference, all small trees, and what the verifiers refuse."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.merkle_proofs import (
    SpanLeaves,
    consistency_spans,
    inclusion_spans,
    proves_consistency,
    proves_inclusion,
    span_root,
)
from domain.audit.merkle_tree import SIZE_MAX, CompactRange, leaf_hash, node_hash, root_of

LARGEST: Final = 69
LEAVES: Final = tuple(leaf_hash(b"%d" % each) for each in range(LARGEST))
ROOTS: Final = tuple(root_of(LEAVES[:size]) for size in range(LARGEST + 1))
THREE: Final = tuple(
    map(
        leaf_hash,
        (
            b'{"action":"payment.begun","n":1}',
            b'{"action":"payment.paid","n":2}',
            b'{"action":"refund.requested","n":3}',
        ),
    )
)
ROOT_OF_THREE: Final = "90b52e0ce7fcb0ca591ca2af3d42335b9770dbaff3422ae0d0bdc5bb30a86cb6"


@cache
def of_span(span: range) -> bytes:
    return root_of(LEAVES[span.start : span.stop])


def inclusion(size: int, index: int) -> Sequence[bytes]:
    return [of_span(span) for span in inclusion_spans(index, size)]


def consistency(size: int, first: int) -> Sequence[bytes]:
    return [of_span(span) for span in consistency_spans(first, size)]


def folded(spans: Sequence[range], leaves: Sequence[bytes]) -> Sequence[bytes]:
    return [
        span_root(span, SpanLeaves(CompactRange(), leaves[span.start : span.stop]))
        for span in spans
    ]


def recursive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root by the definition of RFC 6962, section 2.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    at = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(recursive_root(leaves[:at]), recursive_root(leaves[at:]))


def test_the_vectors_of_the_standard_hold() -> None:
    """
    An empty tree, an empty leaf, and three lines, as other implementations compute them.
    """
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert [each.hex()[:8] for each in THREE] == ["525275bd", "9807e6a8", "3f7a7ff0"]
    assert root_of(THREE).hex() == ROOT_OF_THREE
    assert folded(inclusion_spans(1, 3), THREE) == [THREE[0], THREE[2]]
    assert folded(consistency_spans(2, 3), THREE) == [THREE[2]]


def test_each_tree_has_the_root_of_its_definition() -> None:
    """
    The compact range adds leaf by leaf and comes to what the recursion of the RFC comes to.
    """
    assert list(ROOTS[1:]) == [recursive_root(LEAVES[:size]) for size in range(1, LARGEST + 1)]


def test_a_range_goes_on_where_it_was_kept() -> None:
    """
    What is kept between two batches is enough, and holds one hash for each one in the size.
    """
    kept = CompactRange()
    for each in LEAVES:
        kept = CompactRange(kept.size, kept.hashes).extended([each])
        assert kept.root == ROOTS[kept.size]
        assert len(kept.hashes) == kept.size.bit_count()


@pytest.mark.parametrize(("size", "hashes"), [(3, 1), (-1, 0), (SIZE_MAX + 1, 2)])
def test_a_damaged_range_is_refused(size: int, hashes: int) -> None:
    """
    A range that cannot be one of its size is no beginning for the next batch.
    """
    with pytest.raises(ValueError, match="tree"):
        CompactRange(size, (b"",) * hashes)


def test_the_root_of_a_span_goes_on_from_any_tree_within_it() -> None:
    """
    Wherever a checkpoint ends within the span, what it keeps and the leaves behind it come to the same root.
    """
    for size in (1, 2, 37, LARGEST):
        spans = {
            span
            for at in range(size)
            for span in (*inclusion_spans(at, size), *consistency_spans(at + 1, size))
        }
        for span in spans:
            for at in range(span.stop):
                tree = CompactRange.of(LEAVES[:at])
                leaves = LEAVES[max(at, span.start) : span.stop]
                assert span_root(span, SpanLeaves(tree, leaves)) == of_span(span)


@pytest.mark.parametrize("leaves", [0, 1, 3, 5])
def test_a_span_has_just_its_leaves(leaves: int) -> None:
    """
    Fewer, because some are gone, or more are not taken for it.
    """
    with pytest.raises(ValueError, match="leaves"):
        span_root(range(4, 8), SpanLeaves(CompactRange.of(LEAVES[:6]), LEAVES[:leaves]))


def test_every_leaf_of_every_tree_is_proved() -> None:
    """
    All 2,415 leaves of the trees up to 69 leaves, each by its proof and by no other leaf's.
    """
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion(size, index)
            facts: dict[str, Any] = {"size": size, "root": ROOTS[size]}
            assert proves_inclusion(proof, index=index, leaf=LEAVES[index], **facts)
            assert not proves_inclusion(proof, index=index, leaf=LEAVES[index - 1], **facts) or (
                size == 1
            )
            assert not proves_inclusion([*proof, b""], index=index, leaf=LEAVES[index], **facts)


def test_every_pair_of_trees_is_proved() -> None:
    """
    All 2,415 pairs up to 69 leaves; the proof serves no other pair, and nothing may follow it.
    """
    for size in range(1, LARGEST + 1):
        for first in range(1, size + 1):
            proof = consistency(size, first)
            facts: dict[str, Any] = {"first": first, "size": size}
            right: dict[str, Any] = {"first_root": ROOTS[first], "root": ROOTS[size]}
            assert proves_consistency(proof, **facts, **right)
            assert not proves_consistency(
                proof, **facts, first_root=ROOTS[first - 1], root=ROOTS[size]
            )
            assert not proves_consistency([*proof, ROOTS[0]], **facts, **right)
            assert not proof or not proves_consistency(proof[:-1], **facts, **right)


@given(size=st.integers(1, LARGEST), data=st.data())
def test_any_flipped_bit_is_refused(size: int, data: st.DataObject) -> None:
    """
    One bit of a proof, a leaf or a root changes, and nothing is proved any more.
    """
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))

    def includes(leaf: bytes, root: bytes, *proof: bytes) -> bool:
        return proves_inclusion(proof, index=index, size=size, leaf=leaf, root=root)

    def leads(first_root: bytes, root: bytes, *proof: bytes) -> bool:
        return proves_consistency(proof, first=first, size=size, first_root=first_root, root=root)

    for parts, holds in (
        ([LEAVES[index], ROOTS[size], *inclusion(size, index)], includes),
        ([ROOTS[first], ROOTS[size], *consistency(size, first)], leads),
    ):
        at = data.draw(st.integers(0, len(parts) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(parts[at], "big") ^ (1 << bit)).to_bytes(32, "big")
        assert holds(*parts)
        assert not holds(*parts[:at], flipped, *parts[at + 1 :])


@pytest.mark.parametrize(("index", "size"), [(1, 1), (-1, 1), (0, 0), (0, SIZE_MAX + 1)])
def test_no_tree_has_such_a_leaf(index: int, size: int) -> None:
    """
    An index outside the tree, and a tree larger than 2**63, are refused before anything is hashed.
    """
    assert not proves_inclusion([], index=index, size=size, leaf=LEAVES[0], root=LEAVES[0])
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_spans(index, size)


@pytest.mark.parametrize(("first", "size"), [(0, 1), (2, 1), (1, SIZE_MAX + 1)])
def test_no_proof_leads_there(first: int, size: int) -> None:
    """
    Nothing is consistent with the empty tree, with a smaller one, or with one larger than 2**63.
    """
    root = LEAVES[0]
    assert not proves_consistency([], first=first, size=size, first_root=root, root=root)
    with pytest.raises(ValueError, match="no proof"):
        consistency_spans(first, size)


def test_equal_trees_need_no_proof_and_allow_none() -> None:
    """
    Of two trees of one size the roots are compared, and a proof beside them is refused.
    """
    equal: dict[str, Any] = {"first": 3, "size": 3, "first_root": ROOTS[3]}

    assert proves_consistency([], root=ROOTS[3], **equal)
    assert not proves_consistency([], root=ROOTS[2], **equal)
    assert not proves_consistency([ROOTS[3]], root=ROOTS[3], **equal)


def test_a_proof_without_its_first_hash_proves_nothing() -> None:
    """
    A first tree that is no full one has to be named by the proof itself.
    """
    assert not proves_consistency([], first=3, size=5, first_root=ROOTS[3], root=ROOTS[5])
