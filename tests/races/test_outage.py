"""The bank goes away in the middle of a busy day: its news is kept, and everything catches up when it is back."""

from adapters.breaker.circuit import CircuitState
from adapters.breaker.gateway import TRIES_MAX
from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Fault
from adapters.postgres.engine.database import Database
from fakes.guard import OPEN_FOR, guarded
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.racing import all_at_once
from worlds.postgres import HandClock, PostgresWorld, student, wanted

STILL_TO_DO = "SELECT count(*) FROM inbox WHERE state <> 'applied'"
SOLD = "SELECT count(*) FROM enrolment"
TURNS = 30
RESTS_MAX = 6


async def test_everything_catches_up_after_an_outage(crowded: Database) -> None:
    """
    Twenty pay while nobody can be asked: every webhook is taken, the silent bank is hardly called,
    and within two rests of its return each of them is enrolled once.
    """
    bank, clock = FakeGateway(), HandClock()
    guard = guarded(bank, clock)
    world = PostgresWorld.open(crowded, bank, clock, guard=guard)
    await world.stock()
    payments = [await world.initiate(wanted(student(f"S{number}"))) for number in range(CROWD)]
    for payment in payments:
        bank.pay(payment.id)

    bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=10_000)
    kept, refused = await all_at_once(
        world.receive_webhook(*bank.event(payment.id)) for payment in payments
    )
    for _ in range(TURNS):
        await world.process_inbox()
        clock.forward(OPEN_FOR)

    assert (kept, refused) == ([EntryState.NEW] * CROWD, [])
    assert guard.states()[GatewayOperation.READ_ORDER] is not CircuitState.CLOSED
    # The first rush meets a bank that nobody knows to be away; from then on one question a rest.
    assert bank.calls[GatewayOperation.READ_ORDER] <= TRIES_MAX * CROWD + TURNS

    bank.answers_again(GatewayOperation.READ_ORDER)
    for _ in range(2 * RESTS_MAX):
        clock.forward(OPEN_FOR)
        await world.process_inbox()

    assert await world.value(STILL_TO_DO) == 0
    assert await world.value(SOLD) == CROWD
    for payment in payments:
        assert await world.state_of(payment.id) == "success"
