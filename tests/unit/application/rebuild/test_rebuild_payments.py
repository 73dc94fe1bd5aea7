"""Payments are rebuilt as the real use cases left them; a difference stands until it has healed."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.fake.script import Outcome
from application.rebuild import rebuild_payments
from application.rebuild.rebuild_payments import RebuildPayments
from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment_state import State
from domain.rebuild.differences import DifferenceKind
from fakes.payments.booked_payments import MemoryBookedPayments
from fakes.samples import ASHA, BY_ASHA, BY_STAFF, RAVI, a_code
from ports.rebuild.booked_payments import BookedPage
from worlds.memory import MemoryWorld
from worlds.refund_requests import approve_refund, ask_refund, reject_refund

DAY: Final = timedelta(days=1)


def rebuild_in(world: MemoryWorld) -> RebuildPayments:
    rebuild: RebuildPayments = world.use_cases.rebuild().rebuild_payments()
    return rebuild


def damage(world: MemoryWorld, payment: PaymentId, state: State = State.EXPIRED) -> None:
    """Change the books as no use case does."""
    known = world.payment(payment)
    world.memory.store.payments[payment] = replace(known, state=state)


Act = Callable[[MemoryWorld, PaymentId], Awaitable[object]]


async def _pay(world: MemoryWorld, payment: PaymentId) -> None:
    world.gateway.pay(payment)


async def _fail(world: MemoryWorld, payment: PaymentId) -> None:
    world.gateway.pay(payment, Outcome.FAILURE)


async def _webhook(world: MemoryWorld, payment: PaymentId) -> None:
    await world.deliver_webhook(payment)


async def _poll(world: MemoryWorld, payment: PaymentId) -> None:
    world.clock.move(timedelta(minutes=10))
    await world.poll_orders()
    await world.poll_refunds()


async def _weeks(world: MemoryWorld, payment: PaymentId) -> None:
    world.clock.move(12 * DAY)
    await world.poll_orders()
    await world.poll_refunds()
    await world.use_cases.refunds().lapse_requests()()


async def _request(world: MemoryWorld, payment: PaymentId) -> None:
    await ask_refund(world, payment, 200_00)


async def _revoke(world: MemoryWorld, payment: PaymentId) -> None:
    await ask_refund(world, payment, 300_00, revokes=True)


async def _approve(world: MemoryWorld, payment: PaymentId) -> None:
    for refund in world.payment(payment).refunds:
        await approve_refund(world, payment, refund.id)


async def _reject(world: MemoryWorld, payment: PaymentId) -> None:
    for refund in world.payment(payment).refunds:
        await reject_refund(world, payment, refund.id, BY_STAFF)


async def _paid_back(world: MemoryWorld, payment: PaymentId) -> None:
    for refund in world.payment(payment).refunds:
        world.gateway.move_refund(payment, refund.id, RefundVerdict.PAID)


async def _failed_back(world: MemoryWorld, payment: PaymentId) -> None:
    for refund in world.payment(payment).refunds:
        world.gateway.move_refund(payment, refund.id, RefundVerdict.FAILED)


async def _outside(world: MemoryWorld, payment: PaymentId) -> None:
    number = len(world.payment(payment).refunds.known)
    refund = RefundId(f"theirs-{number}")
    world.gateway.refund_outside(payment, refund, Money(400_00), RefundVerdict.PAID)


async def _documents(world: MemoryWorld, payment: PaymentId) -> None:
    await world.relay_outbox()


async def _cancel(world: MemoryWorld, payment: PaymentId) -> None:
    await world.cancel_payment(payment, world.payment(payment).student.id, BY_ASHA)


async def _again(world: MemoryWorld, payment: PaymentId) -> None:
    await world.retry_payment(payment)


async def _close(world: MemoryWorld, payment: PaymentId) -> None:
    world.add_course(active=False)


ACTS: Final[tuple[Act, ...]] = (
    *(_pay, _fail, _webhook, _webhook, _poll, _weeks, _request, _revoke, _approve, _reject),
    *(_paid_back, _failed_back, _outside, _documents, _cancel, _again, _close),
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from((0, 0, 1, 2))), max_size=14),
    st.booleans(),
    st.booleans(),
)
async def test_whatever_happens_in_whatever_order_is_rebuilt(
    acts: list[tuple[Act, int]],
    alone: bool,  # noqa: FBT001 - drawn
    sold: bool,  # noqa: FBT001 - drawn
) -> None:
    """
    After each act every payment is what it was decided on, whether the act was refused or not.
    """
    world = MemoryWorld()
    try:
        world.approve_alone_up_to(Money(1_000_000_00 if alone else 0))
        for student in (ASHA, RAVI):
            await world.begin_payment(student)
        if sold:
            world.gateway.pay(min(world.memory.store.payments))
            await world.deliver_webhook(min(world.memory.store.payments))
        for act, which in acts:
            payments = sorted(world.memory.store.payments)
            # An act that is not lawful now, or about an order that the bank does not know, writes nothing.
            with suppress(DomainError, ValueError, KeyError):
                await act(world, payments[which % len(payments)])
        report = await rebuild_in(world).named(sorted(world.memory.store.payments))
    finally:
        world.close()

    assert [str(each) for found in report.shown for each in found.differences] == []
    assert report.compared == len(world.memory.store.payments)
    assert report.not_rebuilt == 0


async def test_what_costs_nothing_is_rebuilt(world: MemoryWorld) -> None:
    """
    It is complete as it begins, opens its course and has no invoice.
    """
    world.add_code(a_code(percent=100))
    free = await world.begin_payment(code="TEN")

    report = await rebuild_in(world).named([free.id])

    assert free.state is State.SUCCESS
    assert (report.compared, report.differing) == (1, 0)


async def test_a_difference_stands_until_it_has_healed(world: MemoryWorld) -> None:
    """
    It keeps its age, is looked at again although nothing changes it, and ends by itself.
    """
    payment = await world.paid_payment()
    damage(world, payment.id)
    rebuild = rebuild_in(world)

    first = await rebuild.since(world.clock.now())

    (known,) = await world.memory.differences.known(at_most=9)
    assert (first.compared, first.differing) == (1, 1)
    assert known.found_at == world.clock.now()
    assert [each.kind for each in known.differences] == [DifferenceKind.STATE]
    world.clock.move(30 * DAY)
    report = await rebuild.since(world.clock.now())
    assert (report.compared, report.differing) == (1, 1)
    assert await world.memory.differences.known(at_most=9) == [known]
    damage(world, payment.id, State.SUCCESS)
    report = await rebuild.since(world.clock.now())
    assert (report.compared, report.differing) == (1, 0)
    assert await world.memory.differences.known(at_most=9) == []


async def test_one_that_differs_and_was_changed_since_is_told_once(world: MemoryWorld) -> None:
    """
    It is found among what stands, and among what was changed.
    """
    payment = await world.paid_payment()
    damage(world, payment.id)
    rebuild = rebuild_in(world)
    await rebuild.since(world.clock.now())

    report = await rebuild.since(world.clock.now())

    assert (report.compared, report.differing, len(report.shown)) == (1, 1, 1)


async def test_a_night_looks_at_what_was_changed_of_late(
    world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The log says how many differ, and nothing where none does.
    """
    long_ago = await world.paid_payment()
    world.clock.move(3 * DAY)
    lately = await world.begin_payment(RAVI)
    rebuild = rebuild_in(world)
    caplog.set_level(logging.ERROR)

    assert await rebuild.nightly() == 0
    damage(world, long_ago.id)
    assert await rebuild.nightly() == 0
    assert not caplog.records
    damage(world, lately.id)
    assert await rebuild.nightly() == 0

    (record,) = caplog.records
    assert (record.message, vars(record)["count"]) == ("rebuild.differs", 1)
    (known,) = await world.memory.differences.known(at_most=9)
    assert known.payment == lately.id


async def test_batches_are_small_and_miss_nothing(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Each is read by one statement. More than can be shown are counted, and recorded.
    """
    monkeypatch.setattr(rebuild_payments, "BATCH_MAX", 2)
    monkeypatch.setattr(rebuild_payments, "SHOWN_MAX", 3)
    payments = []
    for number in range(5):
        world.add_course(f"course-{number}")
        payments.append((await world.begin_payment(course=f"course-{number}")).id)
    for each in payments:
        damage(world, each)
    rebuild = rebuild_in(world)

    by_time = await rebuild.since(world.clock.now() - DAY)
    by_name = await rebuild.named(payments)

    for report in (by_time, by_name):
        assert (report.compared, report.differing, len(report.shown)) == (5, 5, 3)
    assert len(await world.memory.differences.known(at_most=9)) == 5


async def test_what_is_no_payment_any_more_differs(world: MemoryWorld) -> None:
    """
    A row that nobody can read keeps none of the others from being compared.
    """
    payment = await world.begin_payment()

    class Unreadable(MemoryBookedPayments):
        async def named(self, payments: Sequence[PaymentId]) -> BookedPage:
            return BookedPage(items=(), unreadable=payments)

    rebuild = replace(rebuild_in(world), books=Unreadable(world.memory.store))
    report = await rebuild.named([payment.id])

    (found,) = report.shown
    assert str(found.differences[0]).startswith("basis: the books say what no payment can be")


async def test_nothing_is_kept_yet(world: MemoryWorld) -> None:
    """
    Right after an upgrade there is nothing to compare.
    """
    report = await rebuild_in(world).since(world.clock.now())

    assert (report.compared, report.not_rebuilt, report.differing) == (0, 0, 0)


async def test_a_payment_of_a_release_before_is_not_rebuilt(world: MemoryWorld) -> None:
    """
    It is counted, and differs from nothing.
    """
    payment = await world.paid_payment()
    del world.memory.store.bases[0]

    report = await rebuild_in(world).named([payment.id])

    assert (report.compared, report.not_rebuilt, report.differing) == (0, 1, 0)
