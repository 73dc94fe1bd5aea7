"""
The gateway contract on an adapter of your own: collected by ``shulk gateway check package.module:open_gateway``.

``open_gateway()`` is an async context manager that yields a ``RefundingBank``: your adapter, and the other side as a
test moves it. ``example_gateway`` beside this file is one to start from; ``docs/simulator.md`` tells the rest.
"""

import os
from collections.abc import AsyncIterator

import pytest

from entrypoints.operations.gateway_contract.named_gateway import OpenGateway, named_gateway
from entrypoints.operations.gateway_contract.payments_contract import GatewayContract
from entrypoints.operations.gateway_contract.refunds_contract import (
    GatewayRefundContract,
    RefundingBank,
)


@pytest.fixture(scope="session")
def open_gateway() -> OpenGateway:
    return named_gateway(os.environ)


@pytest.fixture
async def bank(open_gateway: OpenGateway) -> AsyncIterator[RefundingBank]:
    async with open_gateway() as opened:
        yield opened


class TestGateway(GatewayContract, GatewayRefundContract):
    """Every promise of the port."""
