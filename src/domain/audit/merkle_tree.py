"""The Merkle tree over the sealed audit log, as RFC 6962 section 2.1 and RFC 9162 section 2.1 define it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

HASH_BYTES: Final = 32
SIZE_MAX: Final = 2**63
"""A tree of more leaves is not believed: its size does not fit what others count with."""

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf; its prefix differs from a node's, so that neither passes for the other."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """
    All that has to be kept of *size* leaves to add the next: the roots of the largest full subtrees, left to right.

    There are as many *hashes* as *size* has ones in binary, so at most 64.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= SIZE_MAX:
            raise ValueError(f"{self.size} is no size of a tree")
        if len(self.hashes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} subtrees")

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Self:
        return cls().extended(leaves)

    def extended(self, leaves: Iterable[bytes]) -> Self:
        """Return the range with *leaves*, which are hashes of leaves, added behind it."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            added, full = leaf, size
            while full & 1:
                added = node_hash(hashes.pop(), added)
                full >>= 1
            hashes.append(added)
            size += 1
        return type(self)(size, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The hash of the whole tree; that of the empty one is the hash of nothing."""
        if not self.hashes:
            return sha256().digest()
        *left, root = self.hashes
        for each in reversed(left):
            root = node_hash(each, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over *leaves*, which are hashes of leaves in the order of the tree."""
    return CompactRange.of(leaves).root
