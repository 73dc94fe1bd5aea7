"""
SmartGateway's adapter against the bank's own test system, as far as nobody has to pay there.

    make test-uat

Needs an account at the bank's UAT (see ``uat_account``). Sessions are created and read, nothing is paid; what needs a
payer or a broken bank is proven against the simulator only.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import new_client
from contracts.payments.uat_account import UatAccount, account_in
from entrypoints.operations.gateway_contract.unattended_contract import UnattendedGatewayContract


@dataclass(frozen=True, slots=True)
class UatBank:
    gateway: HdfcGateway
    unknown_merchant: HdfcGateway


@pytest.fixture(scope="session")
def account() -> UatAccount:
    return account_in(os.environ)


@pytest.fixture
async def bank(account: UatAccount) -> AsyncIterator[UatBank]:
    known, unknown = account.known, account.unknown
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(new_client(known))
        yield UatBank(HdfcGateway(known, client), HdfcGateway(unknown, client))


class TestUatGateway(UnattendedGatewayContract):
    """What the port promises while nobody pays."""
