"""One simulator per test, in this process, and a receiver for its webhooks."""

from collections.abc import AsyncGenerator

import pytest

from entrypoints.simulator.config import SimulatorConfig
from simulator.in_process import PUBLIC_URL, HandClock, Pauses, StartMerchant, merchant_of
from simulator.merchant import Merchant, WebhookReceiver, receive_webhooks


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def receiver() -> AsyncGenerator[WebhookReceiver]:
    async with receive_webhooks() as started:
        yield started


@pytest.fixture
def config(clock: HandClock, pauses: Pauses, receiver: WebhookReceiver) -> SimulatorConfig:
    return SimulatorConfig(
        public_url=PUBLIC_URL, webhook_url=receiver.url, clock=clock, pause=pauses
    )


@pytest.fixture
def start() -> StartMerchant:
    return merchant_of


@pytest.fixture
async def merchant(config: SimulatorConfig) -> AsyncGenerator[Merchant]:
    async with merchant_of(config) as started:
        yield started
