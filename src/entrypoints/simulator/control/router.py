"""The control API under ``/_control/``: what tests can do to orders, refunds, disputes and faults."""

from typing import Final

from litestar import Router

from entrypoints.simulator.control.clock_control import CLOCK_CONTROL
from entrypoints.simulator.control.dispute_control import DISPUTE_CONTROL
from entrypoints.simulator.control.fault_control import FAULT_CONTROL
from entrypoints.simulator.control.order_control import ORDER_CONTROL
from entrypoints.simulator.control.refund_control import REFUND_CONTROL
from entrypoints.simulator.control.settlement_control import SETTLEMENT_CONTROL

CONTROL: Final = Router(
    "/_control",
    route_handlers=[
        *ORDER_CONTROL,
        *FAULT_CONTROL,
        *REFUND_CONTROL,
        *DISPUTE_CONTROL,
        *CLOCK_CONTROL,
        *SETTLEMENT_CONTROL,
    ],
)
