"""One simulated SmartGateway: its configuration, its orders, and the parts that act on them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

import httpx
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from entrypoints.simulator.background import Background
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_plan import FaultPlan
from entrypoints.simulator.faults.fault_schedule import FaultKind, FaultSchedule
from entrypoints.simulator.faults.tampering import ReturnTampering
from entrypoints.simulator.orders.order import Order
from entrypoints.simulator.orders.order_book import OrderBook
from entrypoints.simulator.payer.payment_attempts import Payer
from entrypoints.simulator.payer.refund_processing import RefundProcessing
from entrypoints.simulator.payer.return_redirect import ReturnRedirect, return_redirect
from entrypoints.simulator.settlement.bank_clock import BankClock
from entrypoints.simulator.settlement.published import Publisher
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms
from entrypoints.simulator.settlement.settlements import SettlementBook
from entrypoints.simulator.webhooks.webhook_sender import WebhookSender, new_client


@dataclass(slots=True, kw_only=True)
class SimulatedBank:
    config: SimulatorConfig
    clock: BankClock
    terms: SettlementTerms
    background: Background
    sender: WebhookSender
    payer: Payer
    refunds: RefundProcessing
    orders: OrderBook
    settlements: SettlementBook
    publisher: Publisher
    schedule: FaultSchedule
    faults: FaultPlan

    def order(self, order_id: str) -> Order:
        """Return the order for the control API, or raise its 404."""
        if (order := self.orders.by_order_id(order_id)) is None:
            raise NotFoundException("no such order")
        return order

    def return_redirect(self, order: Order) -> ReturnRedirect | None:
        """Return the payer's return, None without an address or when a fault loses it."""
        order_id = order.request.order_id
        ordinal = str(self.schedule.count("return", order_id))
        if self.schedule.injects(FaultKind.RETURN_LOST, order_id, ordinal):
            return None
        how = None
        if self.schedule.injects(FaultKind.RETURN_FORGED, order_id, ordinal):
            ways = list(ReturnTampering)
            how = ways[
                int(self.schedule.part(FaultKind.RETURN_FORGED, order_id, ordinal) * len(ways))
            ]
        return return_redirect(order, self.config, how)

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None]:
        """Keep the webhook client open while serving; afterwards cancel all background work."""
        async with self.sender.client:
            try:
                yield
            finally:
                self.faults.close()
                await self.background.close()


# The dependency of every route; there is only one bank, so nothing is validated per request.
TheBank = SkipValidation[NamedDependency[SimulatedBank]]


def the_bank(state: State) -> SimulatedBank:
    """Return the bank of this application."""
    return cast("SimulatedBank", state.bank)


def new_bank(
    config: SimulatorConfig, transport: httpx.AsyncBaseTransport | None = None
) -> SimulatedBank:
    """Return a bank without orders; its webhooks go through *transport* where one is given."""
    # Everybody asks the configuration for the time, so that all parts follow when it is turned by hand.
    clock = BankClock(config.clock)
    config = replace(config, clock=clock)
    background = Background()
    schedule = FaultSchedule(config.fault_rates)
    sender = WebhookSender(config, background, new_client(config, transport), schedule)
    refunds = RefundProcessing(config, sender, background)
    terms, orders = SettlementTerms.of(config.settlement), OrderBook()
    settlements = SettlementBook(config.settlement, terms, orders, schedule)
    return SimulatedBank(
        config=config,
        clock=clock,
        terms=terms,
        orders=orders,
        settlements=settlements,
        publisher=Publisher(
            book=settlements,
            codes=config.settlement.codes,
            merchant_id=config.merchant_id,
            merchant_name=config.merchant_name or "Sim Merchant",
            page_lines=config.settlement.page_lines,
        ),
        background=background,
        sender=sender,
        payer=Payer(config, sender, background, refunds, schedule),
        refunds=refunds,
        schedule=schedule,
        faults=FaultPlan(schedule),
    )
