"""The tables of steps are the whole truth about a reconciliation run and a discrepancy."""

from itertools import product

import pytest

from domain.reconciliation.discrepancy_state import (
    DISCREPANCY_STEPS,
    DiscrepancyEvent,
    DiscrepancyState,
    IllegalDiscrepancyStep,
    discrepancy_after,
)
from domain.reconciliation.run_state import RUN_STEPS, IllegalRunStep, RunEvent, RunState, run_after


@pytest.mark.parametrize(("state", "event"), list(product(RunState, RunEvent)))
def test_a_run_takes_only_the_steps_of_the_table(state: RunState, event: RunEvent) -> None:
    """
    Each pair is either written down or refused.
    """
    if (state, event) in RUN_STEPS:
        assert run_after(state, event) is RUN_STEPS[state, event]
    else:
        with pytest.raises(IllegalRunStep) as refused:
            run_after(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize(("state", "event"), list(product(DiscrepancyState, DiscrepancyEvent)))
def test_a_discrepancy_takes_only_the_steps_of_the_table(
    state: DiscrepancyState, event: DiscrepancyEvent
) -> None:
    """
    Each pair is either written down or refused.
    """
    if (state, event) in DISCREPANCY_STEPS:
        assert discrepancy_after(state, event) is DISCREPANCY_STEPS[state, event]
    else:
        with pytest.raises(IllegalDiscrepancyStep) as refused:
            discrepancy_after(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


def test_an_ended_run_never_runs_again() -> None:
    """
    A run that ended is only superseded; nothing leads out of that.
    """
    ended = {state for state in RunState if not state.is_live}

    assert {then for (before, _), then in RUN_STEPS.items() if before in ended} == {
        RunState.SUPERSEDED
    }
    assert not [before for before, _ in RUN_STEPS if before is RunState.SUPERSEDED]


def test_every_finding_has_an_answer() -> None:
    """
    Whatever state a discrepancy is in, a later run may find it; only a decided one with the same difference rests.
    """
    for state in DiscrepancyState:
        again = discrepancy_after(state, DiscrepancyEvent.FOUND_AGAIN)
        assert again.is_open is (state is not DiscrepancyState.RESOLVED)
        assert discrepancy_after(state, DiscrepancyEvent.FOUND_CHANGED).is_open
