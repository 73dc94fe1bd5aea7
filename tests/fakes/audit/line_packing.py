"""Lines that are packed as they are, with a word before them and one behind."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from ports.audit.line_packing import PackedUnreadable

BEGIN: Final = b"packed\n"
END: Final = b"\x00end\n"


class PlainPacker:
    def __init__(self) -> None:
        self._begun = False

    def add(self, lines: Sequence[bytes]) -> bytes:
        begin = b"" if self._begun else BEGIN
        self._begun = True
        return begin + b"".join(each + b"\n" for each in lines)

    def finish(self) -> bytes:
        return self.add([]) + END


class PlainPacking:
    def packer(self) -> PlainPacker:
        return PlainPacker()

    def lines(self, packed: BinaryIO) -> Iterator[bytes]:
        if packed.readline() != BEGIN:
            raise PackedUnreadable("it is no file of lines")
        while line := packed.readline():
            if line == END:
                return
            yield line.removesuffix(b"\n")
        raise PackedUnreadable("its end is missing")
