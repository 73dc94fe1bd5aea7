"""Staff are alerted of a dispute when it becomes known and before its deadline, once a day, and no alert is lost."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import pytest

from application.reviews.remind_disputes import RemindDisputes
from domain.money import Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment import Payment
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id
from ports.alerts import Alert, AlertKind
from worlds.memory import MemoryWorld

HOUR: Final = timedelta(hours=1)
PRICE: Final = Money(1180_00)


def disputed(
    payment: Payment, *, name: str, deadline: timedelta, state: DisputeState = DisputeState.RECEIVED
) -> Payment:
    told = DisputeFacts(
        id=name, amount=Money(500_00), state=state, reason="10.4", respond_by=NOON + deadline
    )
    facts = OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=PRICE,
        currency="INR",
        disputes=(told,),
    )
    return apply_order_facts(payment, facts, at=NOON).payment


def keep(world: MemoryWorld, payment: Payment) -> None:
    world.memory.store.payments[payment.id] = payment


def reminder(world: MemoryWorld) -> RemindDisputes:
    return world.use_cases.reviews().remind_disputes()


async def test_a_new_dispute_is_told_at_once_with_its_deadline(world: MemoryWorld) -> None:
    """
    What finance needs to act; a second run, by a worker that was started anew, tells nothing.
    """
    keep(world, disputed(a_payment(), name="cb-1", deadline=240 * HOUR))

    assert await reminder(world)() == 0
    assert await replace(reminder(world))() == 0

    (alert,) = world.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.PAYMENT_DISPUTED, payment_id(1))
    assert alert.facts == {
        "reason": "opened",
        "dispute": "cb-1",
        "state": "received",
        "amount": "500.00",
        "at": NOON.isoformat(),
        "next_at": (NOON + 240 * HOUR).isoformat(),
        "age_seconds": "0",
    }
    (view,) = (await world.memory.refunds.of_payment(payment_id(1))).disputes
    assert view.alerted_at == NOON


async def test_it_is_told_daily_before_its_deadline_until_it_ends(world: MemoryWorld) -> None:
    """
    From 48 hours before it, and after it as long as the bank has not decided.
    """
    keep(world, disputed(a_payment(), name="cb-1", deadline=100 * HOUR))
    told: list[int] = []
    for hour in range(150):
        before = len(world.alerts.called)
        await reminder(world)()
        told += [hour] * (len(world.alerts.called) - before)
        world.clock.move(HOUR)
    known = world.memory.store.payments[payment_id(1)]
    keep(world, disputed(known, name="cb-1", deadline=HOUR, state=DisputeState.WON))
    await reminder(world)()

    assert told == [0, 52, 76, 100, 124, 148]
    assert [alert.facts["reason"] for alert in world.alerts.called] == ["opened"] + 5 * ["deadline"]


async def test_each_open_dispute_of_a_payment_has_its_own_alerts(world: MemoryWorld) -> None:
    """
    One that has ended has none.
    """
    payment = disputed(a_payment(), name="cb-1", deadline=90 * HOUR)
    payment = disputed(payment, name="cb-2", deadline=240 * HOUR)
    keep(world, disputed(payment, name="cb-3", deadline=HOUR, state=DisputeState.LOST))

    await reminder(world)()
    world.clock.move(72 * HOUR)
    await reminder(world)()

    told = [(alert.facts["dispute"], alert.facts["reason"]) for alert in world.alerts.called]
    assert told == [("cb-1", "opened"), ("cb-2", "opened"), ("cb-1", "deadline")]


async def test_the_earliest_deadline_comes_first_page_by_page(world: MemoryWorld) -> None:
    """
    However many are disputed; one run has an end, and the next one goes on.
    """
    by_two = replace(reminder(world), page_max=2)
    for number in range(1, 6):
        deadline = (300 - number) * HOUR
        keep(world, disputed(a_payment(number), name="cb", deadline=deadline))

    await by_two()

    assert [alert.subject for alert in world.alerts.called] == [
        payment_id(number) for number in (5, 4, 3, 2, 1)
    ]
    world.clock.move(290 * HOUR)
    await replace(by_two, pages_max=1)()
    assert [alert.subject for alert in world.alerts.called[5:]] == [payment_id(5), payment_id(4)]


@dataclass
class Unheard:
    """Alerts whose process ends before they are noted."""

    called: list[Alert] = field(default_factory=list)

    async def call(self, alert: Alert) -> None:
        self.called.append(alert)
        raise ConnectionError("the process ends here")


async def test_an_alert_that_may_not_have_been_sent_is_sent_again(world: MemoryWorld) -> None:
    """
    It is noted after it was sent, so that whoever dies in between costs a repetition and no alert.
    """
    keep(world, disputed(a_payment(), name="cb-1", deadline=90 * HOUR))
    unheard = Unheard()

    with pytest.raises(ConnectionError):
        await replace(reminder(world), alerts=unheard)()
    await reminder(world)()

    assert [alert.facts for alert in unheard.called] == [
        alert.facts for alert in world.alerts.called
    ]


async def test_news_that_comes_meanwhile_is_kept(world: MemoryWorld) -> None:
    """
    The bank decides between the alert and its note: the note is made of what is known then.
    """
    keep(world, disputed(a_payment(), name="cb-1", deadline=90 * HOUR))

    class Deciding:
        async def call(self, alert: Alert) -> None:
            world.alerts.called.append(alert)
            known = world.memory.store.payments[payment_id(1)]
            won = disputed(known, name="cb-1", deadline=90 * HOUR, state=DisputeState.WON)
            keep(world, replace(won, version=known.version + 1))

    await replace(reminder(world), alerts=Deciding())()

    (now,) = world.memory.store.payments[payment_id(1)].disputes
    assert (now.state, now.alerted_at) == (DisputeState.WON, None)
