"""Use cases are proven on a school of fakes."""

import pytest

from worlds.memory import MemoryWorld


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()
