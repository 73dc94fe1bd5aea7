"""The table of steps is the whole truth about where a payment may go."""

from itertools import product

import pytest

from domain.payments.payment_state import STEPS, Event, IllegalStep, State, after, can_take


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_the_table_is_the_whole_truth(state: State, event: Event) -> None:
    """
    Each of the fifty-six pairs is either written down or refused.
    """
    if (state, event) in STEPS:
        assert can_take(state, event)
        assert after(state, event) is STEPS[state, event]
    else:
        assert not can_take(state, event)
        with pytest.raises(IllegalStep) as refused:
            after(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


SOLD = {State.SUCCESS, State.PARTIALLY_REFUNDED, State.REFUNDED}


def test_nothing_leads_away_from_a_sale() -> None:
    """
    Money taken is never untaken by a change of state; it only goes back, forward and never twice.
    """
    assert {state for state in State if state.is_sold} == SOLD
    assert {to for (state, _), to in STEPS.items() if state in SOLD} == SOLD - {State.SUCCESS}
    assert State.REFUNDED not in {state for state, _ in STEPS}


def test_every_state_can_be_reached_and_every_end_can_still_be_charged() -> None:
    """
    No state is decoration, and a late charge is never lost.
    """
    assert {State.PENDING, *STEPS.values()} == set(State)
    assert {state for state, event in STEPS if event is Event.BANK_CHARGED} == (set(State) - SOLD)


def test_steps_go_forward_only() -> None:
    """
    Nothing leads back to pending, and only pending leads to processing.
    """
    assert State.PENDING not in STEPS.values()
    assert {state for (state, _), to in STEPS.items() if to is State.PROCESSING} == {State.PENDING}


def test_live_is_what_holds_the_place() -> None:
    """
    Pending and processing, nothing else.
    """
    assert [state for state in State if state.is_live] == [State.PENDING, State.PROCESSING]


def test_the_table_cannot_be_changed() -> None:
    """
    Not by accident and not by a test.
    """
    with pytest.raises(TypeError):
        STEPS[State.SUCCESS, Event.BANK_DECLINED] = State.FAILED  # type: ignore[index]  # that is the point
