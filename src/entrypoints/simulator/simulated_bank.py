"""One running stand-in SmartGateway: its agreement with the merchant, its book, and the parts that act on it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_plan import FaultPlan
from entrypoints.simulator.faults.fault_schedule import FaultSchedule, Kind
from entrypoints.simulator.faults.tampering import ReturnTampering
from entrypoints.simulator.orders.orders import Order, OrderBook
from entrypoints.simulator.payer.payer import Payer
from entrypoints.simulator.payer.refund_processing import RefundProcessing
from entrypoints.simulator.payer.return_redirect import ReturnTrip, return_trip
from entrypoints.simulator.webhooks.webhooks import WebhookSender, new_client


@dataclass(slots=True, kw_only=True)
class SimulatedBank:
    config: SimulatorConfig
    background: Background
    sender: WebhookSender
    payer: Payer
    refunds: RefundProcessing
    orders: OrderBook = field(default_factory=OrderBook)
    schedule: FaultSchedule
    faults: FaultPlan

    def order(self, order_id: str) -> Order:
        """Return the order for the control API, or raise its 404."""
        if (order := self.orders.by_order_id(order_id)) is None:
            raise NotFoundException("no such order")
        return order

    def way_back(self, order: Order) -> ReturnTrip | None:
        """Return the payer's way back; none without an address, or when the payer never gets there."""
        order_id = order.request.order_id
        ordinal = str(self.schedule.count("return", order_id))
        if self.schedule.strikes(Kind.RETURN_LOST, order_id, ordinal):
            return None
        how = None
        if self.schedule.strikes(Kind.RETURN_FORGED, order_id, ordinal):
            ways = list(ReturnTampering)
            how = ways[int(self.schedule.part(Kind.RETURN_FORGED, order_id, ordinal) * len(ways))]
        return return_trip(order, self.config, how)

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None]:
        """Keep the webhook client open while serving; end whatever still waits afterwards."""
        async with self.sender.client:
            try:
                yield
            finally:
                self.faults.close()
                await self.background.close()


# What a route asks for; there is only one, so nothing is to be checked per request.
TheBank = SkipValidation[NamedDependency[SimulatedBank]]


def the_bank(state: State) -> SimulatedBank:
    """Return who answers at this app's routes."""
    return cast("SimulatedBank", state.bank)


def new_bank(config: SimulatorConfig) -> SimulatedBank:
    background = Background()
    schedule = FaultSchedule(config.fault_rates)
    sender = WebhookSender(config, background, new_client(config), schedule)
    refunds = RefundProcessing(config, sender, background)
    return SimulatedBank(
        config=config,
        background=background,
        sender=sender,
        payer=Payer(config, sender, background, refunds, schedule),
        refunds=refunds,
        schedule=schedule,
        faults=FaultPlan(schedule),
    )
