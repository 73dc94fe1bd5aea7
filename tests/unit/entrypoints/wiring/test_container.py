"""Everything that is wired can be made: the type checker does not see what a provider passes on."""

from pathlib import Path

import pytest
from dependency_injector import providers

from entrypoints.wiring.container import build, close
from worlds.settings import settings_with


@pytest.mark.parametrize("gateway", ["fake", "simulator"])
async def test_every_part_of_a_process_can_be_made(gateway: str, tmp_path: Path) -> None:
    """
    An argument that was renamed is found here, not when a worker starts.
    """
    container = build(settings_with(gateway=gateway, files_folder=str(tmp_path)))

    made = [part() for part in container.traverse(types=[providers.Singleton])]

    await close(container)
    names = {type(each).__name__ for each in made}
    assert {"PollOrders", "PollRefunds", "AuthoriseRefund", "RelayOutbox", "Database"} <= names
    assert len(made) > 50
