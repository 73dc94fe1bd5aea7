"""The webhook of a second, paid attempt is lost after the first one failed: the student is enrolled once."""

import asyncio
from datetime import timedelta

import pytest

from adapters.fake.script import Outcome
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.payments.payment import Payment
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, CODE, LAPSE, PostgresWorld, code, origin, wanted

MINUTE = timedelta(minutes=1)
AGAIN = range(3)
SOLD = (
    "SELECT p.state, p.redemption,"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id),"
    " (SELECT count(*) FROM outbox WHERE payment_id = p.id AND errand <> 'payment_failure'),"
    " (SELECT used FROM discount)"
    " FROM payment p WHERE id = $1"
)
STATES = {"failed": "failed", "cancelled": "failed", "expired": "expired"}
"""By how a payment ended here: one that its student cancelled is a failed one."""

ONCE = [("success", "honoured_late", 1, 1, 1)]


async def paid_unheard_of(world: PostgresWorld, ended: str) -> Payment:
    """Return a payment that came to nothing, as far as we heard, and was then paid on the same page."""
    await world.stock(code(limit=1))
    payment = await world.initiate(wanted(code=CODE))
    if ended == "failed":
        world.gateway.pay(payment.id, Outcome.FAILURE)
        await world.receive_webhook(*world.gateway.event(payment.id, "ORDER_FAILED"))
        assert await world.process_inbox() == 1
    elif ended == "cancelled":
        await world.cancel_payment(payment.id, ASHA.id, origin(ASHA))
    else:
        world.clock.forward(LAPSE)
        assert await world.poll_orders() == 1
    assert await world.state_of(payment.id) == STATES[ended]
    assert await world.value("SELECT used FROM discount") == 0
    world.gateway.pay(payment.id)
    world.clock.forward(MINUTE)
    return payment


@pytest.mark.parametrize("ended", STATES)
async def test_the_sweeper_finds_the_lost_sale(world: PostgresWorld, ended: str) -> None:
    """
    Nobody told us and nobody asked: enrolled, an email due, the slot used; and polled no more.
    """
    payment = await paid_unheard_of(world, ended)

    assert await world.poll_orders() == 1

    assert await world.rows(SOLD, payment.id) == ONCE
    view = await world.check_status(payment.id, ASHA.id, origin(ASHA))
    assert (view.status, view.enrolled, view.failure_reason) == ("success", True, None)
    assert [step.state for step in view.timeline] == ["pending", STATES[ended], "success"]
    world.clock.forward(MINUTE)
    assert await world.poll_orders() == 0


@pytest.mark.parametrize("ended", ["failed", "expired"])
async def test_the_status_page_finds_the_lost_sale(world: PostgresWorld, ended: str) -> None:
    """
    The student looks at what they were told had failed.
    """
    payment = await paid_unheard_of(world, ended)

    view = await world.check_status(payment.id, ASHA.id, origin(ASHA))

    assert (view.status, view.enrolled) == ("success", True)
    assert await world.rows(SOLD, payment.id) == ONCE


@pytest.mark.parametrize("ended", ["failed", "expired"])
async def test_who_tries_to_pay_again_finds_the_lost_sale(world: PostgresWorld, ended: str) -> None:
    """
    No second page and no second payment: the course is theirs.
    """
    payment = await paid_unheard_of(world, ended)

    with pytest.raises(AlreadyEnrolled):
        await world.initiate(wanted(key="another try"))

    assert await world.rows(SOLD, payment.id) == ONCE
    assert await world.rows("SELECT id FROM payment") == [(payment.id,)]
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == 1


@pytest.mark.parametrize("_", AGAIN)
async def test_everybody_who_looks_at_once_finds_it_once(world: PostgresWorld, _: int) -> None:
    """
    Sweeper, a late callback and two new attempts, each in another process, meeting as they write:
    one sale, one enrolment, one email, one slot.
    """
    payment = await paid_unheard_of(world, "failed")
    place = MeetingPlace(4)
    sweeper, callback, one, other = (meeting(world, place, only="UPDATE payment") for _ in range(4))

    got, told = await all_at_once(
        [
            sweeper.poll_orders(),
            callback.receive_callback(world.gateway.return_fields(payment.id), BY_CALLBACK),
            one.initiate(wanted()),
            other.initiate(wanted()),
        ]
    )

    assert place.met
    assert len(got) == 2
    assert [AlreadyEnrolled] * 2 == [type(each) for each in told]
    assert await world.rows(SOLD, payment.id) == ONCE
    assert await world.value("SELECT count(*) FROM payment") == 1


async def test_many_sweepers_share_the_unsold(world: PostgresWorld) -> None:
    """
    Each is asked about by one of them.
    """
    payment = await paid_unheard_of(world, "failed")
    before = world.gateway.calls[GatewayOperation.READ_ORDER]

    asked = await asyncio.gather(*(world.poll_orders() for _ in range(CROWD)))

    assert sum(asked) == 1
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == before + 1
    assert await world.rows(SOLD, payment.id) == ONCE
