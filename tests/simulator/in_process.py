"""A simulator in this process, with a clock that the test moves."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
from litestar import Litestar

from entrypoints.simulator.app import new_app
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.response_formats import ResponseFormat
from entrypoints.simulator.simulated_bank import new_bank
from simulator.merchant import Merchant

PUBLIC_URL = "https://gateway.example.com"

_SPARE: Final = defaultdict[ResponseFormat, list[Litestar]](list)
StartMerchant = Callable[[SimulatorConfig], AbstractAsyncContextManager[Merchant]]


@dataclass(slots=True)
class HandClock:
    now: datetime = field(default=datetime(2026, 7, 31, 10, 15, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(slots=True)
class Pauses:
    """Passes every pause at once and remembers how long it would have been."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@asynccontextmanager
async def merchant_of(config: SimulatorConfig) -> AsyncGenerator[Merchant]:
    bank = new_bank(config)
    # To lay out the routes takes longer than most tests; an app is used again once it is free.
    spare = _SPARE[config.response_format]
    app = spare.pop() if spare else new_app(config.response_format)
    app.state.bank = bank
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # ASGI, typed more loosely there
    async with (
        bank.lifespan(),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http,
    ):
        yield Merchant(http)
    spare.append(app)
