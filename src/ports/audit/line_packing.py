"""How the lines of an archived month are packed into a file, one after the other."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol


class PackedUnreadable(Exception):
    """A file cannot be unpacked from some place on."""


class LinePacker(Protocol):
    """Packs one file: what its two methods return one after the other are its bytes."""

    def add(self, lines: Sequence[bytes]) -> bytes:
        """Take the next *lines*, which have no line ends, and return what is packed so far."""
        ...

    def finish(self) -> bytes:
        """Return the end of the file."""
        ...


class LinePacking(Protocol):
    """Holds a part of a file in memory, never the whole; the same lines make the same bytes."""

    def packer(self) -> LinePacker: ...

    def lines(self, packed: BinaryIO) -> Iterator[bytes]:
        """
        Yield the lines in *packed*, without their ends. Raises ``PackedUnreadable``.

        That a file ends between two lines, too soon, is seen by whoever knows how many there are.
        """
        ...
