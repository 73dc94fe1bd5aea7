"""The seal of the audit log: which entries are not sealed yet, and the leaves and checkpoints of those that are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.audit.logged_line import LoggedLine
from domain.audit.merkle_proofs import Span, SpanLeaves
from domain.audit.merkle_tree import CompactRange
from domain.audit.trail import SealedBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPosition:
    """
    The last entry that is sealed, in the order of sealing: by the number of its transaction, then its own.

    *transaction* is None among entries from before transactions were noted, which come first. Entries up to
    *moved* are all sealed: they were written in a database from which this one was restored.
    """

    transaction: int | None = None
    entry: int = 0
    moved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealState:
    """What is sealed: the *tree* over it, its last signed *note* (empty before the first), and the *position*."""

    tree: CompactRange = field(default_factory=CompactRange)
    note: str = ""
    position: LogPosition = field(default_factory=LogPosition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """The next entries to seal, in their order; *position* is that of the last of them."""

    lines: Sequence[LoggedLine]
    position: LogPosition


class NewLeaf(NamedTuple):
    """The hash of one line; without the *salt* the *digest* (hex) says nothing of where the request came from."""

    entry: int
    leaf: bytes
    salt: bytes
    digest: str


class SealedLog(Protocol):
    """Each entry is sealed once, in one order, however many seal at once and whenever one of them is ended."""

    async def state(self) -> SealState:
        """Return what is sealed up to now. Raises ``StorageUnavailable``."""
        ...

    async def unsealed(self, state: SealState, *, at_most: int) -> Unsealed:
        """
        Return the next entries behind *state*.

        An entry is among them only when no other can come before it any more: a transaction that has
        begun and not ended holds back its own entries and those of all later ones.
        """
        ...

    async def append(
        self, state: SealState, leaves: Sequence[NewLeaf], sealed: SealState, at: datetime
    ) -> None:
        """
        Write *leaves* behind *state*, all or none, with which it is *sealed*.

        Raises ``ChangedMeanwhile`` when another has sealed since.
        """
        ...

    def batches(self) -> AbstractAsyncContextManager[AsyncIterator[SealedBatch]]:
        """Give all that is sealed, checkpoint by checkpoint, as it is now; memory does not grow with it."""
        ...

    async def strays(self, state: SealState, *, at_most: int) -> Sequence[int]:
        """Return the numbers of entries that stand before *state* and are not sealed: nobody writes there."""
        ...

    async def lines(self, indices: Sequence[int]) -> Mapping[int, bytes]:
        """Return the lines behind the leaves at *indices*, as they are now; one that is gone is left out."""
        ...

    async def leaves_of(self, spans: Sequence[Span]) -> Sequence[SpanLeaves]:
        """
        Return what the root of each of *spans* is made of, in their order and by one statement.

        The tree is that of the last checkpoint that ends within the span: so there are no more leaves than
        one checkpoint seals, however long the span is.
        """
        ...

    async def leaves_about(self, subject: str, *, at_most: int) -> Sequence[int]:
        """Return the indices of the leaves of sealed entries about *subject*, the smallest first."""
        ...
