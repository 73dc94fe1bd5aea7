"""Lines of an archived month as JSONL.zst: what `zstd -d` unpacks anywhere, and a query engine reads as it is."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Any, BinaryIO, Final

import zstandard

from domain.audit.trail_file import LINE_BYTES_MAX
from ports.audit.line_packing import PackedUnreadable

LEVEL: Final = 3
"""Packs to a fifth; level 10 takes ten times as long for another tenth."""

PIECE_BYTES: Final = 128 * 1024


class ZstdPacker:
    def __init__(self) -> None:
        self._packer: Any = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()

    def add(self, lines: Sequence[bytes]) -> bytes:
        return bytes(self._packer.compress(b"".join(each + b"\n" for each in lines)))

    def finish(self) -> bytes:
        return bytes(self._packer.flush())


class ZstdPacking:
    def packer(self) -> ZstdPacker:
        return ZstdPacker()

    def lines(self, packed: BinaryIO) -> Iterator[bytes]:
        unpacked: Any = zstandard.ZstdDecompressor().stream_reader(packed, closefd=False)
        reader = BufferedReader(unpacked, PIECE_BYTES)
        try:
            while line := reader.readline(LINE_BYTES_MAX + 1):
                if not line.endswith(b"\n"):
                    raise PackedUnreadable("its last line has no end, or is too long")
                yield line[:-1]
        except zstandard.ZstdError as error:
            raise PackedUnreadable("it cannot be unpacked from some place on") from error
