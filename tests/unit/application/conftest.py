"""Use cases are proven on a school of fakes."""

import pytest

from worlds.memory import Academy


@pytest.fixture
def academy() -> Academy:
    return Academy()
