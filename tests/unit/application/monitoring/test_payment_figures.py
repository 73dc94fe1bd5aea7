"""Counting takes what is new first, and a period ends with the hour or day that is not over."""

from datetime import datetime

import pytest

from application.monitoring.count_payments import CountPayments
from application.monitoring.read_figures import FiguresRange, ReadFigures
from domain.monitoring.payment_outcome import PaymentOutcome
from domain.payments.payment_state import State
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.samples import BY_ASHA, a_payment
from ports.audit_log import AuditEntry
from ports.monitoring.gateway_calls import CallResult, TimedCall
from ports.payments.payment_gateway import GatewayOperation

CALL = TimedCall(GatewayOperation.READ_ORDER, CallResult.ANSWERED, 50)
OPENED = AuditEntry(
    at=NOON,
    origin=BY_ASHA,
    action="payment.opened",
    subject=a_payment().id,
    to_state=State.PENDING,
)


async def test_new_steps_are_counted_before_old_ones() -> None:
    """
    One batch a call: the new, then what was there before, then nothing.
    """
    memory = Memory()
    memory.store.payments[a_payment().id] = a_payment()
    memory.store.audit += [OPENED, OPENED, OPENED]
    memory.store.earlier_steps = (0, 2)
    count = CountPayments(memory.payment_rollups)

    assert await count() == 1
    assert memory.store.counted_steps == {2}
    assert await count() == 2
    assert await count() == 0


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        (FiguresRange.DAY, "2026-08-02T12:30Z", "2026-08-03T12:30Z"),
        (FiguresRange.WEEK, "2026-07-27T12:30Z", "2026-08-03T12:30Z"),
        (FiguresRange.MONTH, "2026-07-04T18:30Z", "2026-08-03T18:30Z"),
    ],
)
async def test_a_period_ends_with_what_is_not_over(
    asked: FiguresRange, since: str, until: str
) -> None:
    """
    Hours, quarters of days and days of India, in UTC; now is in the last one.
    """
    memory = Memory()
    memory.store.payments[a_payment().id] = a_payment()
    memory.store.audit.append(OPENED)
    await CountPayments(memory.payment_rollups)()
    read = ReadFigures(memory.payment_rollups, StoppedClock(), memory.gateway_calls)
    await memory.gateway_calls.add({CALL: 2}, NOON)

    seen = await read(asked)

    assert seen.since == datetime.fromisoformat(since)
    assert seen.until == datetime.fromisoformat(until)
    assert seen.count(PaymentOutcome.BEGUN) == seen.strip[-1].begun == 1
    assert seen.complete_until == NOON
    assert [each.calls for each in await read.gateway(asked)] == [0, 2, 0]
