"""Pollers in many processes: each question is asked by one of them, and an expired lease cannot write."""

import asyncio
from datetime import timedelta

import pytest

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Outcome
from adapters.postgres.engine.database import Database
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import BY_CALLBACK, CALL_MAX, HandClock, PostgresWorld, student, wanted

FIRST = timedelta(seconds=15)
MOMENT = timedelta(microseconds=1)
AGAIN = range(3)


class PausedBank(FakeGateway):
    """Tells that it was asked, and keeps the asker waiting between its answer and their hearing it."""

    def __init__(self, other: FakeGateway) -> None:
        super().__init__()
        self.orders = other.orders
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        facts = await super().read_order(payment, student)
        self.asked.set()
        await self.go_on.wait()
        return facts


async def opened(world: PostgresWorld) -> Payment:
    await world.stock()
    payment = await world.initiate(wanted())
    world.clock.forward(FIRST)
    return payment


async def test_many_pollers_share_the_questions(world: PostgresWorld) -> None:
    """
    Each is asked once, however many workers there are.
    """
    await world.stock()
    for number in range(CROWD):
        await world.initiate(wanted(student(f"S-{number}")))
    world.clock.forward(FIRST)

    asked = await asyncio.gather(*(world.poll_orders() for _ in range(5)))

    assert sum(asked) == CROWD
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == CROWD


async def test_a_worker_paused_past_its_lease_writes_nothing(
    world: PostgresWorld, crowded: Database
) -> None:
    """
    The second worker took the question over and settled it; the first wakes up with older news.
    """
    payment = await opened(world)
    bank = PausedBank(world.gateway)
    sleeper = PostgresWorld.open(crowded, bank, HandClock(world.clock.at))
    world.gateway.pay(payment.id, Outcome.PENDING)
    paused = asyncio.create_task(sleeper.poll_orders())
    await bank.asked.wait()

    world.clock.forward(CALL_MAX - MOMENT)
    assert await world.poll_orders() == 0
    world.clock.forward(MOMENT)
    world.gateway.pay(payment.id, Outcome.FAILURE)
    assert await world.poll_orders() == 1
    rows = (
        "SELECT p.state, p.version, q.generation, q.due_at, (SELECT count(*) FROM audit_log)"
        " FROM payment p JOIN question q USING (id)"
    )
    written = await world.rows(rows)
    assert written[0][0] == "failed"

    bank.go_on.set()
    assert await paused == 1

    assert await world.rows(rows) == written


async def test_a_worker_within_its_lease_writes(world: PostgresWorld, crowded: Database) -> None:
    """
    The pause alone is not what is refused.
    """
    payment = await opened(world)
    bank = PausedBank(world.gateway)
    sleeper = PostgresWorld.open(crowded, bank, HandClock(world.clock.at))
    world.gateway.pay(payment.id, Outcome.PENDING)
    paused = asyncio.create_task(sleeper.poll_orders())
    await bank.asked.wait()

    bank.go_on.set()
    assert await paused == 1

    assert await world.state_of(payment.id) == "processing"


@pytest.mark.parametrize("_", AGAIN)
async def test_poller_and_others_find_one_sale(world: PostgresWorld, _: int) -> None:
    """
    Webhook, callback and poller write at the same moment: sold once, and nobody asks any more.
    """
    payment = await opened(world)
    world.gateway.pay(payment.id)
    await world.receive_webhook(*world.gateway.event(payment.id))
    place = MeetingPlace(3)
    poller, inbox, callback = (meeting(world, place, only="UPDATE payment") for _ in range(3))

    got, told = await all_at_once(
        [
            poller.poll_orders(),
            inbox.process_inbox(),
            callback.receive_callback(world.gateway.return_fields(payment.id), BY_CALLBACK),
        ]
    )

    assert place.met
    assert not told
    assert len(got) == 3
    assert await world.rows(
        "SELECT (SELECT count(*) FROM enrolment), (SELECT count(*) FROM outbox),"
        " (SELECT count(*) FROM audit_log WHERE action = 'payment.moved'),"
        " (SELECT count(*) FROM question)"
    ) == [(1, 1, 1, 0)]
