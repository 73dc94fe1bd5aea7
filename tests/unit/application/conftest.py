"""Use cases are proven on a school of fakes."""

import pytest

from fakes.academy import Academy


@pytest.fixture
def academy() -> Academy:
    return Academy()
