"""Staff are reminded of payments under review by reason and age."""

from datetime import timedelta

from domain.payments.order_facts import ReviewReason
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id, under_review
from ports.alerts import AlertKind
from worlds.memory import MemoryWorld

DAY = timedelta(days=1)


async def test_each_reason_that_is_old_enough_is_named(world: MemoryWorld) -> None:
    """
    With its owner, how many there are, how old the oldest is, and which they are.
    """
    store = world.memory.store
    for number, hours in ((1, 0), (2, 30)):
        flagged = under_review(
            a_payment(number), ReviewReason.PAID_TWICE, at=NOON + timedelta(hours=hours)
        )
        store.payments[flagged.id] = flagged
    young = under_review(a_payment(3), ReviewReason.UNRESOLVED, at=NOON + 2 * DAY)
    store.payments[young.id] = young
    world.clock.move(NOON + 2 * DAY - world.clock.now())

    assert await world.use_cases.reviews().remind_reviews()() == 0

    (alert,) = world.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.PAYMENT_UNDER_REVIEW, "paid_twice")
    assert alert.facts == {
        "owner": "finance",
        "count": "2",
        "at": NOON.isoformat(),
        "age_seconds": str(2 * 24 * 3600),
        "entry": f"{payment_id(1)} {payment_id(2)}",
    }


async def test_without_a_review_nobody_is_called(world: MemoryWorld) -> None:
    """
    Nothing is open.
    """
    await world.paid_payment()

    assert await world.use_cases.reviews().remind_reviews()() == 0
    assert world.alerts.called == []


async def test_an_open_dispute_is_left_to_its_own_alerts(world: MemoryWorld) -> None:
    """
    They go by its deadline; a lost one is reviewed as any other payment.
    """
    for number, reason in ((1, ReviewReason.DISPUTED), (2, ReviewReason.DISPUTE_LOST)):
        flagged = under_review(a_payment(number), reason, at=world.clock.now())
        world.memory.store.payments[flagged.id] = flagged
    world.clock.move(2 * DAY)

    await world.use_cases.reviews().remind_reviews()()

    assert [alert.subject for alert in world.alerts.called] == ["dispute_lost"]
