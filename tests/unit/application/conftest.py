"""Use cases are proven on a world in memory."""

from collections.abc import Iterator

import pytest

from worlds.memory import MemoryWorld


@pytest.fixture
def world() -> Iterator[MemoryWorld]:
    world = MemoryWorld()
    yield world
    world.close()
