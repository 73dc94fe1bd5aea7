"""Whatever comes first, the books end the same: I10, exhaustively."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import permutations

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.process_inbox import DELAYS
from domain.identifiers import PaymentId
from domain.order_facts import Verdict
from domain.payment_state import State
from fakes.academy import Academy
from fakes.samples import LAPSE, a_code

READ = Operation.READ_ORDER
MINUTE = timedelta(minutes=1)


class News(StrEnum):
    CALLBACK = "callback"
    WEBHOOK_FAILED = "webhook_failed"
    WEBHOOK_CHARGED = "webhook_charged"
    STATUS = "status"
    EXPIRY = "expiry"


ORDERS = list(permutations(News))


async def _nothing(academy: Academy, payment: PaymentId) -> None:
    """The bank's page is open and nobody has tried yet."""


async def _fails(academy: Academy, payment: PaymentId) -> None:
    academy.gateway.pay(payment, Outcome.FAILURE)


async def _fails_then_pays(academy: Academy, payment: PaymentId) -> None:
    academy.gateway.pay(payment, Outcome.FAILURE)
    academy.gateway.pay(payment)


async def _waits(academy: Academy, payment: PaymentId) -> None:
    academy.gateway.pay(payment, Outcome.PENDING)


async def _pays_unheard(academy: Academy, payment: PaymentId) -> None:
    academy.gateway.pay(payment)
    academy.gateway.fail_next(READ, Fault.DOWN, times=2)


SCRIPTS: Mapping[str, Callable[[Academy, PaymentId], Awaitable[None]]] = {
    "nobody tried before the news": _nothing,
    "failed before the news": _fails,
    "paid before the news": _fails_then_pays,
    "busy before the news": _waits,
    "paid, and the bank silent twice": _pays_unheard,
}


@pytest.mark.parametrize("script", SCRIPTS)
async def test_every_order_of_news_ends_the_same(script: str) -> None:
    """
    120 orders: always sold once, enrolled once, one letter, one slot, each step forward.
    """
    ends = {order: await _play(order, SCRIPTS[script]) for order in ORDERS}

    assert len(ends) == 120
    assert set(ends.values()) == {(State.SUCCESS, 1062_00, True, 1, 1, 1, 1)}


@pytest.mark.parametrize("script", SCRIPTS)
async def test_copies_of_the_news_add_nothing(script: str) -> None:
    """
    The same, with each piece of news told twice.
    """
    orders = [tuple(news for news in order for _ in range(2)) for order in ORDERS]

    ends = {await _play(order, SCRIPTS[script]) for order in orders}

    assert ends == {(State.SUCCESS, 1062_00, True, 1, 1, 1, 1)}


async def _play(
    order: Sequence[News], script: Callable[[Academy, PaymentId], Awaitable[None]]
) -> tuple[object, ...]:
    academy = Academy()
    academy.offers(a_code(total_limit=1))
    payment = await academy.opens(code="TEN")
    await script(academy, payment.id)
    academy.clock.move(LAPSE)
    for news in order:
        await _tell(academy, payment.id, news)
        academy.clock.move(MINUTE)
    # Whatever was parked comes due in the end.
    academy.clock.move(DELAYS[-1])
    await academy.process_inbox()
    return _ends(academy, payment.id)


async def _tell(academy: Academy, payment: PaymentId, news: News) -> None:
    bank = academy.gateway
    paid = bank.orders[payment].facts.verdict is Verdict.CHARGED
    match news:
        case News.CALLBACK:
            await academy.comes_back(payment)
        case News.WEBHOOK_FAILED:
            # The bank speaks of a failure only once there was one; a charge it never takes back.
            if not paid:
                bank.pay(payment, Outcome.FAILURE)
            await academy.hears(payment)
        case News.WEBHOOK_CHARGED:
            if not paid:
                bank.pay(payment)
            await academy.hears(payment)
        case News.STATUS:
            await academy.asks(payment)
        case News.EXPIRY:
            await academy.expire()


def _ends(academy: Academy, payment: PaymentId) -> tuple[object, ...]:
    store, now = academy.memory.store, academy.payment(payment)
    sales = [line for line in academy.audited("payment.moved") if line.to_state is State.SUCCESS]
    return (
        now.state,
        now.captured.paise,
        now.failure is None and now.attention is None,
        len(sales),
        list(store.enrolments).count(payment),
        len(store.outbox),
        academy.uses().total,
    )
