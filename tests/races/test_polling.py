"""Pollers in many processes: each question is asked by one of them, and an expired lease cannot write."""

import asyncio
from datetime import timedelta

import pytest

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Operation, Outcome
from adapters.postgres.engine.database import Database
from domain.identifiers import PaymentId, StudentId
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import BY_CALLBACK, CALL_MAX, HandClock, Shop, student, wanted

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


async def opened(shop: Shop) -> Payment:
    await shop.stock()
    payment = await shop.initiate(wanted())
    shop.clock.forward(FIRST)
    return payment


async def test_many_pollers_share_the_questions(shop: Shop) -> None:
    """
    Each is asked once, however many workers there are.
    """
    await shop.stock()
    for number in range(CROWD):
        await shop.initiate(wanted(student(f"S-{number}")))
    shop.clock.forward(FIRST)

    asked = await asyncio.gather(*(shop.poll_orders() for _ in range(5)))

    assert sum(asked) == CROWD
    assert shop.gateway.calls[Operation.READ_ORDER] == CROWD


async def test_a_worker_paused_past_its_lease_writes_nothing(shop: Shop, crowded: Database) -> None:
    """
    The second worker took the question over and settled it; the first wakes up with older news.
    """
    payment = await opened(shop)
    bank = PausedBank(shop.gateway)
    sleeper = Shop.open(crowded, bank, HandClock(shop.clock.at))
    shop.gateway.pay(payment.id, Outcome.PENDING)
    paused = asyncio.create_task(sleeper.poll_orders())
    await bank.asked.wait()

    shop.clock.forward(CALL_MAX - MOMENT)
    assert await shop.poll_orders() == 0
    shop.clock.forward(MOMENT)
    shop.gateway.pay(payment.id, Outcome.FAILURE)
    assert await shop.poll_orders() == 1
    rows = (
        "SELECT p.state, p.version, q.generation, q.due_at, (SELECT count(*) FROM audit_log)"
        " FROM payment p JOIN question q USING (id)"
    )
    written = await shop.rows(rows)
    assert written[0][0] == "failed"

    bank.go_on.set()
    assert await paused == 1

    assert await shop.rows(rows) == written


async def test_a_worker_within_its_lease_writes(shop: Shop, crowded: Database) -> None:
    """
    The pause alone is not what is refused.
    """
    payment = await opened(shop)
    bank = PausedBank(shop.gateway)
    sleeper = Shop.open(crowded, bank, HandClock(shop.clock.at))
    shop.gateway.pay(payment.id, Outcome.PENDING)
    paused = asyncio.create_task(sleeper.poll_orders())
    await bank.asked.wait()

    bank.go_on.set()
    assert await paused == 1

    assert await shop.state_of(payment.id) == "processing"


@pytest.mark.parametrize("_", AGAIN)
async def test_poller_and_others_find_one_sale(shop: Shop, _: int) -> None:
    """
    Webhook, callback and poller write at the same moment: sold once, and nobody asks any more.
    """
    payment = await opened(shop)
    shop.gateway.pay(payment.id)
    await shop.receive_webhook(*shop.gateway.event(payment.id))
    place = MeetingPlace(3)
    poller, inbox, deps = (meeting(shop, place, only="UPDATE payment") for _ in range(3))

    got, told = await all_at_once(
        [
            poller.poll_orders(),
            inbox.process_inbox(),
            deps.receive_callback(shop.gateway.return_fields(payment.id), BY_CALLBACK),
        ]
    )

    assert place.met
    assert not told
    assert len(got) == 3
    assert await shop.rows(
        "SELECT (SELECT count(*) FROM enrolment), (SELECT count(*) FROM outbox),"
        " (SELECT count(*) FROM audit_log WHERE action = 'payment.moved'),"
        " (SELECT count(*) FROM question)"
    ) == [(1, 1, 1, 0)]
