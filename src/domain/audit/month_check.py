"""Whether the lines of an archived month are those that were sealed."""

from collections.abc import Sequence

from domain.audit.checkpoint import Checkpoint
from domain.audit.merkle_tree import CompactRange, leaf_hash
from domain.audit.trail import TrailBroken


class MonthCheck:
    """
    Takes the lines that follow the tree *before*, and says whether they lead to the root of *sealed*.

    What it remembers does not grow with the month.
    """

    def __init__(self, before: CompactRange, sealed: Checkpoint) -> None:
        self._tree, self._sealed = before, sealed

    @property
    def size(self) -> int:
        """The index of the next line."""
        return self._tree.size

    def take(self, lines: Sequence[bytes | None], leaves: Sequence[bytes] | None = None) -> None:
        """
        Check the next *lines*, each against its leaf where *leaves* are given.

        Raises ``TrailBroken`` with the index of the first that is gone or is another.
        """
        found = []
        for place, line in enumerate(lines):
            if line is None:
                raise TrailBroken(self.size + place, "the line is gone")
            found.append(leaf_hash(line))
            if leaves is not None and (place >= len(leaves) or leaves[place] != found[-1]):
                raise TrailBroken(self.size + place, "the line is not as it was sealed")
        self._tree = self._tree.extended(found)

    def finish(self) -> None:
        """Raise ``TrailBroken`` unless the lines are all, and come to the root that was signed."""
        if self.size != self._sealed.size:
            raise TrailBroken(
                min(self.size, self._sealed.size),
                f"the month ends with line {self._sealed.size}, and the file with {self.size}",
            )
        if self._tree.root != self._sealed.root:
            raise TrailBroken(self.size, "the lines do not come to the root that was signed")
