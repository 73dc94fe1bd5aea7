"""
The smallest bank to run the gateway contract on: copy it, and put your adapter in the toy's place.

The contract needs an other side to move: somebody who pays, whose next call fails, who decides refunds, and what the
browser carries back and the provider's events say. With an adapter of your own, your provider's sandbox is that.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.money import Money
from domain.payments.order_facts import OrderFacts, RefundVerdict, Verdict
from domain.payments.payment import GatewayOrder
from entrypoints.operations.gateway_contract.faked_bank import FakeBank, fake_bank
from entrypoints.operations.gateway_contract.payments_contract import Event
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.payment_gateway import GatewayOperation, NewOrder, PaymentGateway, RefundOrder


@dataclass(frozen=True, slots=True)
class ToyGateway:
    """An adapter as anybody may write one: it turns the port's three questions into calls of its provider."""

    provider: PaymentGateway

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return await self.provider.create_session(order)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        return await self.provider.read_order(payment, student)

    async def refund(self, order: RefundOrder) -> OrderFacts:
        return await self.provider.refund(order)


@dataclass(frozen=True, slots=True)
class BoastfulGateway(ToyGateway):
    """Takes every attempt for a sale: what the contract is there to find."""

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        facts = await self.provider.read_order(payment, student)
        if facts.verdict is Verdict.DECLINED:
            return replace(facts, verdict=Verdict.CHARGED, failure=None)
        return facts


@dataclass(frozen=True, slots=True)
class ToyBank:
    """The other side; here the fake gateway plays the provider, with you its sandbox does."""

    provider: FakeBank
    gateway: PaymentGateway
    unknown_merchant: PaymentGateway

    @property
    def messages(self) -> GatewayMessages:
        return self.provider.messages

    async def pay(self, payment: PaymentId, outcome: Outcome) -> None:
        await self.provider.pay(payment, outcome)

    async def fail_next(self, operation: GatewayOperation, fault: Fault) -> None:
        await self.provider.fail_next(operation, fault)

    async def decide(self, payment: PaymentId, refund: RefundId, verdict: RefundVerdict) -> None:
        await self.provider.decide(payment, refund, verdict)

    async def refund_outside(self, payment: PaymentId, amount: Money) -> None:
        await self.provider.refund_outside(payment, amount)

    def returned(self, payment: PaymentId) -> Sequence[tuple[str, str]]:
        return self.provider.returned(payment)

    def events(self, payment: PaymentId) -> Sequence[Event]:
        return self.provider.events(payment)


@asynccontextmanager
async def open_gateway() -> AsyncIterator[ToyBank]:
    yield _bank(ToyGateway)


@asynccontextmanager
async def open_boastful_gateway() -> AsyncIterator[ToyBank]:
    yield _bank(BoastfulGateway)


def _bank(adapter: type[ToyGateway]) -> ToyBank:
    provider = fake_bank()
    return ToyBank(provider, adapter(provider.gateway), adapter(provider.unknown_merchant))
