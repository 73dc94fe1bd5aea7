"""Callback, webhook, status page and sweeper: each leads to the bank's own answer, or to patience."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.script import Fault
from application.evidence.process_inbox import DELAYS, UNKNOWN_KEPT_FOR
from application.evidence.receive_callback import Returned
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from fakes.guard import OPEN_FOR, SILENCES_MAX, guarded
from fakes.samples import ASHA, BY_STATUS, RAVI, payment_id
from ports.payments.gateway_messages import ForgedMessage, GatewayEvent
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, STATUS_INTERVAL, MemoryWorld

READ = GatewayOperation.READ_ORDER
MOMENT = timedelta(microseconds=1)


# Callback


async def test_a_return_settles_by_the_banks_answer(world: MemoryWorld) -> None:
    """
    What the student's browser claims is only the reason to ask.
    """
    payment = await world.begin_payment()
    claimed = world.gateway.return_fields(payment.id)
    world.gateway.pay(payment.id)

    assert await world.receive_callback(claimed, BY_STATUS) == Returned(payment.id, answered=True)

    assert world.payment(payment.id).state is State.SUCCESS


async def test_a_forged_return_leads_to_nothing(world: MemoryWorld) -> None:
    """
    Not even to a question.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    *fields, _ = world.gateway.return_fields(payment.id)

    with pytest.raises(ForgedMessage):
        await world.receive_callback([*fields, ("signature", "wrong")], BY_STATUS)

    assert world.payment(payment.id).state is State.PENDING
    assert not world.gateway.calls[READ]


async def test_a_return_for_a_stranger_is_not_found(world: MemoryWorld) -> None:
    """
    Signed by the bank, but about no payment of ours.
    """
    payment = await world.begin_payment()
    fields = world.gateway.return_fields(payment.id)
    del world.memory.store.payments[payment.id]

    with pytest.raises(NotFound):
        await world.receive_callback(fields, BY_STATUS)


async def test_a_return_after_the_sale_asks_nobody(world: MemoryWorld) -> None:
    """
    The bank need not be asked for old news.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.deliver_callback(payment.id)
    reads = world.gateway.calls[READ]

    await world.deliver_callback(payment.id)

    assert world.gateway.calls[READ] == reads


async def test_a_silent_bank_is_no_failure_of_the_student(world: MemoryWorld) -> None:
    """
    The result page says "confirming"; nothing moves.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.gateway.fail_next(READ, Fault.DOWN)

    assert (await world.deliver_callback(payment.id)).state is State.PENDING


async def test_nobody_waits_for_a_bank_that_thinks(world: MemoryWorld) -> None:
    """
    The student's browser and their status page go on; the answer settles the payment when it comes.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.wait_at_most(timedelta(0))
    world.gateway.silence = asyncio.Event()

    async with asyncio.timeout(5):
        assert (await world.deliver_callback(payment.id)).state is State.PENDING
        view = await world.check_status(payment.id, ASHA.id, BY_STATUS)
    assert view.status == "pending"

    world.gateway.silence.set()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=5)
    assert world.payment(payment.id).state is State.SUCCESS
    assert len(world.audited("payment.moved")) == 1


# Webhook and inbox


async def test_a_webhook_is_kept_then_looked_into(world: MemoryWorld) -> None:
    """
    Stored before it is acknowledged; applied together with what it led to.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    message = world.gateway.event(payment.id)

    assert await world.receive_webhook(*message) is EntryState.NEW
    assert world.payment(payment.id).state is State.PENDING
    assert await world.process_inbox() == 1

    assert world.payment(payment.id).state is State.SUCCESS
    assert await world.receive_webhook(*message) is EntryState.APPLIED
    assert await world.process_inbox() == 0


async def test_a_forged_webhook_is_not_kept(world: MemoryWorld) -> None:
    """
    Nothing of it is stored.
    """
    payment = await world.begin_payment()
    _, body = world.gateway.event(payment.id)

    with pytest.raises(ForgedMessage):
        await world.receive_webhook({"authorization": "Fake no"}, body)

    assert not world.memory.store.inbox


async def test_a_leaked_webhook_password_makes_no_sale(world: MemoryWorld) -> None:
    """
    A signed lie causes a status read; the bank's answer decides.
    """
    payment = await world.begin_payment()
    lie = GatewayEvent(
        id="e-1",
        name="ORDER_SUCCEEDED",
        order=payment.id,
        status="CHARGED",
        status_id=21,
        body_sha256="0" * 64,
    )
    await world.memory.inbox.enqueue(lie, world.clock.now())

    await world.process_inbox()

    assert world.payment(payment.id).state is State.PENDING
    assert world.memory.store.inbox[1].state is EntryState.APPLIED


async def test_an_early_webhook_waits_for_its_order(world: MemoryWorld) -> None:
    """
    It overtook the payment it speaks of: deferred, then applied when the order appears.
    """
    await _strange(world, payment_id(1))
    assert await world.process_inbox() == 1
    row = world.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.DEFERRED, "no such order yet")

    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.clock.move(DELAYS[0])
    await world.process_inbox()

    assert world.payment(payment.id).state is State.SUCCESS
    assert world.memory.store.inbox[1].state is EntryState.APPLIED


async def test_a_strangers_webhook_is_refused_after_a_day(world: MemoryWorld) -> None:
    """
    Kept until then, to the instant; nobody is asked about it.
    """
    await _strange(world, "SOMEBODY-ELSES")
    world.clock.move(UNKNOWN_KEPT_FOR - MOMENT)
    await world.process_inbox()
    assert world.memory.store.inbox[1].state is EntryState.DEFERRED

    world.clock.move(DELAYS[-1])
    await world.process_inbox()

    row = world.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.REFUSED, "not an order of ours")
    assert not world.gateway.calls


async def test_a_webhook_about_nothing_is_refused_at_once(world: MemoryWorld) -> None:
    """
    Without an order there is nothing to wait for.
    """
    await _strange(world, "")

    await world.process_inbox()

    assert world.memory.store.inbox[1].state is EntryState.REFUSED


async def test_a_silent_bank_defers_the_webhook_ever_longer(world: MemoryWorld) -> None:
    """
    Each try waits longer, up to an hour, and none is the last.
    """
    payment = await world.begin_payment()
    world.gateway.fail_next(READ, Fault.DOWN, times=len(DELAYS) + 2)
    await world.receive_webhook(*world.gateway.event(payment.id))
    waited = []
    for _ in range(len(DELAYS) + 2):
        assert await world.process_inbox() == 1
        row = world.memory.store.inbox[1]
        assert (row.state, row.why) == (EntryState.DEFERRED, "GatewayDown")
        waited.append(row.due_at - world.clock.now())
        world.clock.move(waited[-1] - MOMENT)
        assert await world.process_inbox() == 0
        world.clock.move(MOMENT)

    assert waited == [*DELAYS, DELAYS[-1], DELAYS[-1]]
    assert sorted(DELAYS) == list(DELAYS)
    await world.process_inbox()
    assert world.memory.store.inbox[1].state is EntryState.APPLIED


async def test_a_resting_bank_costs_a_webhook_no_try(world: MemoryWorld) -> None:
    """
    Nobody was asked, so the wait is the bank's rest and not one of the ever longer ones.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))
    guard = guarded(world.gateway, world.clock)
    world.read_orders_through(guard)
    world.gateway.fail_next(READ, Fault.DOWN, times=SILENCES_MAX)
    for _ in range(SILENCES_MAX):
        with pytest.raises(GatewayDown):
            await guard.read_order(payment.id, ASHA.id)

    world.clock.move(timedelta(seconds=1))
    assert await world.process_inbox() == 1
    row = world.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.DEFERRED, "GatewaySuspended")
    assert row.due_at - world.clock.now() == OPEN_FOR - timedelta(seconds=1)

    world.clock.move(OPEN_FOR)
    assert await world.process_inbox() == 1
    assert world.payment(payment.id).state is State.SUCCESS


async def test_the_end_of_a_rest_is_not_waited_for_in_a_loop(world: MemoryWorld) -> None:
    """
    However little is left of the rest, an entry comes back after the usual first wait.
    """
    payment = await world.begin_payment()
    await world.receive_webhook(*world.gateway.event(payment.id))
    guard = guarded(world.gateway, world.clock, failure_threshold=1)
    world.read_orders_through(guard)
    world.gateway.fail_next(READ, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await guard.read_order(payment.id, ASHA.id)

    world.clock.move(OPEN_FOR - MOMENT)
    await world.process_inbox()

    assert world.memory.store.inbox[1].due_at == world.clock.now() + DELAYS[0]


async def test_news_of_a_sale_already_made_asks_nobody(world: MemoryWorld) -> None:
    """
    An event that can only tell of charging closes by itself; one that may tell more is looked into.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    reads = []
    for name in ("ORDER_SUCCEEDED", "ORDER_SUCCEEDED", "ORDER_FAILED", "ORDER_REFUNDED"):
        await world.deliver_webhook(payment.id, name)
        reads.append(world.gateway.calls[READ])

    assert reads == [1, 1, 1, 2]
    assert {row.state for row in world.memory.store.inbox.values()} == {EntryState.APPLIED}


async def test_one_broken_entry_leaves_the_others_done(world: MemoryWorld) -> None:
    """
    What nobody foresaw defers that entry, to be tried again; the others are applied.
    """
    poisonous, sound = await world.begin_payment(), await world.begin_payment(RAVI)
    for payment in (poisonous, sound):
        world.gateway.pay(payment.id)
        await world.receive_webhook(*world.gateway.event(payment.id))
    order = world.gateway.orders[poisonous.id]
    order.asked = replace(order.asked, student=RAVI)

    assert await world.process_inbox() == 2

    first, second = world.memory.store.inbox.values()
    assert (first.state, first.why) == (EntryState.DEFERRED, "ValueError")
    assert first.due_at == world.clock.now() + DELAYS[0]
    assert second.state is EntryState.APPLIED
    assert world.payment(sound.id).state is State.SUCCESS
    order.asked = replace(order.asked, student=ASHA)
    world.clock.move(DELAYS[0])
    await world.process_inbox()
    assert world.payment(poisonous.id).state is State.SUCCESS


async def test_a_poisonous_entry_may_be_lost_to_another_worker(world: MemoryWorld) -> None:
    """
    The lease ran out before the failure: the entry is the other's to defer, and nobody crashes.
    """
    payment = await world.begin_payment()
    await world.receive_webhook(*world.gateway.event(payment.id))

    def take_over() -> None:
        row = world.memory.store.inbox[1]
        world.memory.store.inbox[1] = replace(row, generation=row.generation + 1)
        raise ZeroDivisionError

    world.gateway.guard = take_over

    assert await world.process_inbox() == 1

    assert world.memory.store.inbox[1].state is EntryState.NEW


async def test_a_store_that_is_away_is_not_the_entrys_fault(world: MemoryWorld) -> None:
    """
    The worker is told, after the rest of the batch has ended; the entry waits out its lease.
    """
    for student in (ASHA, RAVI):
        payment = await world.begin_payment(student)
        world.gateway.pay(payment.id)
        await world.receive_webhook(*world.gateway.event(payment.id))
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await world.process_inbox()

    states = sorted(row.state for row in world.memory.store.inbox.values())
    assert states == [EntryState.APPLIED, EntryState.NEW]
    world.clock.move(CALL_MAX)
    assert await world.process_inbox() == 1
    assert len(world.memory.store.enrolments) == 2


async def test_who_lost_the_lease_leaves_the_entry_alone(world: MemoryWorld) -> None:
    """
    Another worker holds it by now: nothing of this one's unit happens, and nobody crashes.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))

    def take_over() -> None:
        row = world.memory.store.inbox[1]
        world.memory.store.inbox[1] = replace(row, generation=row.generation + 1)

    guard = world.gateway.guard
    world.gateway.guard = take_over
    assert await world.process_inbox() == 1
    world.gateway.guard = guard

    assert world.payment(payment.id).state is State.PENDING
    assert world.memory.store.inbox[1].state is EntryState.NEW
    world.clock.move(CALL_MAX)
    assert await world.process_inbox() == 1
    assert world.payment(payment.id).state is State.SUCCESS


# Status


async def test_the_status_is_fresh_while_it_is_not_final(world: MemoryWorld) -> None:
    """
    Read from the bank, settled, and shown in one answer.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)

    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.enrolled, view.payable) == ("success", True, "1180.00")
    assert [(step.state, step.source) for step in view.timeline] == [
        ("pending", "initiate"),
        ("success", "status"),
    ]


async def test_the_bank_is_not_asked_too_often(world: MemoryWorld) -> None:
    """
    However many ask: once in the interval, to the instant.
    """
    payment = await world.begin_payment()
    for _ in range(3):
        await world.ask_status(payment.id)
    assert world.gateway.calls[READ] == 1

    world.clock.move(STATUS_INTERVAL - MOMENT)
    await world.ask_status(payment.id)
    assert world.gateway.calls[READ] == 1

    world.clock.move(MOMENT)
    await world.ask_status(payment.id)
    assert world.gateway.calls[READ] == 2


async def test_a_final_status_asks_nobody(world: MemoryWorld) -> None:
    """
    What is sold is sold.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    reads = world.gateway.calls[READ]

    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.failure_reason) == ("success", None)
    assert world.gateway.calls[READ] == reads


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.BUSY, Fault.DENIED])
async def test_without_the_banks_answer_the_view_says_what_is_known(
    world: MemoryWorld, fault: Fault
) -> None:
    """
    Trouble at the bank is no trouble of the student's.
    """
    payment = await world.begin_payment()
    world.gateway.fail_next(READ, fault)

    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)

    assert view.status == "pending"


async def test_another_students_payment_is_not_found(world: MemoryWorld) -> None:
    """
    Nor is the bank asked about it.
    """
    payment = await world.begin_payment()

    with pytest.raises(NotFound):
        await world.check_status(payment.id, RAVI.id, BY_STATUS)

    assert not world.gateway.calls[READ]


async def _strange(world: MemoryWorld, order: str) -> None:
    """The bank tells of *order*, whatever that is."""
    news = GatewayEvent(
        id=f"e-{len(world.memory.store.inbox)}",
        name="ORDER_SUCCEEDED",
        order=PaymentId(order),
        status="CHARGED",
        status_id=21,
        body_sha256="0" * 64,
    )
    await world.memory.inbox.enqueue(news, world.clock.now())


async def test_a_return_sent_a_hundred_times_is_one_read(world: MemoryWorld) -> None:
    """
    Whoever replays a signed return has the order read as often as by the status page, and no more.
    """
    payment = await world.begin_payment()
    before = world.gateway.calls[READ]
    fields = world.gateway.return_fields(payment.id)
    for _ in range(100):
        assert (await world.receive_callback(fields, BY_STATUS)).payment == payment.id
        world.clock.move(timedelta(milliseconds=10))
    await world.check_status(payment.id, ASHA.id, BY_STATUS)
    assert world.gateway.calls[READ] - before == 1

    world.clock.move(timedelta(seconds=3))
    world.gateway.pay(payment.id)
    await world.receive_callback(world.gateway.return_fields(payment.id), BY_STATUS)
    assert world.gateway.calls[READ] - before == 2
    assert world.payment(payment.id).state is State.SUCCESS


async def test_a_webhook_without_credentials_is_refused_by_its_headers(world: MemoryWorld) -> None:
    """
    Its body need not be there yet; right credentials are what the body is then read with.
    """
    payment = await world.begin_payment()
    headers, _ = world.gateway.event(payment.id)

    world.receive_webhook.check_sender(headers)
    with pytest.raises(ForgedMessage):
        world.receive_webhook.check_sender({})
