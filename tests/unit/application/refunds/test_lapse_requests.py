"""A refund that nobody approves: approvers are reminded, then the request ends and its amount is free."""

from datetime import timedelta
from typing import Final

import pytest

from application.refunds.lapse_requests import LapseRequests, RemindApprovers
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment_state import State
from domain.payments.refund_state import IllegalRefundStep, RefundState
from fakes.clock import NOON
from fakes.samples import refund_id
from ports.alerts import AlertKind
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import SETTINGS, MemoryWorld
from worlds.refund_requests import approve_refund, ask_refund

PART: Final = 60_00
LAPSES: Final = SETTINGS.refund_approval_lapses_after
REMINDED: Final = SETTINGS.refund_approval_reminder_after
MOMENT: Final = timedelta(microseconds=1)


def lapse(world: MemoryWorld) -> LapseRequests:
    return world.use_cases.refunds().lapse_requests()


def remind(world: MemoryWorld) -> RemindApprovers:
    return world.use_cases.refunds().remind_approvers()


async def test_a_request_ends_when_nobody_decided_in_time(world: MemoryWorld) -> None:
    """
    To the instant, by the system, and once; the whole amount can be refunded again.
    """
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    refund = await ask_refund(world, sold.id, PART)
    world.clock.move(LAPSES - MOMENT)
    assert await lapse(world)() == 0
    world.clock.move(MOMENT)

    assert [await lapse(world)(), await lapse(world)()] == [1, 0]

    ended = world.refund(sold.id, refund.id)
    assert (ended.state, ended.decided_by, ended.closed_at) == (
        RefundState.REJECTED,
        "system",
        world.clock.now(),
    )
    assert world.payment(sold.id).refundable == sold.captured
    assert world.gateway.calls[GatewayOperation.REFUND] == 0
    (line,) = world.audited("refund.approval_lapsed")
    assert (line.origin.actor, line.facts["refund"], line.facts["asked_by"]) == (
        "system",
        refund.id,
        "staff:mira",
    )
    with pytest.raises(IllegalRefundStep):
        await approve_refund(world, sold.id, refund.id)


async def test_an_approval_in_time_stands(world: MemoryWorld) -> None:
    """
    What was approved, or asked for later, is left alone.
    """
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    first = await ask_refund(world, sold.id, PART)
    world.clock.move(LAPSES)
    young = await ask_refund(world, sold.id, PART)
    assert young.id == refund_id(2)
    await approve_refund(world, sold.id, first.id)

    assert await lapse(world)() == 0

    assert world.refund(sold.id, first.id).state is RefundState.PENDING
    assert world.refund(sold.id, young.id).state is RefundState.AWAITING_APPROVAL


async def test_who_decides_at_the_same_moment_is_first(world: MemoryWorld) -> None:
    """
    The request was approved between the list and the write: it does not lapse.
    """
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    refund = await ask_refund(world, sold.id, PART)
    world.clock.move(LAPSES)
    listed = await world.memory.refunds.in_flight(at_most=9)
    await approve_refund(world, sold.id, refund.id)

    class Outdated:
        async def in_flight(self, **_: object) -> object:
            return listed

    outdated = LapseRequests(
        queries=Outdated(),  # type: ignore[arg-type]  # only the list is read
        unit_of_work=world.memory.unit_of_work,
        clock=world.clock,
        after=LAPSES,
    )
    assert await outdated() == 0
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING


async def test_news_that_the_request_kept_out_is_read_again(world: MemoryWorld) -> None:
    """
    The amount is free, and the bank gave all of it back long ago.
    """
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    await ask_refund(world, sold.id, PART)
    world.gateway.refund_outside(sold.id, RefundId("AR1"), sold.captured, RefundVerdict.PAID)
    await world.deliver_webhook(sold.id)
    world.clock.move(LAPSES)

    await lapse(world)()
    assert await world.poll_orders() == 1

    assert world.payment(sold.id).state is State.REFUNDED


async def test_approvers_are_reminded_before(world: MemoryWorld) -> None:
    """
    Which requests wait, since when, and when the first of them ends.
    """
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    refund = await ask_refund(world, sold.id, PART)
    world.clock.move(REMINDED - MOMENT)
    assert (await remind(world)(), world.alerts.called) == (0, [])
    world.clock.move(MOMENT)

    await remind(world)()

    (alert,) = world.alerts.called
    assert alert.kind is AlertKind.REFUND_AWAITING_APPROVAL
    assert alert.facts == {
        "count": "1",
        "at": NOON.isoformat(),
        "age_seconds": str(int(REMINDED.total_seconds())),
        "next_at": (NOON + LAPSES).isoformat(),
        "entry": refund.id,
    }
