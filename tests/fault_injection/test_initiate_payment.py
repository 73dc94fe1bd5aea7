"""The process dies, or loses an answer, at every single moment of opening a payment: one page, one slot, one sale."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.gateway import FakeGateway
from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import InitiatePaymentCommand
from domain.identifiers import PaymentId
from domain.payments.order_facts import Verdict
from entrypoints.wiring.gateway import call_max
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from worlds.postgres import BY_STAFF, CODE, COURSE, code, student, wanted

FREE: Final = "FREE"
PAGE: Final = "gateway.create_session"
FACTS: Final = "read refund"
"""All that the decision rests on is one question; it is named by the last of what it asks about."""

SLOT: Final = "apply discount, discount_use, audit_log"
MOMENTS: Final = {
    "keyed": [
        FACTS,
        f"{SLOT}, idempotency, payment, decision_basis, question",
        PAGE,
        "apply payment, decision_basis, idempotency",
    ],
    "keyless": [
        FACTS,
        f"{SLOT}, payment, decision_basis, question",
        PAGE,
        "apply payment, decision_basis",
    ],
    "free": [
        FACTS,
        f"{SLOT}, idempotency, payment, decision_basis, enrolment, outbox, webhook_delivery",
    ],
}
FIRST_TOOK_TOO_LONG: Final = timedelta(minutes=3)
"""Whoever asked first is not at work any more, and the session has not lapsed."""

SOLD: Final = (
    "SELECT p.state, p.redemption, p.captured_paise = p.payable_paise,"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id AND until IS NULL),"
    " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'payment.opened')"
    " FROM payment p WHERE student_id = $1 ORDER BY opened_at"
)
PAID: Final = ("success", "committed", True, 1, 1)
GIVEN: Final = ("success", "committed", None, 1, 1)
NOT_OPENED: Final = ("failed", "released", None, 0, 1)
SLOTS: Final = (
    "SELECT d.used, (SELECT sum(used) FROM discount_use WHERE student_id = $2)"
    " FROM discount d WHERE code = $1"
)
KEYS: Final = (
    "SELECT i.sealed, p.state FROM idempotency i JOIN payment p ON p.id = i.payment_id"
    " WHERE i.student_id = $1"
)


@dataclass(slots=True, kw_only=True)
class Wish:
    """
    What a student asks for until they get an answer, and the payment they then hold.

    *page* is where they were shown to, None when they were told that there is nothing to pay.
    """

    wanted: InitiatePaymentCommand
    bank: FakeGateway
    used_before: int
    heard: PaymentId | None = None
    page: str | None = None

    def is_shown(self, payment: PaymentId, page: str | None) -> None:
        self.heard, self.page = payment, page

    @property
    def is_unpaid(self) -> bool:
        order = self.bank.orders.get(self.heard) if self.heard else None
        return order is not None and order.facts.verdict is not Verdict.CHARGED


def wish(*, code_used: str, keyed: bool) -> Callable[[World], Awaitable[Wish]]:
    """Return how a new student comes to wish for the course."""

    async def prepare(world: World) -> Wish:
        [(number,)] = await world.rows("SELECT count(DISTINCT student_id) FROM payment")
        if not number:
            process = world.calm
            await process.use_cases.catalogue().replace_courses()([COURSE], BY_STAFF)
            free = replace(code(percent=100), code=FREE)
            await process.use_cases.catalogue().replace_discounts()([code(), free], BY_STAFF)
        [(used,)] = await world.rows("SELECT used FROM discount WHERE code = $1", code_used)
        who = student(f"Asha-{number}")
        return Wish(
            wanted=wanted(who, code=code_used, key=f"wish-{number}" if keyed else None),
            bank=world.bank,
            used_before=used,
        )

    return prepare


async def ask(process: Process, wish: Wish) -> None:
    """Ask for the course; the answer may as well be that a payment is under way, and where."""
    try:
        payment = await process.use_cases.checkout().initiate_payment()(wish.wanted)
    except PaymentInProgress as live:
        wish.is_shown(live.payment, live.payment_url)
    else:
        order = payment.gateway_order
        wish.is_shown(payment.id, order.payment_url if order else None)


async def go_on(process: Process, wish: Wish) -> int:
    """Ask again what was not heard, pay where one was shown to, and let the worker work."""
    if wish.heard is None:
        await ask(process, wish)
        return 1
    if wish.is_unpaid:
        wish.bank.pay(wish.heard)
    tasks = (
        process.use_cases.evidence().poll_orders(),
        process.use_cases.notifications().relay_outbox(),
    )
    return sum([await task() for task in tasks])


async def one_sale(world: World, wish: Wish, injected: Injected | None) -> None:
    """One payment came of it, one order at the bank, one slot, one email, and one answer to the key."""
    who = wish.wanted.student.id
    free = wish.wanted.code == FREE
    # A bank that said no is not asked again under the same order: the next try begins another one.
    refused = injected is not None and (injected.fault, injected.name) == (Fault.ERROR, PAGE)
    sale = GIVEN if free else PAID
    assert await world.rows(SOLD, who) == ([NOT_OPENED, sale] if refused else [sale])
    orders = {
        payment: order.asked.amount
        for payment, order in world.bank.orders.items()
        if order.asked.student.id == who
    }
    assert list(orders) == ([] if free else [wish.heard])
    assert wish.page == (None if free else f"{world.bank.page}{wish.heard}")
    assert await world.rows(SLOTS, wish.wanted.code, who) == [(wish.used_before + 1, 1)]
    assert await world.rows(KEYS, who) == [(True, "success")] * bool(wish.wanted.key)
    assert len([each for each in world.mail.letters if (wish.heard or "") in each.message_id]) == 1


FLOWS: Final = {
    name: Flow(
        prepare=wish(code_used=code_used, keyed=name != "keyless"),
        act=ask,
        go_on=go_on,
        check=one_sale,
        pause=FIRST_TOOK_TOO_LONG,
    )
    for name, code_used in (("keyed", CODE), ("keyless", CODE), ("free", FREE))
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_the_intent_is_written_before_the_bank_is_asked(world: World, flow: str) -> None:
    """
    Facts, intent, page, answer: every call that leaves the process, in this order and no other.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_at_whatever_moment_one_payment_is_opened(
    world: World, flow: str, fault: Fault
) -> None:
    """
    Whoever asks again is shown to the same page, pays once, and has the course.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world)


async def test_the_pause_outlasts_the_first_asker_and_not_the_session(world: World) -> None:
    """
    Or the next round would meet a lock, or a payment that has expired.
    """
    assert call_max(world.settings) < FIRST_TOOK_TOO_LONG < world.settings.session_lifetime / 3
