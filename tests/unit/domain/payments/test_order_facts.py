"""What the bank says is kept as far as there is room, and an id is kept whole or not at all."""

from dataclasses import fields
from typing import Any, Final

import pytest

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import (
    REFUND_ID_MAX,
    TEXTS_MAX,
    Instrument,
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    Verdict,
)
from domain.payments.payment import GATEWAY_ORDER_ID_MAX, GatewayOrder
from fakes.samples import payment_id

LONG: Final = "x" * 1000
GIVEN: Final[dict[type[Any], dict[str, object]]] = {
    Instrument: {},
    OrderFacts: {"payment": payment_id(1), "verdict": Verdict.CHARGED},
    RefundFacts: {
        "id": RefundId("R1"),
        "amount": Money(100),
        "verdict": RefundVerdict.PENDING,
    },
}
NO_TEXT_OF_THE_BANK: Final = {"id", "payment"}


@pytest.mark.parametrize("kind", GIVEN, ids=lambda kind: kind.__name__)
def test_every_text_of_the_bank_is_cut(kind: type[Any]) -> None:
    """
    A new text field has to be given a limit, or this test names it.
    """
    texts = [
        each.name
        for each in fields(kind)
        if each.type is str and each.name not in NO_TEXT_OF_THE_BANK
    ]

    facts = kind(**GIVEN[kind] | dict.fromkeys(texts, LONG))

    assert {name: len(getattr(facts, name)) for name in texts} == {
        name: TEXTS_MAX.get(name) for name in texts
    }


def test_what_fits_is_kept_as_it_is() -> None:
    """
    The longest reference is not cut.
    """
    reference = "7" * TEXTS_MAX["reference"]

    facts = RefundFacts(
        id=RefundId("R" * REFUND_ID_MAX),
        amount=Money(100),
        verdict=RefundVerdict.PAID,
        reference=reference,
    )

    assert (facts.id, facts.reference) == ("R" * REFUND_ID_MAX, reference)


def test_a_refund_id_that_is_too_long_is_unreadable() -> None:
    """
    A cut id could be another refund's.
    """
    facts = RefundFacts(
        id=RefundId("R" * (REFUND_ID_MAX + 1)), amount=Money(100), verdict=RefundVerdict.PAID
    )

    assert facts.id == ""


def test_the_id_of_an_order_at_the_bank_is_cut() -> None:
    """
    Only people read it, so that a part of it is better than a payment without a session.
    """
    assert (
        GatewayOrder(id=LONG, payment_url="https://bank.example").id == LONG[:GATEWAY_ORDER_ID_MAX]
    )
