"""A student decides to pay: one live payment, and one session at the bank."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.catalogue.amount_limits import AmountOutOfLimits
from domain.catalogue.discount import DiscountRefusal, DiscountRefused, DiscountUses
from domain.catalogue.expected_quote import ExpectedQuote, PriceChanged
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import ZERO, Money
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.payment_state import State
from fakes.samples import ASHA, BY_ASHA, LIFETIME, RAVI, a_code, a_course
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import KEY, MemoryWorld

OPEN = GatewayOperation.CREATE_SESSION
READ = GatewayOperation.READ_ORDER
MOMENT = timedelta(microseconds=1)


async def test_a_payment_gets_its_session(world: MemoryWorld) -> None:
    """
    Pending, priced, with the bank's page and 15 minutes; its origin is in the audit log.
    """
    payment = await world.begin_payment()

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url.endswith(payment.id)
    assert payment.state is State.PENDING
    assert payment.quote.payable == Money(118000)
    assert payment.expires_at == world.clock.now() + LIFETIME
    assert replace(payment, version=1) == world.payment(payment.id)
    (line,) = world.audited("payment.opened")
    assert (BY_ASHA, payment.id, State.PENDING) == (line.origin, line.subject, line.to_state)
    assert line.facts == {"course": "algebra", "payable_paise": "118000"}


async def test_the_order_has_what_the_bank_needs(world: MemoryWorld) -> None:
    """
    Student, amount, a short description, and the lifetime of the session.
    """
    world.memory.store.courses[a_course().id] = replace(a_course(), title="x" * 200)
    payment = await world.begin_payment()

    order = world.gateway.orders[payment.id].asked
    assert (ASHA, Money(118000), "x" * 200, LIFETIME) == (
        order.student,
        order.amount,
        order.description,
        order.lifetime,
    )


async def test_a_price_that_was_not_seen_opens_nothing(world: MemoryWorld) -> None:
    """
    Neither a payment nor a session, no slot and no key is taken, and the refusal is recorded.
    """
    world.add_code(a_code(total_limit=1))
    seen = ExpectedQuote(payable=Money(1062_00))
    world.add_course(rupees=10_620)

    with pytest.raises(PriceChanged) as refused:
        await world.begin_payment(code="TEN", key=KEY, expected=seen)

    assert (refused.value.before, refused.value.now) == (Money(1062_00), Money(9558_00))
    assert not world.memory.store.payments
    assert not world.memory.store.idempotency
    assert world.code_uses().total == 0
    assert not world.gateway.calls
    (line,) = world.audited("payment.refused")
    assert line.facts["refusal"] == "PriceChanged"


async def test_the_price_that_was_seen_is_charged(world: MemoryWorld) -> None:
    """
    After a refusal the same key opens the payment for the new price.
    """
    world.add_course(rupees=2360)
    with pytest.raises(PriceChanged):
        await world.begin_payment(key=KEY, expected=ExpectedQuote(payable=Money(1180_00)))

    agreed = ExpectedQuote(payable=Money(2360_00))
    payment = await world.begin_payment(key=KEY, body="b", expected=agreed)

    assert payment.quote.payable == Money(2360_00)


async def test_what_was_opened_is_answered_whatever_the_price_is_now(world: MemoryWorld) -> None:
    """
    A repeat is for the payment that was agreed to, not for today's price.
    """
    seen = ExpectedQuote(payable=Money(1180_00))
    first = await world.begin_payment(key=KEY, expected=seen)
    world.add_course(rupees=2360)

    again = await world.begin_payment(key=KEY, expected=seen)

    assert (again.id, again.quote.payable) == (first.id, Money(1180_00))


async def test_nothing_to_pay_opens_the_course_at_once(world: MemoryWorld) -> None:
    """
    A full discount: the bank is not called, the student enrolled, an email due, the slot taken, the key answered.
    """
    world.add_code(a_code("FREE", percent=100, total_limit=1))

    payment = await world.begin_payment(code="FREE", key=KEY)

    store = world.memory.store
    assert (
        payment.state,
        payment.quote.payable,
        payment.gateway_order,
    ) == (State.SUCCESS, ZERO, None)
    assert payment.reservation is DiscountReservation.COMMITTED
    assert list(store.enrolments) == [payment.id]
    assert [row.payment for row in store.outbox.values()] == [payment.id]
    assert not world.gateway.calls
    assert world.code_uses("FREE").total == 1
    assert payment == await world.begin_payment(code="FREE", key=KEY)
    assert len(store.payments) == 1


async def test_a_discount_is_reserved_while_the_student_pays(world: MemoryWorld) -> None:
    """
    The slot is taken with the payment, not with the money.
    """
    world.add_code(a_code(total_limit=1))

    payment = await world.begin_payment(code="TEN")

    assert payment.reservation is DiscountReservation.RESERVED
    assert payment.quote.payable == Money(106200)
    assert DiscountUses(total=1, by_student=1) == world.code_uses()


@pytest.mark.parametrize(
    ("refusal", "discount"),
    [
        (DiscountRefusal.UNKNOWN, None),
        (DiscountRefusal.INACTIVE, replace(a_code(), active=False)),
        (DiscountRefusal.NOT_YET_VALID, "later"),
        (DiscountRefusal.EXPIRED, "earlier"),
        (DiscountRefusal.WRONG_COURSE, replace(a_code(), courses=frozenset({a_course("b").id}))),
        (DiscountRefusal.BELOW_MINIMUM, replace(a_code(), min_order=Money(118001))),
        (DiscountRefusal.USED_UP, a_code(total_limit=2)),
        (DiscountRefusal.USED_UP_BY_STUDENT, a_code(per_student_limit=1)),
    ],
)
async def test_a_code_that_does_not_hold_is_refused_with_its_reason(
    world: MemoryWorld, refusal: DiscountRefusal, discount: object
) -> None:
    """
    Nothing is opened, nothing is reserved, and the attempt is audited.
    """
    now = world.clock.now()
    if discount == "later":
        discount = replace(a_code(), valid_from=now + MOMENT)
    if discount == "earlier":
        discount = replace(a_code(), valid_to=now)
    store = world.memory.store
    if discount is not None:
        assert isinstance(discount, type(a_code()))
        world.add_code(discount)
        store.uses["TEN"] = 2
        store.uses_by_student["TEN", ASHA.id] = 1

    with pytest.raises(DiscountRefused) as refused:
        await world.begin_payment(code="TEN")

    assert refused.value.reason is refusal
    assert not store.payments
    assert store.uses.get("TEN", 0) == (2 if discount else 0)
    assert [line.facts["refusal"] for line in world.audited("payment.refused")] == [
        "DiscountRefused"
    ]


async def test_the_last_slot_goes_to_one_of_two(world: MemoryWorld) -> None:
    """
    The slower of two buyers is refused: the code is used up.
    """
    world.add_code(a_code(total_limit=1))

    outcomes = await asyncio.gather(
        world.begin_payment(ASHA, code="TEN"),
        world.begin_payment(RAVI, code="TEN"),
        return_exceptions=True,
    )

    assert [type(each) for each in outcomes if isinstance(each, Exception)] == [DiscountRefused]
    assert world.code_uses().total == 1


async def test_two_initiations_at_once_leave_one_live_payment(world: MemoryWorld) -> None:
    """
    The slower is shown the other's payment.
    """
    outcomes = await asyncio.gather(
        *(world.begin_payment() for _ in range(5)), return_exceptions=True
    )

    refused = [each for each in outcomes if isinstance(each, PaymentInProgress)]
    assert (len(refused), len(world.memory.store.payments)) == (4, 1)
    assert world.gateway.calls[OPEN] == 1


async def test_a_live_payment_is_shown_not_doubled(world: MemoryWorld) -> None:
    """
    With its session, so that the student can continue; another student may begin their own.
    """
    payment = await world.begin_payment()
    assert payment.gateway_order

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment()

    assert (payment.id, payment.gateway_order.payment_url, payment.expires_at) == (
        live.value.payment,
        live.value.payment_url,
        live.value.expires_at,
    )
    assert not world.gateway.calls[READ]
    assert (await world.begin_payment(RAVI)).state is State.PENDING


async def test_a_course_is_not_sold_twice_to_one_student(world: MemoryWorld) -> None:
    """
    Who is enrolled does not pay again.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)

    with pytest.raises(AlreadyEnrolled):
        await world.begin_payment()


@pytest.mark.parametrize("active", [None, False])
async def test_what_is_not_on_sale_is_not_found(world: MemoryWorld, active: object) -> None:
    """
    An unknown course, and one that is not on sale any more, are refused alike.
    """
    if active is False:
        world.add_course("botany", active=False)

    with pytest.raises(NotFound):
        await world.begin_payment(course="botany")


async def test_the_gateways_limits_hold(world: MemoryWorld) -> None:
    """
    Below ten rupees nothing is opened.
    """
    world.add_course("botany", rupees=9)

    with pytest.raises(AmountOutOfLimits):
        await world.begin_payment(course="botany")


async def test_a_refused_attempt_is_audited_with_where_it_came_from(world: MemoryWorld) -> None:
    """
    Address and user agent stand in the trail for attempts that came to nothing too.
    """
    with pytest.raises(NotFound):
        await world.begin_payment(course="botany")

    (line,) = world.audited("payment.refused")
    assert (line.origin, line.subject) == (BY_ASHA, "student:asha")
    assert line.facts == {"course": "botany", "refusal": "NotFound"}
    assert (line.origin.ip, line.origin.user_agent) == ("192.0.2.7", "a browser")


async def test_without_a_store_there_is_no_trail(world: MemoryWorld) -> None:
    """
    The store's own failure comes out as it is; nothing more is asked of it.
    """
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await world.begin_payment()

    assert not world.memory.store.audit


async def test_conflicts_without_end_are_an_error(world: MemoryWorld) -> None:
    """
    Deciding again has a limit; then there is a refusal, and no payment.
    """
    world.memory.unit_of_work.gateway_failure.extend([ChangedMeanwhile("x")] * 8)

    with pytest.raises(ChangedMeanwhile):
        await world.begin_payment()

    assert not world.memory.store.payments
