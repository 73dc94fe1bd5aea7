"""Money goes back from many hands at once: never more than was taken, never twice, and nothing is lost."""

import asyncio
from dataclasses import replace
from typing import Final

import asyncpg
import pytest

from adapters.fake.script import Fault
from adapters.postgres.engine.database import Database
from adapters.postgres.queues.refund_polls import PostgresRefundPolls
from adapters.system.identifiers import new_refund_id
from domain.errors import ChangedMeanwhile
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import Refund, RefundTooLarge
from domain.payments.refund_polling import DEFAULT_SCHEDULE
from domain.payments.refund_state import IllegalRefundStep, RefundState
from domain.payments.refunds import Refunds
from fakes.samples import BY_SECOND, BY_STAFF, NOTED
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import CALL_MAX, PostgresWorld, student
from worlds.refund_requests import approve_refund, ask_refund, request_refund

ROUNDS: Final = 200
SIXTY: Final = Money(7_080_00)
"""Sixty of a hundred parts of what the course costs."""

EMAILS: Final = "SELECT count(*) FROM outbox WHERE payment_id = $1 AND errand = $2"
STATES: Final = "SELECT state FROM refund WHERE payment_id = $1 ORDER BY number"


async def test_two_of_sixty_of_a_hundred_are_one(world: PostgresWorld) -> None:
    """
    Two hundred times, two officers in the same moment: one succeeds, the other is told what is left.
    """
    await world.stock()

    async def once(number: int) -> tuple[int, list[object]]:
        payment = await world.paid_payment(student(f"s{number}"))
        got, told = await all_at_once(
            ask_refund(world, payment.id, SIXTY.paise, by=by) for by in (BY_STAFF, BY_SECOND)
        )
        return len(got), [(type(each), getattr(each, "left", None)) for each in told]

    ends = []
    for first in range(0, ROUNDS, CROWD // 4):
        ends += await asyncio.gather(*(once(first + n) for n in range(CROWD // 4)))

    left = Money(11_800_00 - SIXTY.paise)
    assert ends == [(1, [(RefundTooLarge, left)])] * ROUNDS
    assert world.gateway.calls[GatewayOperation.REFUND] == ROUNDS
    assert await world.value("SELECT count(*) FROM refund") == ROUNDS
    assert await world.value(
        "SELECT bool_and(refunding_paise = $1 AND refunded_paise = 0) FROM payment", SIXTY.paise
    )


async def test_without_the_codes_check_the_database_refuses_the_second(
    world: PostgresWorld,
) -> None:
    """
    The rule of the domain left out, the second one on fresh state: the rows themselves say no.
    """
    await world.stock()
    payment = await world.paid_payment()
    await _unchecked(world, payment)

    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await _unchecked(world, payment)

    assert refused.value.constraint_name == "ck_payment_refunds"
    assert await world.rows(STATES, payment.id) == [("requested",)]


async def test_without_code_and_version_the_database_refuses_the_second(
    world: PostgresWorld, crowded: Database
) -> None:
    """
    Two writers by SQL alone, each sure to be the only one: whoever commits later does not add up.
    """
    await world.stock()
    payment = await world.paid_payment()

    async def by_hand() -> str | None:
        async with crowded.borrow() as connection, connection.driver.transaction():
            driver: asyncpg.Connection = connection.driver
            try:
                await driver.execute(BY_HAND, payment.id, new_refund_id(), SIXTY.paise)
            except asyncpg.CheckViolationError as refused:
                return str(refused.constraint_name)
            return None

    said = await asyncio.gather(*(by_hand() for _ in range(CROWD)))

    assert sorted(said, key=str) == [None, *["refunds_add_up"] * (CROWD - 1)]
    assert await world.rows(STATES, payment.id) == [("requested",)]


BY_HAND: Final = """
WITH asked AS (
    INSERT INTO refund (payment_id, id, number, amount_paise, state, asked_by, asked_at, reason,
                        revokes, outside, decided_by, bank_reference, arn, error)
    VALUES ($1, $2, 1, $3, 'requested', 'nobody', now(), 'by hand', false, false, '', '', '', '')
    RETURNING id, amount_paise),
watched AS (
    INSERT INTO refund_watch (payment_id, refund_id, watched_since, due_at)
    SELECT $1, id, now(), now() FROM asked)
UPDATE payment SET refunding_paise = asked.amount_paise FROM asked WHERE payment.id = $1
"""


async def _unchecked(world: PostgresWorld, payment: Payment) -> None:
    """Ask for sixty more parts as if the domain had no rule about it."""
    async with world.unit_of_work() as work:
        current = await work.payments.repository.get(payment.id)
        asked = Refund(
            id=new_refund_id(),
            amount=SIXTY,
            state=RefundState.REQUESTED,
            asked_by=BY_STAFF.actor,
            asked_at=world.clock.now(),
            reason="unchecked",
        )
        refunds = Refunds((*current.refunds.known, asked))
        work.payments.repository.save(replace(current, refunds=refunds), NOTED)
        at = world.clock.now()
        work.refunds.polls.enqueue(current.id, asked.id, since=at, due_at=at)


async def test_many_officers_give_back_all_and_no_more(world: PostgresWorld) -> None:
    """
    Twenty of a tenth at once: ten go, ten are refused, and the bank's books are ours.
    """
    await world.stock()
    payment = await world.paid_payment()
    tenth = Money(payment.captured.paise // 10)

    async def ask() -> None:
        for _ in range(CROWD):
            try:
                await ask_refund(world, payment.id, tenth.paise)
            except ChangedMeanwhile:
                continue
            return

    got, told = await all_at_once(ask() for _ in range(CROWD))

    assert (len(got), {type(each) for each in told}) == (10, {RefundTooLarge})
    known = world.gateway.orders[payment.id].refunds.told
    assert sum(each.amount.paise for each in known if each.amount) == payment.captured.paise
    assert await world.value("SELECT refunding_paise FROM payment") == payment.captured.paise


async def test_refund_and_webhook_meet(world: PostgresWorld) -> None:
    """
    The request's own second look and the news about it, applied in one moment: one of each.
    """
    await world.stock()
    world.gateway.refunds_end(RefundVerdict.PAID)
    for number in range(10):
        payment = await world.paid_payment(student(f"s{number}"))
        world.gateway.fail_next(GatewayOperation.REFUND, Fault.LOST_ANSWER)
        world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)
        asked = await request_refund(world, payment.id, SIXTY.paise)
        await world.receive_webhook(*world.gateway.event(payment.id, "ORDER_REFUNDED"))
        place = MeetingPlace(2)
        officer, bank = (meeting(world, place, only="outbox") for _ in range(2))

        await asyncio.gather(
            officer.send_refund(asked.payment, asked.refund, BY_STAFF),
            bank.process_inbox(),
        )

        assert place.met
        assert await world.state_of(payment.id) == "partially_refunded"
        assert await world.rows(STATES, payment.id) == [("success",)]
        assert await world.value(EMAILS, payment.id, "credit_note") == 1


async def test_one_refund_one_letter_whoever_hears_first(world: PostgresWorld) -> None:
    """
    Webhooks, followers and a student's question bring the end of one refund at the same time.
    """
    await world.stock()
    payment = await world.paid_payment()
    refund = await ask_refund(world, payment.id, payment.captured.paise)
    world.gateway.move_refund(payment.id, refund.id, RefundVerdict.PAID, arn="745376")
    for _ in range(10):
        await world.receive_webhook(*world.gateway.event(payment.id, "ORDER_REFUNDED"))
    world.clock.forward(DEFAULT_SCHEDULE.first)
    facts = await world.read_order(payment.id, payment.student.id)

    await asyncio.gather(
        *(world.process_inbox() for _ in range(5)),
        *(world.poll_refunds() for _ in range(5)),
        *(world.apply(facts, BY_SECOND) for _ in range(5)),
    )

    assert await world.state_of(payment.id) == "refunded"
    assert await world.value(EMAILS, payment.id, "credit_note") == 1
    moves = "SELECT count(*) FROM audit_log WHERE to_state = 'refunded'"
    assert await world.value(moves) == 1
    assert await world.value("SELECT count(*) FROM enrolment WHERE until IS NULL") == 0
    assert await world.value("SELECT count(*) FROM refund_watch") == 0


async def test_one_key_is_one_refund_however_often_it_comes(world: PostgresWorld) -> None:
    """
    Twenty copies of one request at once.
    """
    await world.stock()
    payment = await world.paid_payment()

    async def ask() -> Refund:
        for _ in range(CROWD):
            try:
                return await ask_refund(world, payment.id, SIXTY.paise, key="k")
            except ChangedMeanwhile:
                continue
        return await ask_refund(world, payment.id, SIXTY.paise, key="k")

    got, told = await all_at_once(ask() for _ in range(CROWD))

    assert told == []
    assert len({refund.id for refund in got}) == 1
    assert world.gateway.calls[GatewayOperation.REFUND] == 1


async def test_two_who_approve_send_it_once(world: PostgresWorld) -> None:
    """
    The slower one is told that it is decided.
    """
    await world.stock()
    world.approve_alone_up_to(Money(0))
    payment = await world.paid_payment()
    waiting = await ask_refund(world, payment.id, SIXTY.paise)

    got, told = await all_at_once(approve_refund(world, payment.id, waiting.id) for _ in range(5))

    assert (len(got), {type(each) for each in told}) == (1, {IllegalRefundStep})
    assert world.gateway.calls[GatewayOperation.REFUND] == 1


async def test_two_followers_with_one_lease_send_once(world: PostgresWorld) -> None:
    """
    An intent that died before the call, and a crowd that finds it; later another crowd finds nothing.
    """
    await world.stock()
    payment = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    await ask_refund(world, payment.id, SIXTY.paise)
    world.clock.forward(DEFAULT_SCHEDULE.first)

    handled = await asyncio.gather(*(world.poll_refunds() for _ in range(CROWD)))

    assert sorted(handled) == [0] * (CROWD - 1) + [1]
    assert world.gateway.calls[GatewayOperation.REFUND] == 2
    assert await world.rows(STATES, payment.id) == [("pending",)]


async def test_an_expired_lease_cannot_write(world: PostgresWorld) -> None:
    """
    Two holders know the answer and write it in one moment; the one who was too slow is told so.
    """
    await world.stock()
    watch = PostgresRefundPolls(world.database)
    for number in range(10):
        payment = await world.paid_payment(student(f"s{number}"))
        refund = await ask_refund(world, payment.id, payment.captured.paise)
        world.gateway.move_refund(payment.id, refund.id, RefundVerdict.PAID)
        world.clock.forward(DEFAULT_SCHEDULE.first)
        (late,) = await watch.claim(world.clock.now(), lease=CALL_MAX, at_most=9)
        world.clock.forward(CALL_MAX)
        (held,) = await watch.claim(world.clock.now(), lease=CALL_MAX, at_most=9)
        facts = await world.read_order(payment.id, payment.student.id)
        place = MeetingPlace(2)
        slow, quick = (meeting(world, place, only="refund_watch") for _ in range(2))

        got, told = await all_at_once(
            (
                slow.apply(facts, BY_STAFF, late),
                quick.apply(facts, BY_STAFF, held),
            )
        )

        assert place.met
        assert ([each.state for each in got], {type(each) for each in told}) == (
            [State.REFUNDED],
            {ChangedMeanwhile},
        )
        assert await world.value(EMAILS, payment.id, "credit_note") == 1
    assert await world.value("SELECT count(*) FROM refund_watch") == 0


async def test_who_lost_a_lease_undoes_nothing_by_coming_late(world: PostgresWorld) -> None:
    """
    Not even when all that is left to write is that it looked.
    """
    await world.stock()
    payment = await world.paid_payment()
    await ask_refund(world, payment.id, payment.captured.paise)
    watch = PostgresRefundPolls(world.database)
    world.clock.forward(DEFAULT_SCHEDULE.first)
    (late,) = await watch.claim(world.clock.now(), lease=CALL_MAX, at_most=9)
    world.clock.forward(CALL_MAX)
    (held,) = await watch.claim(world.clock.now(), lease=CALL_MAX, at_most=9)
    facts = await world.read_order(payment.id, payment.student.id)

    with pytest.raises(ChangedMeanwhile):
        await world.apply(facts, BY_STAFF, late)

    assert held.generation == await world.value("SELECT generation FROM refund_watch")
    assert await world.value("SELECT lease_until FROM refund_watch") == world.clock.now() + CALL_MAX
