"""Two clicks, ten tabs, a client that retries: there is one live payment and nobody is charged twice."""

import asyncio
from dataclasses import replace

import pytest

from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.catalogue.discount import DiscountRefusal, DiscountRefused
from domain.money import Money
from domain.payments.client_reference import ClientReferenceUsed
from ports.idempotency import IdempotencyKeyInUse
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import CODE, COURSE, PostgresWorld, code, student, wanted

AGAIN = range(3)


@pytest.mark.parametrize("crowd", [2, CROWD])
async def test_of_many_initiations_at_once_one_opens_a_payment(
    world: PostgresWorld, crowd: int
) -> None:
    """
    All of them saw that nothing was live; the database lets one in and the others are told of it.
    """
    await world.stock()
    for number in AGAIN:
        who, place = student(f"Asha-{number}"), MeetingPlace(crowd)
        racer = meeting(world, place, only="INSERT INTO payment")

        got, told = await all_at_once(racer.initiate(wanted(who)) for _ in range(crowd))

        assert place.met
        assert len(got) == 1
        assert {PaymentInProgress} == {type(each) for each in told}
        assert {got[0].id} == {each.payment for each in told if isinstance(each, PaymentInProgress)}
        assert await world.rows("SELECT id, state FROM payment WHERE student_id = $1", who.id) == [
            (got[0].id, "pending")
        ]
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == len(AGAIN)


async def test_one_key_twenty_times_at_once_opens_one_payment(world: PostgresWorld) -> None:
    """
    A client that lost its patience gets the same answer or is asked to wait, never a second payment.
    """
    await world.stock(code())
    for number in AGAIN:
        who, place = student(f"Asha-{number}"), MeetingPlace(CROWD)
        racer = meeting(world, place, only="INSERT INTO payment")
        asked = wanted(who, code=CODE, key="the same")

        got, told = await all_at_once(racer.initiate(asked) for _ in range(CROWD))

        assert place.met
        assert {IdempotencyKeyInUse} >= {type(each) for each in told}
        assert len({payment.id for payment in got}) == 1
        assert got[0].id == (await world.initiate(asked)).id
        assert await world.value("SELECT count(*) FROM payment WHERE student_id = $1", who.id) == 1
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == len(AGAIN)
    assert await world.value("SELECT used FROM discount") == len(AGAIN)


async def test_two_keys_at_once_open_one_payment(world: PostgresWorld) -> None:
    """
    The other key is not spent on a refusal: it may be used again when the way is free.
    """
    await world.stock()
    place = MeetingPlace(2)
    racer = meeting(world, place, only="INSERT INTO payment")

    got, told = await all_at_once(racer.initiate(wanted(key=key)) for key in ("one", "other"))

    assert place.met
    assert [len(got), [type(each) for each in told]] == [1, [PaymentInProgress]]
    assert await world.value("SELECT count(*) FROM idempotency") == 1


@pytest.mark.parametrize("crowd", [2, CROWD])
async def test_the_last_slot_goes_to_one_buyer(world: PostgresWorld, crowd: int) -> None:
    """
    All of them saw the slot free. The code's count never passes its limit.
    """
    await world.stock(code(limit=1))
    place = MeetingPlace(crowd)
    racer = meeting(world, place, only="INSERT INTO payment")
    buyers = [student(f"Student-{number}") for number in range(crowd)]

    got, told = await all_at_once(racer.initiate(wanted(buyer, code=CODE)) for buyer in buyers)

    assert place.met
    assert len(got) == 1
    assert {DiscountRefusal.USED_UP} == {
        each.reason for each in told if isinstance(each, DiscountRefused)
    }
    assert len(told) == crowd - 1
    assert await world.value("SELECT used FROM discount") == 1
    assert await world.rows("SELECT student_id, used FROM discount_use") == [(got[0].student.id, 1)]


async def test_seven_slots_go_to_seven_of_twenty(world: PostgresWorld) -> None:
    """
    Slots are not lost in the crush either.
    """
    await world.stock(code(limit=7))
    place = MeetingPlace(CROWD)
    racer = meeting(world, place, only="INSERT INTO payment")

    got, told = await all_at_once(
        racer.initiate(wanted(student(f"Student-{number}"), code=CODE)) for number in range(CROWD)
    )

    assert [place.met, len(got), len(told)] == [True, 7, CROWD - 7]
    assert await world.value("SELECT used FROM discount") == 7


async def test_a_free_course_opens_once(world: PostgresWorld) -> None:
    """
    Nothing to pay, so the first unit enrols at once; of many, one does and one slot is used.
    """
    await world.stock(code(percent=100))
    place = MeetingPlace(CROWD)
    racer = meeting(world, place, only="INSERT INTO payment")

    got, told = await all_at_once(racer.initiate(wanted(code=CODE)) for _ in range(CROWD))

    assert place.met
    assert len(got) == 1
    assert {AlreadyEnrolled} == {type(each) for each in told}
    assert await world.value("SELECT count(*) FROM enrolment") == 1
    assert await world.value("SELECT count(*) FROM outbox") == 1
    assert await world.value("SELECT used FROM discount") == 1
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == 0


async def test_a_price_change_leaves_an_open_quote_alone(world: PostgresWorld) -> None:
    """
    Staff change price and code while students pay: each pays what the quote they accepted said.
    """
    await world.stock(code())
    before = await world.initiate(wanted(code=CODE))
    world.gateway.pay(before.id)
    dearer = [
        replace(COURSE, list_price=Money(15_000_00 + step * 1_000_00)) for step in range(CROWD)
    ]
    buyers = [student(f"Buyer-{number}") for number in range(CROWD)]

    await asyncio.gather(
        *(world.stock(code(percent=50), courses=(course,)) for course in dearer),
        *(world.initiate(wanted(buyer)) for buyer in buyers),
        world.receive_callback(world.gateway.return_fields(before.id), wanted().origin),
    )

    assert await world.rows(
        "SELECT state, list_price_paise, discount_paise, captured_paise FROM payment WHERE id = $1",
        before.id,
    ) == [("success", 11_800_00, 1_180_00, 10_620_00)]
    assert await world.value("SELECT used FROM discount") == 1
    prices = await world.rows("SELECT list_price_paise FROM payment WHERE id <> $1", before.id)
    assert len(prices) == CROWD
    assert {paise for (paise,) in prices} <= {
        course.list_price.paise for course in (COURSE, *dearer)
    }


async def test_two_purchases_at_once_under_one_reference_begin_one(world: PostgresWorld) -> None:
    """
    Both saw that nothing bore it; the database lets one in, and the other is told of that payment.
    """
    await world.stock()
    for number in AGAIN:
        order, place = f"order-{number}", MeetingPlace(2)
        racer = meeting(world, place, only="INSERT INTO payment")
        buyers = [student(f"Asha-{number}"), student(f"Ravi-{number}")]

        got, told = await all_at_once(
            racer.initiate(wanted(who, reference=order)) for who in buyers
        )

        assert place.met
        assert [type(each) for each in told] == [ClientReferenceUsed]
        assert [each.payment for each in told if isinstance(each, ClientReferenceUsed)] == [
            got[0].id
        ]
        bearers = await world.rows("SELECT id FROM payment WHERE client_reference = $1", order)
        assert bearers == [(got[0].id,)]
