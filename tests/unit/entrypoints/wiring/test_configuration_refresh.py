"""Each process reads the configuration again and again, and goes on with what it has when it cannot."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.gateway_config.gateway_secrets import SecretField
from entrypoints.wiring.configuration_refresh import ConfigurationRefresh
from ports.cipher import CannotDecrypt
from ports.gateway_config.configuration_register import secret_location
from ports.unit_of_work import StorageUnavailable


@dataclass(slots=True)
class Current:
    """Fails as it was told to, then reads; *done* is set by the read after that."""

    failures: list[Exception] = field(default_factory=list)
    reads: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self) -> bool:
        self.reads += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.reads > 1:
            self.done.set()
        return False


def refreshing(current: Current) -> ConfigurationRefresh:
    held: Any = current
    return ConfigurationRefresh(held, pause=0)


async def test_it_goes_on_until_it_is_stopped() -> None:
    """
    It reads once before the process serves anybody.
    """
    current = Current()
    refresh = refreshing(current)
    await refresh.start()
    assert current.reads == 1
    async with asyncio.timeout(5):
        await current.done.wait()
    await refresh.stop()
    await refresh.stop()

    reads = current.reads
    await asyncio.sleep(0)
    assert current.reads == reads


async def test_a_process_does_not_start_with_what_it_cannot_read() -> None:
    """
    Otherwise it would take money by the environment of long ago.
    """
    unreadable = CannotDecrypt(secret_location(1, SecretField.API_KEY))
    with pytest.raises(CannotDecrypt):
        await refreshing(Current([unreadable])).start()


async def test_a_failure_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """
    Not every five seconds, while the database is away.
    """
    unreadable = CannotDecrypt(secret_location(1, SecretField.API_KEY))
    away = [StorageUnavailable(), StorageUnavailable(), unreadable]
    refresh = refreshing(Current(list(away)))
    for _ in range(4):
        await refresh.once()
    refresh.current.failures.append(StorageUnavailable())  # type: ignore[attr-defined]
    await refresh.once()

    told = [each.error for each in caplog.records if each.msg == "gateway_config.not_read"]  # type: ignore[attr-defined]
    assert told == ["StorageUnavailable", "CannotDecrypt", "StorageUnavailable"]
