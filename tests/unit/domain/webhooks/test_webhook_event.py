"""A fact has one id and one body, however often and wherever it is told."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import State
from domain.payments.polling_schedule import JITTER_STEPS
from domain.payments.refund_state import RefundState
from domain.webhooks.delivery_schedule import DELAYS, JITTER_SHARE, next_attempt_at
from domain.webhooks.event_type import OF_DISPUTE, OF_PAYMENT, OF_REFUND, WebhookEventType
from domain.webhooks.webhook_event import PayloadVersion
from fakes.clock import NOON
from fakes.hooked import an_event

IST = timezone(timedelta(hours=5, minutes=30))


def test_an_id_is_that_of_its_fact() -> None:
    """
    It says nothing else, has no full stop, and differs with each part of the fact.
    """
    event = an_event()
    others = [
        replace(event, type=WebhookEventType.PAYMENT_FAILED),
        replace(event, subject="RF1"),
        replace(event, sequence=3),
        an_event(2),
    ]

    assert event.id == an_event(data={}, at=NOON + timedelta(1)).id
    assert event.id == "evt_37jonthcrmwhr7rhuyliqeqyma"
    assert len({event.id, *(each.id for each in others)}) == 5


def test_a_body_names_type_time_version_and_data() -> None:
    """
    In UTC, with the sequence by which a receiver drops what is older.
    """
    at = datetime(2026, 11, 30, 12, tzinfo=IST)

    body = an_event(at=at, data={"status": "success"}).body(PayloadVersion.FIRST)

    assert json.loads(body) == {
        "type": "payment.succeeded",
        "timestamp": "2026-11-30T06:30:00.000Z",
        "version": "2026-11-30",
        "data": {"status": "success", "sequence": 2},
    }


@given(st.permutations(["transaction_id", "status", "amount", "currency"]))
def test_a_body_is_the_same_bytes(names: list[str]) -> None:
    """
    In whatever order the database returns its members.
    """
    event = an_event(data=dict.fromkeys(sorted(names), "x"))

    assert replace(event, data=dict.fromkeys(names, "x")).body(PayloadVersion.FIRST) == event.body(
        PayloadVersion.FIRST
    )


def test_every_state_has_its_type() -> None:
    """
    Of a payment the ends alone: what is open is no fact, and refunds have their own.
    """
    assert set(OF_REFUND) == set(RefundState)
    assert set(OF_DISPUTE) == set(DisputeState)
    assert set(OF_PAYMENT) == {State.SUCCESS, State.FAILED, State.EXPIRED}


@given(st.integers(1, len(DELAYS)), st.integers(0, JITTER_STEPS - 1))
def test_each_attempt_waits_about_its_delay(attempts: int, jitter: int) -> None:
    """
    A fifth more or less, by chance.
    """
    due = next_attempt_at(attempts, NOON, jitter)

    assert due is not None
    delay = DELAYS[attempts - 1]
    assert abs(due - NOON - delay) <= delay / JITTER_SHARE
    assert next_attempt_at(attempts, NOON, JITTER_STEPS // 2) == NOON + delay


def test_it_is_tried_for_three_days() -> None:
    """
    Then it is given up.
    """
    assert timedelta(days=3) <= sum(DELAYS, timedelta()) <= timedelta(days=3, hours=6)
    assert next_attempt_at(len(DELAYS) + 1, NOON, 0) is None


@pytest.mark.parametrize("kind", WebhookEventType)
def test_a_type_is_thing_and_fact(kind: WebhookEventType) -> None:
    """
    In lower case, with one full stop.
    """
    thing, fact = kind.value.split(".")
    assert f"{thing}_{fact}".upper() == kind.name
