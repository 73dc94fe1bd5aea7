"""A student decides to pay: one live payment, one page at the bank, and the same answer to the same question."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault, Operation, Outcome
from application.initiate_payment import AlreadyEnrolled
from application.keyed import KeyBusy, KeyReused, LiveAttemptExists
from domain.discount import DiscountRefusal, DiscountRefused, DiscountUses
from domain.errors import ChangedMeanwhile, NotFound
from domain.failure import Failure
from domain.money import ZERO, Money
from domain.order_facts import Attention
from domain.payment import GatewayOrder, Payment
from domain.payment_state import State
from domain.quote import AmountOutOfLimits
from domain.redemption import Redemption
from fakes.academy import CALL_MAX, KEY, Academy
from fakes.samples import (
    ASHA,
    BY_ASHA,
    LAPSE,
    LIFETIME,
    RAVI,
    a_code,
    a_course,
    payment_id,
)
from ports.payment_gateway import (
    GatewayAway,
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayRefused,
    GatewayTrouble,
    GatewayUnclear,
)
from ports.unit_of_work import StorageUnavailable

OPEN = Operation.CREATE_SESSION
READ = Operation.READ_ORDER
MOMENT = timedelta(microseconds=1)


class Died(BaseException):
    """The process ends here; nothing after it runs."""


async def test_a_payment_gets_its_page(academy: Academy) -> None:
    """
    Pending, priced, with the bank's page and 15 minutes; audited with where it came from.
    """
    payment = await academy.opens()

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url.endswith(payment.id)
    assert payment.state is State.PENDING
    assert payment.quote.payable == Money(118000)
    assert payment.expires_at == academy.clock.now() + LIFETIME
    assert replace(payment, version=1) == academy.payment(payment.id)
    (line,) = academy.audited("payment.opened")
    assert (BY_ASHA, payment.id, State.PENDING) == (line.origin, line.subject, line.to_state)
    assert line.facts == {"course": "algebra", "payable_paise": "118000"}


async def test_the_bank_is_told_what_it_needs(academy: Academy) -> None:
    """
    Student, amount, a short description, and how long the page may live.
    """
    academy.memory.store.courses[a_course().id] = replace(a_course(), title="x" * 200)
    payment = await academy.opens()

    order = academy.gateway.orders[payment.id].asked
    assert (ASHA, Money(118000), "x" * 200, LIFETIME) == (
        order.student,
        order.amount,
        order.description,
        order.lifetime,
    )


async def test_nothing_to_pay_opens_the_course_at_once(academy: Academy) -> None:
    """
    A full discount: no bank, enrolled, a letter due, the slot committed, the key answered.
    """
    academy.offers(a_code("FREE", percent=100, total_limit=1))

    payment = await academy.opens(code="FREE", key=KEY)

    store = academy.memory.store
    assert (
        payment.state,
        payment.quote.payable,
        payment.gateway_order,
    ) == (State.SUCCESS, ZERO, None)
    assert payment.redemption is Redemption.COMMITTED
    assert list(store.enrolments) == [payment.id]
    assert [row.payment for row in store.outbox.values()] == [payment.id]
    assert not academy.gateway.calls
    assert academy.uses("FREE").total == 1
    assert payment == await academy.opens(code="FREE", key=KEY)
    assert len(store.payments) == 1


async def test_a_discount_is_reserved_while_the_student_pays(academy: Academy) -> None:
    """
    The slot is taken with the payment, not with the money.
    """
    academy.offers(a_code(total_limit=1))

    payment = await academy.opens(code="TEN")

    assert payment.redemption is Redemption.RESERVED
    assert payment.quote.payable == Money(106200)
    assert DiscountUses(total=1, by_student=1) == academy.uses()


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
    academy: Academy, refusal: DiscountRefusal, discount: object
) -> None:
    """
    Nothing is opened, nothing is reserved, and the attempt is audited.
    """
    now = academy.clock.now()
    if discount == "later":
        discount = replace(a_code(), valid_from=now + MOMENT)
    if discount == "earlier":
        discount = replace(a_code(), valid_to=now)
    store = academy.memory.store
    if discount is not None:
        assert isinstance(discount, type(a_code()))
        academy.offers(discount)
        store.uses["TEN"] = 2
        store.uses_by_student["TEN", ASHA.id] = 1

    with pytest.raises(DiscountRefused) as refused:
        await academy.opens(code="TEN")

    assert refused.value.reason is refusal
    assert not store.payments
    assert store.uses.get("TEN", 0) == (2 if discount else 0)
    assert [line.facts["refusal"] for line in academy.audited("payment.refused")] == [
        "DiscountRefused"
    ]


async def test_the_last_slot_goes_to_one_of_two(academy: Academy) -> None:
    """
    The slower of two buyers at once is told that the code is used up.
    """
    academy.offers(a_code(total_limit=1))

    outcomes = await asyncio.gather(
        academy.opens(ASHA, code="TEN"), academy.opens(RAVI, code="TEN"), return_exceptions=True
    )

    assert [type(each) for each in outcomes if isinstance(each, Exception)] == [DiscountRefused]
    assert academy.uses().total == 1


async def test_two_initiations_at_once_leave_one_live_payment(academy: Academy) -> None:
    """
    The slower is shown the other's payment.
    """
    outcomes = await asyncio.gather(*(academy.opens() for _ in range(5)), return_exceptions=True)

    refused = [each for each in outcomes if isinstance(each, LiveAttemptExists)]
    assert (len(refused), len(academy.memory.store.payments)) == (4, 1)
    assert academy.gateway.calls[OPEN] == 1


async def test_a_live_attempt_is_shown_not_doubled(academy: Academy) -> None:
    """
    With its page, so that the student can go on; another student is not in the way.
    """
    payment = await academy.opens()
    assert payment.gateway_order

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens()

    assert (payment.id, payment.gateway_order.payment_url, payment.expires_at) == (
        live.value.payment,
        live.value.payment_url,
        live.value.expires_at,
    )
    assert not academy.gateway.calls[READ]
    assert (await academy.opens(RAVI)).state is State.PENDING


async def test_a_course_is_not_sold_twice_to_one_student(academy: Academy) -> None:
    """
    Who is enrolled does not pay again.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    await academy.hears(payment.id)

    with pytest.raises(AlreadyEnrolled):
        await academy.opens()


@pytest.mark.parametrize("active", [None, False])
async def test_what_is_not_on_sale_is_not_found(academy: Academy, active: object) -> None:
    """
    An unknown course and one taken off sale look the same.
    """
    if active is False:
        academy.sells("botany", active=False)

    with pytest.raises(NotFound):
        await academy.opens(course="botany")


async def test_the_gateways_limits_hold(academy: Academy) -> None:
    """
    Below ten rupees nothing is opened.
    """
    academy.sells("botany", rupees=9)

    with pytest.raises(AmountOutOfLimits):
        await academy.opens(course="botany")


async def test_a_refused_attempt_is_audited_with_where_it_came_from(academy: Academy) -> None:
    """
    Address and user agent stand in the trail for attempts that came to nothing too.
    """
    with pytest.raises(NotFound):
        await academy.opens(course="botany")

    (line,) = academy.audited("payment.refused")
    assert (line.origin, line.subject) == (BY_ASHA, "student:asha")
    assert line.facts == {"course": "botany", "refusal": "NotFound"}
    assert (line.origin.ip, line.origin.user_agent) == ("192.0.2.7", "a browser")


async def test_without_a_store_there_is_no_trail(academy: Academy) -> None:
    """
    The store's own failure comes out as it is; nothing more is asked of it.
    """
    academy.memory.unit_of_work.trouble.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await academy.opens()

    assert not academy.memory.store.audit


async def test_somebody_always_faster_is_given_up_on(academy: Academy) -> None:
    """
    Deciding again has a limit; what is left is a refusal, and no payment.
    """
    academy.memory.unit_of_work.trouble.extend([ChangedMeanwhile("x")] * 8)

    with pytest.raises(ChangedMeanwhile):
        await academy.opens()

    assert not academy.memory.store.payments


# The same question again


async def test_the_same_key_has_the_same_answer(academy: Academy) -> None:
    """
    One payment, one session at the bank, also long after.
    """
    first = await academy.opens(key=KEY)
    academy.clock.move(timedelta(hours=1))

    again = await academy.opens(key=KEY)

    assert (first.id, first.gateway_order) == (again.id, again.gateway_order)
    assert academy.gateway.calls[OPEN] == 1


async def test_another_body_under_the_same_key_is_refused(academy: Academy) -> None:
    """
    A key stands for one request.
    """
    await academy.opens(key=KEY)

    with pytest.raises(KeyReused):
        await academy.opens(key=KEY, body="b")


async def test_a_key_at_work_is_busy(academy: Academy) -> None:
    """
    The second of a double click is told to wait, and for how long.
    """
    busy: list[KeyBusy] = []

    async def double_click() -> None:
        with pytest.raises(KeyBusy) as caught:
            await academy.opens(key=KEY)
        busy.append(caught.value)

    academy.gateway.meanwhile.append(double_click)
    await academy.opens(key=KEY)

    assert busy[0].retry_after == CALL_MAX


async def test_a_double_click_opens_one_payment(academy: Academy) -> None:
    """
    Side by side, to the unit: one payment comes of it, whoever is told to wait.
    """
    outcomes = await asyncio.gather(
        *(academy.opens(key=KEY) for _ in range(3)), return_exceptions=True
    )

    (payment,) = academy.memory.store.payments
    assert {each.id if isinstance(each, Payment) else type(each) for each in outcomes} <= {
        payment,
        KeyBusy,
    }


# The bank in trouble


@pytest.mark.parametrize(
    ("fault", "trouble", "failure"),
    [
        (Fault.DOWN, GatewayDown, Failure.GATEWAY_UNREACHABLE),
        (Fault.BUSY, GatewayBusy, Failure.GATEWAY_UNREACHABLE),
        (Fault.DENIED, GatewayDenied, Failure.GATEWAY_REFUSED),
        (Fault.REFUSED, GatewayRefused, Failure.GATEWAY_REFUSED),
    ],
)
async def test_no_page_means_failed_and_everything_free(
    academy: Academy, fault: Fault, trouble: type[GatewayTrouble], failure: Failure
) -> None:
    """
    The place, the slot and the key are free at once; the same request may try again.
    """
    academy.offers(a_code(total_limit=1))
    academy.gateway.fail_next(OPEN, fault)

    with pytest.raises(trouble):
        await academy.opens(code="TEN", key=KEY)

    lost = academy.payment(payment_id(1))
    assert (State.FAILED, failure, Redemption.RELEASED) == (
        lost.state,
        lost.failure,
        lost.redemption,
    )
    assert academy.uses().total == 0
    (line,) = academy.audited("payment.moved")
    assert line.facts["failure"] == failure
    (refused,) = academy.audited("payment.refused")
    assert refused.facts["refusal"] == trouble.__name__
    second = await academy.opens(code="TEN", key=KEY)
    assert (second.id, second.state) == (payment_id(2), State.PENDING)


async def test_while_the_bank_rests_nothing_is_opened(academy: Academy) -> None:
    """
    No failed payment, no slot, no key and no question; as soon as the rest is over, all goes on.
    """
    academy.offers(a_code(total_limit=1))
    academy.bank_rest = timedelta(seconds=7)
    with pytest.raises(GatewayAway) as away:
        await academy.opens(code="TEN", key=KEY)

    assert away.value.retry_after == timedelta(seconds=7)
    assert (academy.memory.store.payments, academy.gateway.calls.total()) == ({}, 0)
    assert academy.uses() == DiscountUses(total=0, by_student=0)
    assert academy.memory.store.idempotency == {}
    (refused,) = academy.audited("payment.refused")
    assert refused.facts["refusal"] == "GatewayAway"

    academy.bank_rest = None
    assert (await academy.opens(code="TEN", key=KEY)).state is State.PENDING


async def test_while_the_bank_rests_what_needs_no_bank_goes_on(academy: Academy) -> None:
    """
    A repeated request is answered as before, and a free course is opened.
    """
    academy.offers(a_code("FREE", percent=100))
    academy.sells("history")
    known = await academy.opens(key=KEY)
    academy.bank_rest = timedelta(seconds=7)

    assert (await academy.opens(key=KEY)).gateway_order == known.gateway_order
    assert (await academy.opens(course="history", code="FREE")).state is State.SUCCESS


async def test_trouble_without_a_key_frees_the_place_too(academy: Academy) -> None:
    """
    The next attempt is a new payment.
    """
    academy.gateway.fail_next(OPEN, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await academy.opens()

    assert (await academy.opens()).id == payment_id(2)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("fault", [Fault.UNCLEAR_BEFORE, Fault.UNCLEAR_AFTER])
async def test_a_lost_answer_proves_nothing(academy: Academy, fault: Fault, key: object) -> None:
    """
    The payment stays pending: money could be on its way already.
    """
    academy.gateway.fail_next(OPEN, fault)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY if key else None)

    assert academy.payment(payment_id(1)).state is State.PENDING


@pytest.mark.parametrize("fault", [Fault.UNCLEAR_BEFORE, Fault.UNCLEAR_AFTER])
async def test_the_same_key_resumes_under_the_same_order(academy: Academy, fault: Fault) -> None:
    """
    Whether or not the bank had heard: one order, one page, one payment.
    """
    academy.gateway.fail_next(OPEN, fault)
    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)
    academy.clock.move(timedelta(seconds=20))

    resumed = await academy.opens(key=KEY)

    assert resumed.gateway_order is not None
    assert (payment_id(1), State.PENDING) == (resumed.id, resumed.state)
    assert list(academy.gateway.orders) == [payment_id(1)]
    assert academy.gateway.orders[resumed.id].asked.lifetime <= LIFETIME
    assert resumed.id == (await academy.opens(key=KEY)).id
    assert academy.gateway.calls[OPEN] == 2


async def test_a_dead_askers_key_is_taken_over(academy: Academy) -> None:
    """
    Whoever opened the payment died before the bank answered: after the lock its request goes on.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX - MOMENT)
    with pytest.raises(KeyBusy):
        await academy.opens(key=KEY)
    academy.clock.move(MOMENT)

    resumed = await academy.opens(key=KEY)

    assert resumed.id == payment_id(1)
    assert resumed.gateway_order is not None


async def test_resuming_without_an_answer_leaves_the_key_free(academy: Academy) -> None:
    """
    The bank is away again: nothing moves, and the next try need not wait.
    """
    await _unclear(academy)
    academy.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.opens(key=KEY)

    assert (await academy.opens(key=KEY)).id == payment_id(1)


async def test_resuming_what_was_paid_answers_with_the_sale(academy: Academy) -> None:
    """
    The page was reached in spite of the lost answer; the sale is the answer, now and later.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1))

    sold = await academy.opens(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert sold.id == (await academy.opens(key=KEY)).id
    assert academy.gateway.calls[READ] == 1


async def test_a_sale_that_news_brought_answers_the_key(academy: Academy) -> None:
    """
    A webhook settled it while nobody asked: same key, same payment, not "already enrolled".
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1))
    await academy.hears(payment_id(1))

    sold = await academy.opens(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert academy.memory.store.idempotency[KEY].sealed


async def test_resuming_what_failed_begins_anew(academy: Academy) -> None:
    """
    The old order was declined; the same request gets a new payment, its key answered with it.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)

    second = await academy.opens(key=KEY)

    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert academy.payment(payment_id(1)).state is State.FAILED
    assert second.id == (await academy.opens(key=KEY)).id


async def test_what_failed_while_nobody_asked_is_not_resumed(academy: Academy) -> None:
    """
    News ended the old payment before the request came again.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)
    await academy.hears(payment_id(1))

    assert (await academy.opens(key=KEY)).id == payment_id(2)


async def test_resuming_an_overdue_session_begins_anew(academy: Academy) -> None:
    """
    Nobody is sent to a page whose time has run out.
    """
    await _unclear(academy)
    academy.clock.move(LAPSE)

    second = await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.EXPIRED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)


async def test_resuming_what_the_bank_is_busy_with_shows_the_live_attempt(
    academy: Academy,
) -> None:
    """
    Money may be on its way, and there is no page to show: wait for its end.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1), Outcome.PENDING)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert academy.payment(payment_id(1)).state is State.PROCESSING


async def test_resuming_what_is_unclear_marks_it_and_waits(academy: Academy) -> None:
    """
    A word nobody knows neither opens a second page nor frees the place.
    """
    await _unclear(academy)
    academy.gateway.answer(payment_id(1), unclear(payment_id(1), Attention.VOIDED))

    with pytest.raises(LiveAttemptExists):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).attention is Attention.VOIDED


async def test_resuming_where_the_bank_then_refuses_gives_nothing_up(academy: Academy) -> None:
    """
    Another request may be getting the page this very moment: only the key is let go of.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)
    academy.gateway.fail_next(OPEN, Fault.REFUSED)

    with pytest.raises(GatewayRefused):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PENDING
    resumed = await academy.opens(key=KEY)
    assert (payment_id(1), True) == (resumed.id, resumed.gateway_order is not None)


async def test_resuming_in_the_minute_of_grace_waits(academy: Academy) -> None:
    """
    Our time is over and the bank's page may not be: neither a page nor a second payment yet.
    """
    await _unclear(academy)
    academy.clock.move(LIFETIME)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert academy.payment(payment_id(1)).state is State.PENDING


async def test_resuming_what_failed_on_another_requests_page_begins_anew(academy: Academy) -> None:
    """
    The page it had is no page to pay on any more.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)
    page = GatewayOrder(id="fake_1", payment_url="https://fake-gateway.example.com/pay/1")
    known = replace(academy.payment(payment_id(1)), gateway_order=page)
    academy.memory.unit_of_work.afterwards.append(
        lambda: academy.memory.store.payments.update({known.id: known})
    )

    second = await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.FAILED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert second.gateway_order != page


async def test_repeats_and_resumptions_are_audited(academy: Academy) -> None:
    """
    Each with who asked and what for; none counts as an opening.
    """
    await _unclear(academy)
    await academy.opens(key=KEY)
    await academy.opens(key=KEY)

    lines = [*academy.audited("payment.resumed"), *academy.audited("payment.repeated")]
    assert [(line.action, line.subject, line.origin, line.to_state) for line in lines] == [
        ("payment.resumed", payment_id(1), BY_ASHA, None),
        ("payment.repeated", payment_id(1), BY_ASHA, None),
    ]
    assert {line.facts["payable_paise"] for line in lines} == {"118000"}
    assert len(academy.audited("payment.opened")) == 1


async def test_a_sale_that_answers_a_key_late_is_audited_as_a_repeat(academy: Academy) -> None:
    """
    The same request had its payment already.
    """
    await _unclear(academy)
    academy.gateway.pay(payment_id(1))
    await academy.hears(payment_id(1))

    await academy.opens(key=KEY)

    assert [line.subject for line in academy.audited("payment.repeated")] == [payment_id(1)]


# Overtaken


async def test_a_webhook_may_overtake_the_answer(academy: Academy) -> None:
    """
    The attempt is known before the page is: the page is kept all the same.
    """

    async def webhook() -> None:
        academy.gateway.pay(payment_id(1), Outcome.PENDING)
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(webhook)
    payment = await academy.opens(key=KEY)

    assert payment.state is State.PROCESSING
    assert academy.payment(payment.id).gateway_order == payment.gateway_order
    assert payment.gateway_order is not None


async def test_the_bank_may_charge_before_its_answer_is_written(academy: Academy) -> None:
    """
    Settled once, page kept, key answered.
    """

    async def charge() -> None:
        academy.gateway.pay(payment_id(1))
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(charge)
    payment = await academy.opens(key=KEY)

    assert payment.state is State.SUCCESS
    assert payment.gateway_order is not None
    assert list(academy.memory.store.enrolments) == [payment.id]
    assert payment.id == (await academy.opens(key=KEY)).id


async def test_what_moved_meanwhile_is_not_given_up(academy: Academy) -> None:
    """
    The bank says no, but an attempt is known: only the bank's own answer ends it.
    """

    async def attempt() -> None:
        payment = academy.payment(payment_id(1))
        academy.memory.store.payments[payment.id] = replace(payment, state=State.PROCESSING)

    academy.gateway.meanwhile.append(attempt)
    academy.gateway.fail_next(OPEN, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PROCESSING


async def test_the_openers_failure_spares_the_page_a_resumer_got(academy: Academy) -> None:
    """
    The opener was slow and then turned away; the resumer's page stands and answers the key.
    """
    resumed: list[Payment] = []

    async def resume() -> None:
        academy.clock.move(CALL_MAX)
        resumed.append(await academy.opens(key=KEY))

    academy.gateway.meanwhile.append(resume)
    academy.gateway.fail_next(OPEN, Fault.BUSY)

    with pytest.raises(GatewayBusy):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PENDING
    assert resumed[0].gateway_order == (await academy.opens(key=KEY)).gateway_order
    assert resumed[0].gateway_order is not None


async def test_a_resumers_failure_spares_the_page_the_opener_gets(academy: Academy) -> None:
    """
    The resumer is turned away while the opener's answer is on its way: the opener has its page.
    """

    async def resume() -> None:
        academy.clock.move(CALL_MAX)
        academy.gateway.fail_next(OPEN, Fault.BUSY)
        with pytest.raises(GatewayBusy):
            await academy.opens(key=KEY)

    academy.gateway.meanwhile.append(resume)

    opened = await academy.opens(key=KEY)

    assert (opened.state, opened.gateway_order is not None) == (State.PENDING, True)
    assert academy.payment(opened.id).gateway_order == opened.gateway_order
    assert academy.memory.store.idempotency[KEY].sealed


@pytest.mark.parametrize("key", [None, KEY])
async def test_a_page_of_what_was_given_up_reaches_nobody(academy: Academy, key: object) -> None:
    """
    Its place and slot are somebody else's by now: not kept, not shown, not the key's answer.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def give_up() -> None:
        lost = academy.payment(payment_id(1)).give_up(
            Failure.GATEWAY_UNREACHABLE, academy.clock.now()
        )
        academy.memory.store.payments[payment_id(1)] = replace(lost.payment, version=1)

    academy.gateway.meanwhile.append(give_up)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY if key else None)

    lost = academy.payment(payment_id(1))
    assert (lost.state, lost.gateway_order) == (State.FAILED, None)
    assert not academy.memory.store.idempotency[KEY].sealed
    if key:
        assert (await academy.opens(key=KEY)).id == payment_id(3)


async def test_a_page_that_failed_before_it_was_written_reaches_nobody(academy: Academy) -> None:
    """
    Another request got the page, and the attempt on it failed: its late asker is told to ask again.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def fail() -> None:
        with pytest.raises(LiveAttemptExists):
            await academy.opens()
        academy.gateway.pay(payment_id(1), Outcome.FAILURE)
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(fail)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.FAILED
    assert not academy.memory.store.idempotency[KEY].sealed


async def test_a_page_known_meanwhile_answers_the_key(academy: Academy) -> None:
    """
    A request without the key resumed the page; the key's own next request need not ask the bank.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)
    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens()
    calls = academy.gateway.calls.total()

    payment = await academy.opens(key=KEY)

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url == live.value.payment_url
    assert academy.gateway.calls.total() == calls
    assert academy.memory.store.idempotency[KEY].sealed


async def test_a_page_written_by_someone_else_stays(academy: Academy) -> None:
    """
    Two found the page at once: the first answer is the page.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def other() -> None:
        with pytest.raises(LiveAttemptExists):
            await academy.opens()

    academy.gateway.meanwhile.append(other)
    payment = await academy.opens(key=KEY)

    assert payment.gateway_order is not None
    assert academy.payment(payment.id).version == 1


# Past a live attempt


async def test_a_dead_askers_page_is_resumed(academy: Academy) -> None:
    """
    The student has lost the page: it is asked for anew and shown as the live attempt.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens()

    page = academy.payment(payment_id(1)).gateway_order
    assert page is not None
    assert (payment_id(1), page.payment_url) == (live.value.payment, live.value.payment_url)


async def test_a_living_askers_page_is_left_alone(academy: Academy) -> None:
    """
    Whoever is at it may still be: no second session is asked for.
    """
    await _die_while_opening(academy)
    academy.clock.move(CALL_MAX - MOMENT)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens()

    assert live.value.payment_url is None
    assert not academy.gateway.calls[READ]


@pytest.mark.parametrize(
    ("outcome", "ends"), [(Outcome.SUCCESS, State.SUCCESS), (Outcome.FAILURE, State.FAILED)]
)
async def test_a_dead_askers_payment_may_be_over_at_the_bank(
    academy: Academy, outcome: Outcome, ends: State
) -> None:
    """
    What the bank did counts: owned now, or free for a new attempt; never "live".
    """
    await _unclear(academy)
    academy.clock.move(CALL_MAX)
    academy.gateway.pay(payment_id(1), outcome)

    if ends is State.SUCCESS:
        with pytest.raises(AlreadyEnrolled):
            await academy.opens()
        assert [line.facts["refusal"] for line in academy.audited("payment.refused")][-1] == (
            "AlreadyEnrolled"
        )
    else:
        assert (await academy.opens()).id == payment_id(3)
    assert academy.payment(payment_id(1)).state is ends


async def test_an_overdue_live_payment_is_expired_first(academy: Academy) -> None:
    """
    The student need not wait for the sweeper.
    """
    await academy.opens()
    academy.clock.move(LAPSE)

    second = await academy.opens()

    assert academy.payment(payment_id(1)).state is State.EXPIRED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)


async def test_an_overdue_payment_the_bank_is_busy_with_stays(academy: Academy) -> None:
    """
    Money may be on its way: no second payment beside it.
    """
    await academy.opens()
    academy.gateway.pay(payment_id(1), Outcome.PENDING)
    academy.clock.move(LIFETIME)

    with pytest.raises(LiveAttemptExists):
        await academy.opens()

    assert academy.payment(payment_id(1)).state is State.PROCESSING


async def test_an_overdue_payment_is_not_expired_by_silence(academy: Academy) -> None:
    """
    The bank gives no answer: nothing is known, nothing is opened, and the attempt is audited.
    """
    await academy.opens()
    academy.clock.move(LIFETIME)
    academy.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.opens()

    assert academy.payment(payment_id(1)).state is State.PENDING
    assert academy.audited("payment.refused")


async def test_a_live_payment_may_end_while_it_is_looked_at(academy: Academy) -> None:
    """
    Live when the facts were read, over when looked at again: the way is free.
    """
    await academy.opens()
    over = replace(academy.payment(payment_id(1)), state=State.FAILED)
    academy.memory.unit_of_work.afterwards.append(
        lambda: academy.memory.store.payments.update({over.id: over})
    )

    assert (await academy.opens()).id == payment_id(3)


async def _unclear(academy: Academy) -> None:
    """The first request's answer was lost; the bank knows the order."""
    academy.gateway.fail_next(OPEN, Fault.UNCLEAR_AFTER)
    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)


async def _die_while_opening(academy: Academy) -> None:
    """The first request's process died between writing its intent and asking the bank."""

    def die() -> None:
        raise Died

    guard, academy.gateway.guard = academy.gateway.guard, die
    with pytest.raises(Died):
        await academy.opens(key=KEY)
    academy.gateway.guard = guard
