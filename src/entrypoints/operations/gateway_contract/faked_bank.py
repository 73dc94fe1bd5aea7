"""The fake gateway as the contract's bank: all of it in this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from entrypoints.operations.gateway_contract.payments_contract import Event
from ports.payments.payment_gateway import GatewayOperation


@dataclass
class FakeBank:
    gateway: FakeGateway = field(default_factory=FakeGateway)
    unknown_merchant: FakeGateway = field(default_factory=FakeGateway)
    sent: list[tuple[PaymentId, Event]] = field(default_factory=list)

    @property
    def messages(self) -> FakeGateway:
        return self.gateway

    async def pay(self, payment: PaymentId, outcome: Outcome) -> None:
        self.gateway.pay(payment, outcome)
        ended = {Outcome.SUCCESS: ("TXN_CHARGED", "ORDER_SUCCEEDED")}
        for name in ("TXN_CREATED", *ended.get(outcome, ("TXN_FAILED", "ORDER_FAILED"))):
            self.sent.append((payment, Event(*self.gateway.event(payment, name))))

    async def fail_next(self, operation: GatewayOperation, fault: Fault) -> None:
        self.gateway.fail_next(operation, fault)

    async def decide(self, payment: PaymentId, refund: RefundId, verdict: RefundVerdict) -> None:
        error = "05" if verdict is RefundVerdict.FAILED else ""
        self.gateway.move_refund(payment, refund, verdict, error=error)

    async def refund_outside(self, payment: PaymentId, amount: Money) -> None:
        self.gateway.refund_outside(payment, RefundId("DB1"), amount)

    def returned(self, payment: PaymentId) -> Sequence[tuple[str, str]]:
        return self.gateway.return_fields(payment)

    def events(self, payment: PaymentId) -> Sequence[Event]:
        return [event for order, event in self.sent if order == payment]


def fake_bank() -> FakeBank:
    """Return a bank that knows its merchant and denies an unknown merchant everything."""
    bank = FakeBank()
    for operation in GatewayOperation:
        bank.unknown_merchant.fail_next(operation, Fault.DENIED)
    return bank
