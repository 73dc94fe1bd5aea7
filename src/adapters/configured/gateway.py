"""The gateway as it is configured now: another version of the configuration is another gateway behind the same port."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder
from ports.payments.payment_gateway import NewOrder, PaymentGateway, RefundOrder


@dataclass(slots=True)
class ConfiguredGateway:
    """
    *current* returns the configuration in effect, *gateway_with* makes the gateway that uses it.

    A call keeps the gateway that it began with.
    """

    current: Callable[[], GatewayConfiguration]
    gateway_with: Callable[[GatewayConfiguration], PaymentGateway]
    _made: tuple[GatewayConfiguration, PaymentGateway] | None = field(default=None, init=False)

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return await self._gateway().create_session(order)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        return await self._gateway().read_order(payment, student)

    async def refund(self, order: RefundOrder) -> OrderFacts:
        return await self._gateway().refund(order)

    def _gateway(self) -> PaymentGateway:
        current = self.current()
        if self._made is None or self._made[0] is not current:
            self._made = current, self.gateway_with(current)
        return self._made[1]
