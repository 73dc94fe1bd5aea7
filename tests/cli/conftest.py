"""The commands of the tests share containers: to lay one out takes longer than most of what a command does."""

from collections.abc import Iterator

import pytest

from entrypoints.operations import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk, close
from worlds.wiring import Wiring


@pytest.fixture(autouse=True)
def _shared_containers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a command take the container that an earlier one gave back, with nothing of it left but its layout."""
    lent: dict[int, Wiring] = {}

    def build(settings: Settings, *, fake_is_served: bool) -> Shulk:
        wiring = Wiring.of(settings)
        wiring.replace((wiring.container.fake_is_served, fake_is_served))
        lent[id(wiring.container)] = wiring
        return wiring.container

    async def give_back(container: Shulk) -> None:
        await close(container)
        lent.pop(id(container)).give_back()

    monkeypatch.setattr(run_in_container, "build", build)
    monkeypatch.setattr(run_in_container, "close", give_back)
    yield
    assert not lent
