"""The shelf of the tests keeps the contract of a file store."""

from dataclasses import dataclass, field

import pytest

from contracts.audit.checkpoint_anchors_contract import CheckpointAnchorsContract
from contracts.files_contract import FilesContract
from fakes.audit.checkpoint_anchors import MemoryAnchors
from fakes.file_store import Shelf
from ports.file_store import FileHash


@dataclass
class ShelfVault:
    store: Shelf = field(default_factory=Shelf)

    def damage(self, file: FileHash) -> None:
        self.store.files[file] = b"something else"

    def count(self) -> int:
        return len(self.store.files)

    def go_away(self) -> None:
        self.store.away = True


class TestAnchorsInMemory(CheckpointAnchorsContract):
    @pytest.fixture
    def anchors(self) -> MemoryAnchors:
        return MemoryAnchors()


class TestShelf(FilesContract):
    @pytest.fixture
    def vault(self) -> ShelfVault:
        return ShelfVault()
