"""One stand-in per test, in this process, and a door for its webhooks."""

from collections.abc import AsyncGenerator

import pytest

from entrypoints.simulator.config import SimulatorConfig
from simulator.merchant import Merchant, WebhookDoor, provide_dependencies
from simulator.workbench import PUBLIC_URL, HandClock, Pauses, StartMerchant, merchant_of


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def deps() -> AsyncGenerator[WebhookDoor]:
    async with provide_dependencies() as opened:
        yield opened


@pytest.fixture
def config(clock: HandClock, pauses: Pauses, deps: WebhookDoor) -> SimulatorConfig:
    return SimulatorConfig(public_url=PUBLIC_URL, webhook_url=deps.url, clock=clock, pause=pauses)


@pytest.fixture
def start() -> StartMerchant:
    return merchant_of


@pytest.fixture
async def merchant(config: SimulatorConfig) -> AsyncGenerator[Merchant]:
    async with merchant_of(config) as started:
        yield started
