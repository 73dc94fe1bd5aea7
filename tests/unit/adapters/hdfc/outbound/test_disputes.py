"""Disputes in an order status come to facts, and an unknown word or shape is never the end of one."""

import json

import msgspec
import pytest

from adapters.hdfc.formats.answer_body import read_answer
from adapters.hdfc.outbound.dispute_facts import DISPUTE_STATUSES, DISPUTES_READ_MAX, disputes_of
from adapters.hdfc.outbound.translate import facts_of
from adapters.hdfc.outbound.wire import OrderAnswer
from domain.money import Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from samples.hdfc.samples import ORDER, sample


@pytest.mark.parametrize("word", DISPUTE_STATUSES)
@pytest.mark.parametrize("prefix", ["", "CHARGEBACK_"])
def test_each_word_of_the_bank_means_one_thing(word: str, prefix: str) -> None:
    """
    With the event's prefix and without it.
    """
    (facts,) = disputes_of([{"id": "cb-1", "dispute_status": prefix + word, "amount": "5E+2"}])

    assert facts == DisputeFacts(
        id="cb-1", amount=Money(500_00), state=DISPUTE_STATUSES[word], word=prefix + word
    )


@pytest.mark.parametrize("listed", ["FILTERED", [7], [{}], {"id": "x"}, [{"dispute_status": "?"}]])
def test_what_is_not_understood_is_an_unclear_dispute(listed: object) -> None:
    """
    A person looks at it, and nothing is refunded until then.
    """
    (facts,) = disputes_of(listed)

    assert facts.state is None


def test_no_dispute_is_no_facts() -> None:
    """
    And of many only so many are read.
    """
    assert disputes_of(None) == ()
    assert len(disputes_of([{}] * (DISPUTES_READ_MAX + 1))) == DISPUTES_READ_MAX


def test_an_order_tells_its_disputes() -> None:
    """
    Beside its charge, with amount, reason and instants.
    """
    entry = {
        "id": "cb-1",
        "amount": 100.5,
        "dispute_status": "EVIDENCE_REQUIRED",
        "reason": "10.4 Other fraud",
        "date_created": "2026-08-10T00:00:00Z",
        "due_date": "2026-08-13T00:00:00Z",
    }
    body = json.dumps(sample("order_charged_card", chargebacks=[entry])).encode()
    answer = msgspec.convert(read_answer("application/json", body), OrderAnswer)

    (facts,) = facts_of(answer, ORDER).disputes

    assert facts.state is DisputeState.EVIDENCE_REQUIRED
    assert (facts.amount, facts.reason) == (Money(100_50), "10.4 Other fraud")
    assert facts.opened_at is not None
    assert facts.respond_by is not None
    assert (facts.respond_by - facts.opened_at).days == 3
