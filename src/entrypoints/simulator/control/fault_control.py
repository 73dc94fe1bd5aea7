"""
The control API for faults: in the next calls, and everywhere by a seeded schedule.

- ``POST /_control/next`` ``{"operation": "session"|"status"|"refund", "fault": "http_500"|"html_403"|"rate_limited"|
  "timeout_before"|"timeout_after"|"unauthorised"|"late", "times": 1, "hold_seconds": null}`` injects the fault into
  the next calls; ``DELETE /_control/next`` cancels planned faults and releases late answers.
- ``POST /_control/faults`` ``{"seed": 1, "rates": {"webhook_drop": 0.1, ...}, "operations": [...],
  "latency_seconds": 0.5, "hold_seconds": 5, "webhook_delay_seconds": 5, "pending_seconds": 5}`` starts a schedule;
  ``"all"`` in the rates stands for every kind that is not named. ``GET`` shows it, how often each kind was
  injected and the latest faults; ``DELETE`` ends it. All three answer the same.
"""

from typing import Annotated, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.exceptions import ClientException
from litestar.params import JSONBody

from entrypoints.simulator.faults.call_faults import (
    HOLD_SECONDS_MAX,
    OperationFault,
    OrderOperation,
)
from entrypoints.simulator.faults.fault_schedule import FaultRates, FaultSchedule, read_rates
from entrypoints.simulator.simulated_bank import TheBank
from entrypoints.simulator.wire import Count, Seconds, Strict, json_answer

Hold = Annotated[float, msgspec.Meta(ge=0, le=HOLD_SECONDS_MAX)]


class Next(Strict):
    operation: OrderOperation
    fault: OperationFault
    times: Count = 1
    hold_seconds: Seconds | None = None


class Schedule(Strict):
    seed: int = 0
    rates: dict[str, float] = msgspec.field(default_factory=dict)
    operations: frozenset[OrderOperation] = frozenset(OrderOperation)
    latency_seconds: Hold = 0.5
    hold_seconds: Hold = 5.0
    webhook_delay_seconds: Seconds = 5.0
    pending_seconds: Seconds = 5.0


@post("/next", status_code=200)
async def plan_fault(data: JSONBody[Next], bank: TheBank) -> Response[bytes]:
    held = data.hold_seconds
    seconds = bank.config.fault_hold_seconds if held is None else held
    bank.faults.plan(data.operation, data.fault, data.times, seconds)
    return json_answer({"waiting": bank.faults.waiting(data.operation)})


@delete("/next", status_code=200)
async def forget_faults(bank: TheBank) -> Response[bytes]:
    bank.faults.forget()
    return json_answer({"waiting": 0})


@post("/faults", status_code=200)
async def plan_schedule(data: JSONBody[Schedule], bank: TheBank) -> Response[bytes]:
    try:
        rates = read_rates(data.rates)
    except ValueError as complaint:
        raise ClientException(str(complaint)) from None
    bank.schedule.plan(
        FaultRates(
            seed=data.seed,
            rates=rates,
            operations=data.operations,
            latency_seconds=data.latency_seconds,
            hold_seconds=data.hold_seconds,
            webhook_delay_seconds=data.webhook_delay_seconds,
            pending_seconds=data.pending_seconds,
        )
    )
    return _shown(bank.schedule)


@get("/faults")
async def show_schedule(bank: TheBank) -> Response[bytes]:
    return _shown(bank.schedule)


@delete("/faults", status_code=200)
async def end_schedule(bank: TheBank) -> Response[bytes]:
    """Inject nothing any more; the record stays."""
    bank.schedule.end()
    return _shown(bank.schedule)


def _shown(schedule: FaultSchedule) -> Response[bytes]:
    rates = schedule.rates
    return json_answer(
        {
            "seed": rates.seed,
            "rates": rates.rates,
            "operations": sorted(rates.operations),
            "struck": schedule.injected,
            "latest": [
                {"kind": one.kind, "order_id": one.order_id, "ordinal": one.ordinal}
                for one in schedule.latest
            ],
        }
    )


FAULT_CONTROL: Final = (plan_fault, forget_faults, plan_schedule, show_schedule, end_schedule)
