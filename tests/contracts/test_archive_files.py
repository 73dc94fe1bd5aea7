"""Packed lines and manifests in memory, and as they are in production."""

from io import BytesIO
from pathlib import Path

import pytest

from adapters.objectstore.archive_manifests import ObjectManifests
from adapters.objectstore.store import in_folder
from adapters.zstd.line_packing import ZstdPacking
from contracts.audit.archive_files_contract import (
    ArchiveManifestsContract,
    LinePackingContract,
    pack,
)
from domain.audit.trail_file import LINE_BYTES_MAX
from fakes.audit.archive_manifests import MemoryManifests
from fakes.audit.line_packing import PlainPacking
from ports.audit.line_packing import PackedUnreadable
from ports.file_store import FilesUnavailable


class TestManifestsInMemory(ArchiveManifestsContract):
    @pytest.fixture
    def manifests(self) -> MemoryManifests:
        return MemoryManifests()


class TestManifestsInFolder(ArchiveManifestsContract):
    @pytest.fixture
    def manifests(self, tmp_path: Path) -> ObjectManifests:
        return ObjectManifests(in_folder(tmp_path / "files"))

    async def test_a_store_that_is_away_is_told(self, tmp_path: Path) -> None:
        """
        The job takes the step the next day.
        """
        (tmp_path / "files").write_bytes(b"")
        away = ObjectManifests(in_folder(tmp_path / "files"))

        with pytest.raises(FilesUnavailable):
            await away.put("2026-10", b"one")
        with pytest.raises(FilesUnavailable):
            await away.manifests_of("2026-10")


class TestPlainPacking(LinePackingContract):
    @pytest.fixture
    def packing(self) -> PlainPacking:
        return PlainPacking()


class TestZstdPacking(LinePackingContract):
    @pytest.fixture
    def packing(self) -> ZstdPacking:
        return ZstdPacking()

    def test_a_file_that_was_changed_is_not_unpacked_to_its_end(self, packing: ZstdPacking) -> None:
        """
        By a byte, within a line, or by a line that is longer than any of ours.
        """
        packed = pack(packing, [b"line %d" % each for each in range(90_000)])
        changed = bytearray(packed)
        changed[len(packed) // 2] ^= 1

        for bent in (
            packed[: len(packed) // 2],
            pack(packing, [b"x" * (LINE_BYTES_MAX + 1)]),
            changed,
        ):
            with pytest.raises(PackedUnreadable):
                [*packing.lines(BytesIO(bent))]
