"""The options of ``shulk simulator`` for faults: which kinds, how often, and for how long."""

from typing import Final, TypedDict

import rich_click as click

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.call_faults import HOLD_SECONDS_MAX
from entrypoints.simulator.faults.fault_schedule import AnyFault, FaultKind, read_rates
from entrypoints.simulator.faults.settlement_faults import SettlementFault

DEFAULTS: Final = SimulatorConfig()


class FaultOptions(TypedDict):
    fault_hold: float
    fault_seed: int
    fault: dict[AnyFault, float]
    fault_latency: float
    fault_webhook_delay: float
    fault_pending: float


def rates(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[AnyFault, float]:
    try:
        pairs = [
            (kind.strip(), float(rate)) for kind, _, rate in (v.partition("=") for v in values)
        ]
        return read_rates(dict(pairs))
    except ValueError as complaint:
        raise click.BadParameter(f"write it as KIND=RATE; {complaint}") from None


FAULT_OPTIONS: Final = (
    click.option(
        "--fault-hold",
        default=DEFAULTS.fault_hold_seconds,
        show_default=True,
        type=click.FloatRange(0, 120),
        help="Seconds that a planned or drawn time-out holds a connection.",
    ),
    click.option(
        "--fault",
        multiple=True,
        callback=rates,
        metavar="KIND=RATE",
        help="Inject this kind of fault at this rate, from 0 to 1; all=RATE or: "
        f"{', '.join((*FaultKind, *SettlementFault))}. all leaves out those of settlements.",
    ),
    click.option(
        "--fault-seed",
        default=0,
        show_default=True,
        help="The same seed gives the same faults for the same orders.",
    ),
    click.option(
        "--fault-latency",
        default=DEFAULTS.fault_rates.latency_seconds,
        show_default=True,
        type=click.FloatRange(0, HOLD_SECONDS_MAX),
        help="Longest latency in seconds.",
    ),
    click.option(
        "--fault-webhook-delay",
        default=DEFAULTS.fault_rates.webhook_delay_seconds,
        show_default=True,
        type=click.FloatRange(0),
        help="Longest delay of a webhook in seconds.",
    ),
    click.option(
        "--fault-pending",
        default=DEFAULTS.fault_rates.pending_seconds,
        show_default=True,
        type=click.FloatRange(0),
        help="Longest time in seconds that a payment is pending first.",
    ),
)
