"""What the files of the archive are made by: packed lines, and manifests."""

from io import BytesIO

import pytest

from ports.audit.archive_manifests import ArchiveManifests
from ports.audit.line_packing import LinePacking, PackedUnreadable


class ArchiveManifestsContract:
    async def test_each_is_created_once_and_never_replaced(
        self, manifests: ArchiveManifests
    ) -> None:
        """
        Another one of the same month is kept beside the first; those of other months are no part of it.
        """
        assert await manifests.manifests_of("2026-10") == []
        assert await manifests.put("2026-10", b"one")
        assert await manifests.put("2026-11", b"one")

        assert not await manifests.put("2026-10", b"one")
        assert await manifests.put("2026-10", b"two")
        assert sorted(await manifests.manifests_of("2026-10")) == [b"one", b"two"]
        assert await manifests.manifests_of("2026-11") == [b"one"]


class LinePackingContract:
    @pytest.mark.parametrize("count", [0, 1, 3_000])
    def test_lines_are_unpacked_as_they_were_packed(self, packing: LinePacking, count: int) -> None:
        """
        In their order, however they were handed over.
        """
        lines = [b'{"v":1,"n":%d,"t":"\xe0\xa4\x85"}' % each for each in range(count)]

        packed = pack(packing, lines)

        assert [*packing.lines(BytesIO(packed))] == lines

    def test_the_same_lines_make_the_same_file(self, packing: LinePacking) -> None:
        """
        So a month that is exported twice is one file.
        """
        lines = [b"%d" % each for each in range(2_000)]

        assert pack(packing, lines) == pack(packing, lines)

    def test_another_file_is_not_unpacked(self, packing: LinePacking) -> None:
        """
        Neither something else nor the middle of a file; nor is one that was changed unpacked to the end.
        """
        packed = pack(packing, [b"%d" % each for each in range(9_000)])

        for bent in (b"something else\n", packed[9:]):
            with pytest.raises(PackedUnreadable):
                [*packing.lines(BytesIO(bent))]


def pack(packing: LinePacking, lines: list[bytes]) -> bytes:
    packer = packing.packer()
    packed = [packer.add(lines[first : first + 700]) for first in range(0, len(lines), 700)]
    return b"".join([*packed, packer.finish()])
