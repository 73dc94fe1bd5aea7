"""An instant of the bank becomes a fact only where it can be true; otherwise our own clock dates what happened."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import pytest

from domain.identifiers import RefundId
from domain.money import CURRENCY, Money
from domain.payments.bank_clock import CLOCK_SKEW_MAX, RefusedInstant, believe, is_believed
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id

OPENED: Final = NOON.replace(microsecond=700_000)
NOW: Final = OPENED + timedelta(minutes=10)
SECOND: Final = timedelta(seconds=1)
EARLY: Final = NOW - timedelta(days=27)
FAR_AHEAD: Final = NOW + timedelta(hours=26)
OUTSIDE: Final = RefundId("DB1")
BOUNDED: Final = {
    OrderFacts: {"charged_at"},
    RefundFacts: {"asked_at"},
    DisputeFacts: {"opened_at", "respond_by"},
}
"""The instants of the bank that are bounded: those of a dispute where it is taken on record."""


def charged(at: datetime | None, *refunds: RefundFacts) -> OrderFacts:
    return OrderFacts(
        payment=payment_id(1),
        verdict=Verdict.CHARGED,
        amount=a_payment().quote.payable,
        currency=CURRENCY,
        charged_at=at,
        refunds=refunds,
    )


def outside(at: datetime | None) -> RefundFacts:
    return RefundFacts(id=OUTSIDE, amount=Money(100), verdict=RefundVerdict.PENDING, asked_at=at)


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (OPENED, True),
        (OPENED.replace(microsecond=0), True),
        (OPENED.replace(microsecond=0) - SECOND, False),
        (EARLY, False),
        (NOW, True),
        (NOW + CLOCK_SKEW_MAX, True),
        (NOW + CLOCK_SKEW_MAX + SECOND, False),
        (FAR_AHEAD, False),
    ],
)
def test_what_can_have_happened_did_between_the_opening_and_now(
    told: datetime,
    believed: bool,  # noqa: FBT001 - the expected answer
) -> None:
    """
    Whole seconds of the bank and a clock that is a little ahead are allowed for.
    """
    assert is_believed(told, opened_at=OPENED, at=NOW) is believed


@pytest.mark.parametrize("kind", BOUNDED, ids=lambda kind: kind.__name__)
def test_no_instant_of_the_bank_passes_by(kind: type[Any]) -> None:
    """
    A new instant in the facts has to be bounded, or this test names it.
    """
    instants = {each.name for each in fields(kind) if datetime in (each.type, *get_args(each.type))}

    assert instants == BOUNDED[kind]


@pytest.mark.parametrize("told", [EARLY, FAR_AHEAD])
def test_every_refused_instant_is_taken_out_and_named(told: datetime) -> None:
    """
    What can be true beside it stays.
    """
    other = replace(outside(NOW), id=RefundId("DB2"))
    facts = charged(told, outside(told), other)

    believed = believe(facts, opened_at=OPENED, at=NOW)

    assert believed.facts == charged(None, outside(None), other)
    assert believed.refused == (RefusedInstant(None, told), RefusedInstant(OUTSIDE, told))


@pytest.mark.parametrize("facts", [charged(None, outside(None)), charged(NOW, outside(NOW))])
def test_facts_that_can_be_true_stay_as_they_are(facts: OrderFacts) -> None:
    """
    Nothing is named where there was nothing to refuse.
    """
    believed = believe(facts, opened_at=OPENED, at=NOW)

    assert (believed.facts, believed.refused) == (facts, ())


@pytest.mark.parametrize(
    ("told", "dated"), [(EARLY, NOW), (FAR_AHEAD, NOW), (OPENED + SECOND, OPENED + SECOND)]
)
def test_a_charge_is_dated_by_the_clock_that_can_be_right(told: datetime, dated: datetime) -> None:
    """
    Neither 27 days before the payment nor tomorrow; the decision says whose instant was refused.
    """
    decision = apply_order_facts(a_payment(at=OPENED), charged(told), at=NOW)

    assert decision.payment.capture is not None
    assert decision.payment.capture.at == dated
    assert decision.refused_instant() == (told if dated is NOW else None)


@pytest.mark.parametrize("told", [EARLY, FAR_AHEAD])
def test_a_refund_made_outside_is_dated_by_us_where_the_bank_cannot_be_right(
    told: datetime,
) -> None:
    """
    Otherwise it would be overdue, or expected, on a day that nobody can explain.
    """
    decision = apply_order_facts(a_payment(at=OPENED), charged(NOW, outside(told)), at=NOW)

    refund = decision.payment.refunds.get(OUTSIDE)
    assert (refund.asked_at, refund.accepted_at) == (NOW, NOW)
    assert (decision.refused_instant(OUTSIDE), decision.refused_instant()) == (told, None)


def test_what_the_bank_returned_by_itself_is_dated_alike() -> None:
    """
    A charge that is refunded automatically has a capture too.
    """
    returned = replace(
        charged(FAR_AHEAD), verdict=Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED
    )

    decision = apply_order_facts(a_payment(at=OPENED), returned, at=NOW)

    assert decision.payment.capture is not None
    assert decision.payment.capture.at == NOW
    assert decision.refused_instant() == FAR_AHEAD


def test_an_instant_that_dates_nothing_is_not_news() -> None:
    """
    The same wrong instant in a later answer is not named again.
    """
    sold = apply_order_facts(a_payment(at=OPENED), charged(EARLY, outside(EARLY)), at=NOW).payment

    again = apply_order_facts(sold, charged(EARLY, outside(EARLY)), at=NOW + SECOND)

    assert again.refused_instants == ()
    assert not again.is_news
