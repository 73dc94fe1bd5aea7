"""A guarded gateway keeps the contract of what it guards."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from adapters.breaker.gateway import TRIES_MAX
from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from entrypoints.operations.gateway_contract.faked_bank import FakeBank
from entrypoints.operations.gateway_contract.payments_contract import GatewayContract
from fakes.clock import StoppedClock
from fakes.guard import guarded
from ports.payments.payment_gateway import GatewayOperation

NEVER = 1000
TRIED_AGAIN = (Fault.DOWN, Fault.LOST_REQUEST, Fault.LOST_ANSWER)


class RunningClock(StoppedClock):
    """Each look at it is half a second later: whoever is asked to wait a second has waited by the next call."""

    def now(self) -> datetime:
        self.move(timedelta(seconds=0.5))
        return self.at


@dataclass
class GuardedBank:
    """The fake bank behind a guard; a fault lasts for as many tries as the guard makes."""

    bank: FakeBank = field(default_factory=FakeBank)

    def __post_init__(self) -> None:
        self.gateway = guarded(self.bank.gateway, RunningClock(), NEVER)
        self.unknown_merchant = guarded(self.bank.unknown_merchant, StoppedClock(), NEVER)
        self.messages = self.bank.messages
        self.returned, self.events = self.bank.returned, self.bank.events

    async def pay(self, payment: PaymentId, outcome: Outcome) -> None:
        await self.bank.pay(payment, outcome)

    async def fail_next(self, operation: GatewayOperation, fault: Fault) -> None:
        lasting = operation is GatewayOperation.READ_ORDER and fault in TRIED_AGAIN
        self.bank.gateway.fail_next(operation, fault, TRIES_MAX if lasting else 1)


class TestGuardedGateway(GatewayContract):
    @pytest.fixture
    def bank(self) -> GuardedBank:
        bank = GuardedBank()
        for operation in GatewayOperation:
            bank.bank.unknown_merchant.fail_next(operation, Fault.DENIED)
        return bank
