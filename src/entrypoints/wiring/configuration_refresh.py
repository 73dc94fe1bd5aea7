"""Each process reads the gateway configuration again every few seconds, beside its work."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from application.gateway_config.current_configuration import CurrentConfiguration
from ports.cipher import CannotDecrypt
from ports.unit_of_work import StorageUnavailable

REFRESH_SECONDS: Final = 5.0
"""Well within the minute after which a version is in effect."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConfigurationRefresh:
    current: CurrentConfiguration
    pause: float = REFRESH_SECONDS
    _running: asyncio.Task[None] | None = field(default=None, init=False)
    _trouble: str = field(default="", init=False)

    async def start(self) -> None:
        """Read the configuration, and go on reading; raises ``CannotDecrypt`` and ``StorageUnavailable``."""
        await self.current.refresh()
        self._running = asyncio.create_task(self._keep_reading())

    async def stop(self) -> None:
        """End reading."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    async def once(self) -> None:
        """Read the configuration; a failure is told once, until another one comes or it works again."""
        try:
            await self.current.refresh()
        except (CannotDecrypt, StorageUnavailable) as error:
            trouble = type(error).__name__
            if trouble != self._trouble:
                log.error("gateway_config.not_read", extra={"error": trouble})  # noqa: TRY400 - the kind says it
            self._trouble = trouble
        else:
            self._trouble = ""

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(self.pause)
            await self.once()
