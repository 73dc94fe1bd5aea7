"""Offers and surcharges are recorded with the charge, and reviewed unless it is known who bears them."""

from typing import Final

import pytest

from domain.identifiers import RefundId
from domain.money import CURRENCY, ZERO, Money
from domain.payments.adjustment import NO_ADJUSTMENT, Adjustment, AdjustmentKind
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id

PRICE: Final = Money(1180_00)
MORE: Final = Money(1200_00)
LESS: Final = Money(1100_00)
SURCHARGE, OFFER = AdjustmentKind.SURCHARGE, AdjustmentKind.OFFER
DIFFERS: Final = ReviewReason.EFFECTIVE_AMOUNT_DIFFERS


def charged(adjustment: Adjustment, *refunds: RefundFacts, amount: Money = PRICE) -> OrderFacts:
    return OrderFacts(
        payment=payment_id(1),
        verdict=Verdict.CHARGED,
        amount=amount,
        currency=CURRENCY,
        adjustment=adjustment,
        refunds=refunds,
    )


@pytest.mark.parametrize(
    ("adjustment", "kinds"),
    [
        (NO_ADJUSTMENT, set()),
        (Adjustment(effective=PRICE), set()),
        (Adjustment(effective=PRICE, surcharge=ZERO, offer=ZERO), set()),
        (Adjustment(effective=MORE), {SURCHARGE}),
        (Adjustment(surcharge=Money(20_00)), {SURCHARGE}),
        (Adjustment(effective=LESS), {OFFER}),
        (Adjustment(effective=ZERO), {OFFER}),
        (Adjustment(offer=Money(80_00)), {OFFER}),
        (Adjustment(effective=PRICE, surcharge=Money(10), offer=Money(10)), {SURCHARGE, OFFER}),
    ],
)
def test_each_way_to_pay_something_else_is_seen(
    adjustment: Adjustment, kinds: set[AdjustmentKind]
) -> None:
    """
    By the effective amount, or by the surcharge and the offer themselves.
    """
    assert adjustment.kinds(PRICE) == kinds

    sold = apply_order_facts(a_payment(), charged(adjustment), at=NOON)

    assert sold.payment.state is State.SUCCESS
    assert sold.enrols
    assert sold.payment.capture is not None
    assert sold.payment.capture.adjustment == adjustment
    assert sold.raised == ((DIFFERS,) if kinds else ())


@pytest.mark.parametrize(
    ("borne", "reviewed"),
    [(frozenset(), True), ({OFFER}, True), ({SURCHARGE}, False), ({SURCHARGE, OFFER}, False)],
)
def test_what_somebody_is_known_to_bear_needs_no_review(
    borne: frozenset[AdjustmentKind],
    reviewed: bool,  # noqa: FBT001 - the expected answer
) -> None:
    """
    It is recorded all the same.
    """
    told = charged(Adjustment(effective=MORE))

    sold = apply_order_facts(a_payment(), told, at=NOON, borne=frozenset(borne)).payment

    assert (DIFFERS in sold.review) is reviewed
    assert sold.capture is not None
    assert sold.capture.adjustment.effective == MORE


def test_an_amount_that_cannot_be_read_is_reviewed() -> None:
    """
    Whatever the setting says: nobody knows what was paid.
    """
    told = charged(Adjustment(unreadable=True))

    sold = apply_order_facts(a_payment(), told, at=NOON, borne=frozenset(AdjustmentKind)).payment

    assert sold.state is State.SUCCESS
    assert DIFFERS in sold.review


def test_the_order_amount_alone_makes_a_sale() -> None:
    """
    An effective amount that is the price does not stand for an order of another amount.
    """
    told = charged(Adjustment(effective=PRICE), amount=MORE)

    assert not apply_order_facts(a_payment(), told, at=NOON).payment.state.is_sold


@pytest.mark.parametrize(
    ("verdict", "reviewed"), [(RefundVerdict.PENDING, False), (RefundVerdict.FAILED, True)]
)
def test_an_effective_amount_less_its_refunds_is_no_offer(
    verdict: RefundVerdict,
    reviewed: bool,  # noqa: FBT001 - the expected answer
) -> None:
    """
    Whether the bank takes refunds off it is not agreed on, so both are understood.
    """
    refund = RefundFacts(id=RefundId("DB1"), amount=PRICE - LESS, verdict=verdict)

    sold = apply_order_facts(a_payment(), charged(Adjustment(effective=LESS), refund), at=NOON)

    assert (DIFFERS in sold.payment.review) is reviewed


def test_a_later_answer_does_not_ask_again() -> None:
    """
    What counts is what was reported with the charge.
    """
    sold = apply_order_facts(a_payment(), charged(Adjustment(effective=PRICE)), at=NOON).payment

    again = apply_order_facts(sold, charged(Adjustment(effective=LESS)), at=NOON)

    assert not again.is_news
