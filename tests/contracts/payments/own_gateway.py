"""
The gateway contract on an adapter of your own.

    make test-gateway BANK=package.module:open_bank

``open_bank()`` is an async context manager that yields a ``RefundingBank``: your adapter, and the other side as a test
moves it. ``toy_bank`` beside this file is one to start from; ``docs/simulator.md`` tells the rest.
"""

import os
from collections.abc import AsyncIterator

import pytest

from contracts.payments.gateway_contract import GatewayContract
from contracts.payments.own_bank import OpenBank, named_bank
from contracts.refunds.gateway_refund_contract import GatewayRefundContract, RefundingBank


@pytest.fixture(scope="session")
def open_bank() -> OpenBank:
    return named_bank(os.environ)


@pytest.fixture
async def bank(open_bank: OpenBank) -> AsyncIterator[RefundingBank]:
    async with open_bank() as opened:
        yield opened


class TestOwnGateway(GatewayContract, GatewayRefundContract):
    """Every promise of the port."""
