"""Staff record a dispute before the bank tells of it: it is found again, goes forward, and gets the bank's id."""

from datetime import timedelta

import pytest

from domain.money import Money
from domain.payments.dispute import RECORDED, Dispute, dispute_about
from domain.payments.dispute_decisions import record_dispute
from domain.payments.dispute_state import DisputeState
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import ReviewReason
from unit.domain.payments.test_dispute import (
    DAY,
    LATER,
    LOST,
    PRICE,
    RECEIVED,
    WON,
    answer,
    dispute,
    sold,
)

FINDING = "DC7QWERTYUIOPASDFGHJ"
OURS = f"{RECORDED}{FINDING}"
PART = Money(100_00)


def known(
    name: str, state: DisputeState = RECEIVED, *, paise: int = 1180_00, day: int = 0
) -> Dispute:
    at = LATER + timedelta(days=day)
    return Dispute(id=name, amount=Money(paise), state=state, opened_at=at, respond_by=at + DAY)


@pytest.mark.parametrize(
    ("disputes", "name"),
    [
        ((), OURS),
        ((known("b"), known("a"), known(OURS)), OURS),
        ((known("b", day=1), known("a", day=2)), "b"),
        ((known("b", LOST), known("a", day=2)), "a"),
        ((known("b", LOST), known("a", paise=1)), "b"),
        ((known("b", paise=1),), "b"),
        ((known("b", paise=1), known("a", paise=2)), OURS),
    ],
)
def test_a_line_names_no_dispute(disputes: tuple[Dispute, ...], name: str) -> None:
    """
    It is the one that was recorded with it, about its amount, or the only one; otherwise it is new.
    """
    assert dispute_about(disputes, PRICE, FINDING) == name


def test_a_dispute_that_staff_record_stands_in_the_way_of_a_refund() -> None:
    """
    As one that the bank tells of: it is reviewed, and can be answered for as long as was set.
    """
    decision = record_dispute(sold(), FINDING, PART, RECEIVED, at=LATER, response=2 * DAY)

    (recorded,) = decision.disputes
    assert (recorded.id, recorded.amount, recorded.state) == (OURS, PART, RECEIVED)
    assert (recorded.opened_at, recorded.respond_by) == (LATER, LATER + 2 * DAY)
    assert decision.raised == (ReviewReason.DISPUTED,)
    assert not decision.payment.refundable


def test_a_dispute_that_is_decided_goes_forward_only() -> None:
    """
    What is lost stays so, and that it is said twice changes nothing.
    """
    lost = record_dispute(sold(dispute()), FINDING, PRICE, LOST, at=LATER)
    again = record_dispute(lost.payment, FINDING, PRICE, LOST, at=LATER)
    won = record_dispute(lost.payment, FINDING, PRICE, WON, at=LATER)

    assert [(each.id, each.state) for each in lost.payment.disputes] == [("cb-1", LOST)]
    assert lost.raised == (ReviewReason.DISPUTE_LOST,)
    assert lost.cleared == (ReviewReason.DISPUTED,)
    assert not again.is_news
    assert not won.is_news


def test_the_bank_gives_a_recorded_dispute_its_id() -> None:
    """
    When it tells of the same amount, or of none; one about another amount is another dispute.
    """
    recorded = record_dispute(sold(), FINDING, PART, RECEIVED, at=LATER).payment

    def after(amount: Money | None) -> list[tuple[str, DisputeState]]:
        told = apply_order_facts(recorded, answer(dispute(WON, amount=amount)), at=LATER).payment
        return [(each.id, each.state) for each in told.disputes]

    assert after(PART) == [("cb-1", WON)]
    assert after(None) == [("cb-1", WON)]
    assert after(PRICE) == [(OURS, RECEIVED), ("cb-1", WON)]
