"""The table of steps is the whole truth about where a refund may go."""

from itertools import product

import pytest

from domain.payments.refund_state import (
    REFUND_STEPS,
    IllegalRefundStep,
    RefundEvent,
    RefundState,
    refund_after,
    refund_can_take,
)


@pytest.mark.parametrize(("state", "event"), list(product(RefundState, RefundEvent)))
def test_the_table_is_the_whole_truth(state: RefundState, event: RefundEvent) -> None:
    """
    Each pair is either written down or refused.
    """
    if (state, event) in REFUND_STEPS:
        assert refund_can_take(state, event)
        assert refund_after(state, event) is REFUND_STEPS[state, event]
    else:
        assert not refund_can_take(state, event)
        with pytest.raises(IllegalRefundStep) as refused:
            refund_after(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


def test_money_that_went_back_stays_back() -> None:
    """
    Nothing leads away from success, and every state the bank knows of may still lead to it.
    """
    assert RefundState.SUCCESS not in {state for state, _ in REFUND_STEPS}
    assert {state for state, event in REFUND_STEPS if event is RefundEvent.BANK_PAID} == {
        state for state in RefundState if state.was_sent and state is not RefundState.SUCCESS
    }


def test_the_bank_moves_nothing_before_a_second_person_approved() -> None:
    """
    What waits for approval has never been sent, so no word of the bank's is about it.
    """
    events = {event for state, event in REFUND_STEPS if state is RefundState.AWAITING_APPROVAL}

    assert events == {
        RefundEvent.APPROVED,
        RefundEvent.REJECTED,
        RefundEvent.WITHDRAWN,
        RefundEvent.APPROVAL_LAPSED,
    }


def test_every_state_is_reached_and_every_event_leads_somewhere() -> None:
    """
    No word is decoration.
    """
    begins = {RefundState.AWAITING_APPROVAL, RefundState.REQUESTED}

    assert begins | set(REFUND_STEPS.values()) == set(RefundState)
    assert {event for _, event in REFUND_STEPS} == set(RefundEvent)


def test_a_refund_in_flight_may_still_be_paid() -> None:
    """
    An amount is spoken for exactly while some step can end in success, a contradicted failure aside.
    """
    reaching = {RefundState.SUCCESS}
    for _ in RefundState:
        reaching |= {state for (state, _), to in REFUND_STEPS.items() if to in reaching}

    assert reaching - {RefundState.SUCCESS, RefundState.FAILED} == {
        state for state in RefundState if state.is_in_flight
    }
    assert {state for state in RefundState if state.is_with_the_bank} == {
        RefundState.REQUESTED,
        RefundState.PENDING,
        RefundState.MANUAL_REVIEW,
    }


def test_the_table_cannot_be_changed() -> None:
    """
    Not by accident and not by a test.
    """
    with pytest.raises(TypeError):
        REFUND_STEPS[RefundState.SUCCESS, RefundEvent.BANK_FAILED] = RefundState.FAILED  # type: ignore[index]  # that is the point
