"""A office at which the gateway configuration is changed."""

import pytest

from unit.application.gateway_config.office import Office
from worlds.memory import MemoryWorld


@pytest.fixture
def office(world: MemoryWorld) -> Office:
    return Office(world)
