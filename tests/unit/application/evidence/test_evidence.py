"""Callback, webhook, status page and sweeper: each leads to the bank's own answer, or to patience."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Operation
from application.evidence.process_inbox import DELAYS, STRANGER_KEPT_FOR
from application.order_status.read_order import ReadOrder
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from fakes.guard import REST, SILENCES_MAX, guarded
from fakes.samples import ASHA, BY_STATUS, RAVI, payment_id
from ports.payments.gateway_messages import ForgedMessage, GatewayEvent
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayBusy
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, STATUS_INTERVAL, Academy

READ = Operation.READ_ORDER
MOMENT = timedelta(microseconds=1)


# Callback


async def test_a_return_settles_by_the_banks_answer(academy: Academy) -> None:
    """
    What the student's browser claims is only the reason to ask.
    """
    payment = await academy.opens()
    claimed = academy.gateway.return_fields(payment.id)
    academy.gateway.pay(payment.id)

    assert await academy.callback(claimed, BY_STATUS) == payment.id

    assert academy.payment(payment.id).state is State.SUCCESS


async def test_a_forged_return_leads_to_nothing(academy: Academy) -> None:
    """
    Not even to a question.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    *fields, _ = academy.gateway.return_fields(payment.id)

    with pytest.raises(ForgedMessage):
        await academy.callback([*fields, ("seal", "wrong")], BY_STATUS)

    assert academy.payment(payment.id).state is State.PENDING
    assert not academy.gateway.calls[READ]


async def test_a_return_for_a_stranger_is_not_found(academy: Academy) -> None:
    """
    Sealed by the bank, but nothing we know of.
    """
    payment = await academy.opens()
    fields = academy.gateway.return_fields(payment.id)
    del academy.memory.store.payments[payment.id]

    with pytest.raises(NotFound):
        await academy.callback(fields, BY_STATUS)


async def test_a_return_after_the_sale_asks_nobody(academy: Academy) -> None:
    """
    The bank need not be asked for old news.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    await academy.comes_back(payment.id)
    reads = academy.gateway.calls[READ]

    await academy.comes_back(payment.id)

    assert academy.gateway.calls[READ] == reads


async def test_a_silent_bank_is_no_failure_of_the_student(academy: Academy) -> None:
    """
    The result page says "confirming"; nothing moves.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    academy.gateway.fail_next(READ, Fault.DOWN)

    assert (await academy.comes_back(payment.id)).state is State.PENDING


async def test_nobody_waits_for_a_bank_that_thinks(academy: Academy) -> None:
    """
    The student's browser and their status page go on; the answer settles the payment when it comes.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    academy.ask_bank = academy.asking(timedelta(0))
    academy.gateway.silence = asyncio.Event()

    async with asyncio.timeout(5):
        assert (await academy.comes_back(payment.id)).state is State.PENDING
        view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)
    assert view.status == "pending"

    academy.gateway.silence.set()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=5)
    assert academy.payment(payment.id).state is State.SUCCESS
    assert len(academy.audited("payment.moved")) == 1


# Webhook and inbox


async def test_a_webhook_is_kept_then_looked_into(academy: Academy) -> None:
    """
    Stored before it is acknowledged; applied together with what it led to.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    message = academy.gateway.event(payment.id)

    assert await academy.webhook(*message) is EntryState.NEW
    assert academy.payment(payment.id).state is State.PENDING
    assert await academy.process_inbox() == 1

    assert academy.payment(payment.id).state is State.SUCCESS
    assert await academy.webhook(*message) is EntryState.APPLIED
    assert await academy.process_inbox() == 0


async def test_a_forged_webhook_is_not_kept(academy: Academy) -> None:
    """
    Nothing of it is stored.
    """
    payment = await academy.opens()
    _, body = academy.gateway.event(payment.id)

    with pytest.raises(ForgedMessage):
        await academy.webhook({"authorization": "Fake no"}, body)

    assert not academy.memory.store.inbox


async def test_a_leaked_webhook_password_makes_no_sale(academy: Academy) -> None:
    """
    A well-sealed lie causes a question; the bank's answer decides.
    """
    payment = await academy.opens()
    lie = GatewayEvent(
        id="e-1",
        name="ORDER_SUCCEEDED",
        order=payment.id,
        status="CHARGED",
        status_id=21,
        body_sha256="0" * 64,
    )
    await academy.memory.inbox.accept(lie, academy.clock.now())

    await academy.process_inbox()

    assert academy.payment(payment.id).state is State.PENDING
    assert academy.memory.store.inbox[1].state is EntryState.APPLIED


async def test_an_early_webhook_waits_for_its_order(academy: Academy) -> None:
    """
    It overtook the payment it speaks of: parked, then applied when the order appears.
    """
    await _strange(academy, payment_id(1))
    assert await academy.process_inbox() == 1
    row = academy.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.PARKED, "no such order yet")

    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    academy.clock.move(DELAYS[0])
    await academy.process_inbox()

    assert academy.payment(payment.id).state is State.SUCCESS
    assert academy.memory.store.inbox[1].state is EntryState.APPLIED


async def test_a_strangers_webhook_is_refused_after_a_day(academy: Academy) -> None:
    """
    Kept until then, to the instant; nobody is asked about it.
    """
    await _strange(academy, "SOMEBODY-ELSES")
    academy.clock.move(STRANGER_KEPT_FOR - MOMENT)
    await academy.process_inbox()
    assert academy.memory.store.inbox[1].state is EntryState.PARKED

    academy.clock.move(DELAYS[-1])
    await academy.process_inbox()

    row = academy.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.REFUSED, "not an order of ours")
    assert not academy.gateway.calls


async def test_a_webhook_about_nothing_is_refused_at_once(academy: Academy) -> None:
    """
    Without an order there is nothing to wait for.
    """
    await _strange(academy, "")

    await academy.process_inbox()

    assert academy.memory.store.inbox[1].state is EntryState.REFUSED


async def test_a_silent_bank_parks_the_webhook_ever_longer(academy: Academy) -> None:
    """
    Each try waits longer, up to an hour, and none is the last.
    """
    payment = await academy.opens()
    academy.gateway.fail_next(READ, Fault.DOWN, times=len(DELAYS) + 2)
    await academy.webhook(*academy.gateway.event(payment.id))
    waited = []
    for _ in range(len(DELAYS) + 2):
        assert await academy.process_inbox() == 1
        row = academy.memory.store.inbox[1]
        assert (row.state, row.why) == (EntryState.PARKED, "GatewayDown")
        waited.append(row.due_at - academy.clock.now())
        academy.clock.move(waited[-1] - MOMENT)
        assert await academy.process_inbox() == 0
        academy.clock.move(MOMENT)

    assert waited == [*DELAYS, DELAYS[-1], DELAYS[-1]]
    assert sorted(DELAYS) == list(DELAYS)
    await academy.process_inbox()
    assert academy.memory.store.inbox[1].state is EntryState.APPLIED


async def test_a_resting_bank_costs_a_webhook_no_try(academy: Academy) -> None:
    """
    Nobody was asked, so the wait is the bank's rest and not one of the ever longer ones.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    await academy.webhook(*academy.gateway.event(payment.id))
    guard = guarded(academy.gateway, academy.clock)
    academy.read_order = ReadOrder(guard)
    academy.gateway.fail_next(READ, Fault.BUSY, times=SILENCES_MAX)
    for _ in range(SILENCES_MAX):
        with pytest.raises(GatewayBusy):
            await guard.read_order(payment.id, ASHA.id)

    academy.clock.move(timedelta(seconds=1))
    assert await academy.process_inbox() == 1
    row = academy.memory.store.inbox[1]
    assert (row.state, row.why) == (EntryState.PARKED, "GatewayAway")
    assert row.due_at - academy.clock.now() == REST - timedelta(seconds=1)

    academy.clock.move(REST)
    assert await academy.process_inbox() == 1
    assert academy.payment(payment.id).state is State.SUCCESS


async def test_the_end_of_a_rest_is_not_waited_for_in_a_loop(academy: Academy) -> None:
    """
    However little is left of the rest, an entry comes back after the usual first wait.
    """
    payment = await academy.opens()
    await academy.webhook(*academy.gateway.event(payment.id))
    guard = guarded(academy.gateway, academy.clock, silences_max=1)
    academy.read_order = ReadOrder(guard)
    academy.gateway.fail_next(READ, Fault.BUSY)
    with pytest.raises(GatewayBusy):
        await guard.read_order(payment.id, ASHA.id)

    academy.clock.move(REST - MOMENT)
    await academy.process_inbox()

    assert academy.memory.store.inbox[1].due_at == academy.clock.now() + DELAYS[0]


async def test_news_of_a_sale_already_made_asks_nobody(academy: Academy) -> None:
    """
    An event that can only tell of charging closes by itself; one that may tell more is looked into.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    reads = []
    for name in ("ORDER_SUCCEEDED", "ORDER_SUCCEEDED", "ORDER_FAILED", "ORDER_REFUNDED"):
        await academy.hears(payment.id, name)
        reads.append(academy.gateway.calls[READ])

    assert reads == [1, 1, 1, 2]
    assert {row.state for row in academy.memory.store.inbox.values()} == {EntryState.APPLIED}


async def test_one_poisonous_entry_spoils_no_other(academy: Academy) -> None:
    """
    What nobody foresaw parks that entry, to be tried again; its neighbours are applied.
    """
    poisonous, sound = await academy.opens(), await academy.opens(RAVI)
    for payment in (poisonous, sound):
        academy.gateway.pay(payment.id)
        await academy.webhook(*academy.gateway.event(payment.id))
    order = academy.gateway.orders[poisonous.id]
    order.asked = replace(order.asked, student=RAVI)

    assert await academy.process_inbox() == 2

    first, second = academy.memory.store.inbox.values()
    assert (first.state, first.why) == (EntryState.PARKED, "ValueError")
    assert first.due_at == academy.clock.now() + DELAYS[0]
    assert second.state is EntryState.APPLIED
    assert academy.payment(sound.id).state is State.SUCCESS
    order.asked = replace(order.asked, student=ASHA)
    academy.clock.move(DELAYS[0])
    await academy.process_inbox()
    assert academy.payment(poisonous.id).state is State.SUCCESS


async def test_a_poisonous_entry_may_be_lost_to_another_worker(academy: Academy) -> None:
    """
    The lease ran out before the failure: the entry is the other's to park, and nobody crashes.
    """
    payment = await academy.opens()
    await academy.webhook(*academy.gateway.event(payment.id))

    def take_over() -> None:
        row = academy.memory.store.inbox[1]
        academy.memory.store.inbox[1] = replace(row, generation=row.generation + 1)
        raise ZeroDivisionError

    academy.gateway.guard = take_over

    assert await academy.process_inbox() == 1

    assert academy.memory.store.inbox[1].state is EntryState.NEW


async def test_a_store_that_is_away_is_not_the_entrys_fault(academy: Academy) -> None:
    """
    The worker is told, after the rest of the batch has ended; the entry waits out its lease.
    """
    for student in (ASHA, RAVI):
        payment = await academy.opens(student)
        academy.gateway.pay(payment.id)
        await academy.webhook(*academy.gateway.event(payment.id))
    academy.memory.unit_of_work.trouble.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await academy.process_inbox()

    states = sorted(row.state for row in academy.memory.store.inbox.values())
    assert states == [EntryState.APPLIED, EntryState.NEW]
    academy.clock.move(CALL_MAX)
    assert await academy.process_inbox() == 1
    assert len(academy.memory.store.enrolments) == 2


async def test_who_lost_the_lease_leaves_the_entry_alone(academy: Academy) -> None:
    """
    Another worker holds it by now: nothing of this one's unit happens, and nobody crashes.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    await academy.webhook(*academy.gateway.event(payment.id))

    def take_over() -> None:
        row = academy.memory.store.inbox[1]
        academy.memory.store.inbox[1] = replace(row, generation=row.generation + 1)

    guard = academy.gateway.guard
    academy.gateway.guard = take_over
    assert await academy.process_inbox() == 1
    academy.gateway.guard = guard

    assert academy.payment(payment.id).state is State.PENDING
    assert academy.memory.store.inbox[1].state is EntryState.NEW
    academy.clock.move(CALL_MAX)
    assert await academy.process_inbox() == 1
    assert academy.payment(payment.id).state is State.SUCCESS


# Status


async def test_the_status_is_fresh_while_it_is_not_final(academy: Academy) -> None:
    """
    Read from the bank, settled, and shown in one answer.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)

    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.enrolled, view.payable) == ("success", True, "1180.00")
    assert [(step.state, step.source) for step in view.timeline] == [
        ("pending", "initiate"),
        ("success", "status"),
    ]


async def test_the_bank_is_not_asked_too_often(academy: Academy) -> None:
    """
    However many ask: once in the interval, to the instant.
    """
    payment = await academy.opens()
    for _ in range(3):
        await academy.asks(payment.id)
    assert academy.gateway.calls[READ] == 1

    academy.clock.move(STATUS_INTERVAL - MOMENT)
    await academy.asks(payment.id)
    assert academy.gateway.calls[READ] == 1

    academy.clock.move(MOMENT)
    await academy.asks(payment.id)
    assert academy.gateway.calls[READ] == 2


async def test_a_final_status_asks_nobody(academy: Academy) -> None:
    """
    What is sold is sold.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    await academy.hears(payment.id)
    reads = academy.gateway.calls[READ]

    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.failure_reason) == ("success", None)
    assert academy.gateway.calls[READ] == reads


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.BUSY, Fault.DENIED])
async def test_without_the_banks_answer_the_view_says_what_is_known(
    academy: Academy, fault: Fault
) -> None:
    """
    Trouble at the bank is no trouble of the student's.
    """
    payment = await academy.opens()
    academy.gateway.fail_next(READ, fault)

    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)

    assert view.status == "pending"


async def test_another_students_payment_is_not_found(academy: Academy) -> None:
    """
    Nor is the bank asked about it.
    """
    payment = await academy.opens()

    with pytest.raises(NotFound):
        await academy.check_status(payment.id, RAVI.id, BY_STATUS)

    assert not academy.gateway.calls[READ]


async def _strange(academy: Academy, order: str) -> None:
    """The bank tells of *order*, whatever that is."""
    news = GatewayEvent(
        id=f"e-{len(academy.memory.store.inbox)}",
        name="ORDER_SUCCEEDED",
        order=PaymentId(order),
        status="CHARGED",
        status_id=21,
        body_sha256="0" * 64,
    )
    await academy.memory.inbox.accept(news, academy.clock.now())
