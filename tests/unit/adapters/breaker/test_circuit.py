"""When a circuit opens and closes, without a bank and without a clock."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.breaker.circuit import (
    TRANSITIONS,
    Circuit,
    CircuitEvent,
    CircuitPolicy,
    CircuitState,
    IllegalTransition,
    next_state,
)

POLICY = CircuitPolicy(
    failure_threshold=3, open_for=timedelta(seconds=10), open_for_max=timedelta(seconds=60)
)
PROBE = 1.0


def after(circuit: Circuit, *events: CircuitEvent, at: float = 0.0, chance: float = 1.0) -> Circuit:
    for event in events:
        circuit = circuit.after(
            event, generation=circuit.generation, at=at, circuit_policy=POLICY, chance=chance
        )
    return circuit


OPEN = after(Circuit(), *[CircuitEvent.FAILURE] * 3)


@pytest.mark.parametrize(("state", "event"), list(product(CircuitState, CircuitEvent)))
def test_the_table_is_the_whole_truth(state: CircuitState, event: CircuitEvent) -> None:
    """
    Each of the fifteen pairs is either written down or refused.
    """
    if (state, event) in TRANSITIONS:
        assert TRANSITIONS[state, event] is next_state(state, event)
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, event)


def test_every_state_is_left_again() -> None:
    """
    No state is an end: a bank that comes back is found again.
    """
    assert set(CircuitState) == {state for (state, _), to in TRANSITIONS.items() if to is not state}
    assert set(CircuitState) == set(TRANSITIONS.values())


def test_failures_in_a_row_open_the_circuit() -> None:
    """
    The last one allowed does not, one more does; an answer between them starts the count anew.
    """
    twice = after(Circuit(), CircuitEvent.FAILURE, CircuitEvent.FAILURE)
    answered = after(twice, CircuitEvent.SUCCESS, CircuitEvent.FAILURE, CircuitEvent.FAILURE)

    assert CircuitState.CLOSED is twice.state is answered.state
    assert CircuitState.CLOSED is after(twice, CircuitEvent.CANCELLED).state
    assert CircuitState.OPEN is after(twice, CircuitEvent.FAILURE).state is OPEN.state


def test_an_open_circuit_says_how_long() -> None:
    """
    Until the open time is over, exactly.
    """
    assert OPEN.wait_seconds(0.0, PROBE) == 10.0
    assert OPEN.wait_seconds(9.5, PROBE) == 0.5
    assert OPEN.wait_seconds(10.0, PROBE) is None
    assert Circuit().wait_seconds(0.0, PROBE) is None


def test_one_trial_call_decides() -> None:
    """
    While it is under way other calls are suspended; its success closes the circuit, its failure opens it again.
    """
    trial = OPEN.begin_call()

    assert (trial.state, trial.wait_seconds(10.0, PROBE)) == (CircuitState.HALF_OPEN, PROBE)
    assert CircuitState.CLOSED is after(trial, CircuitEvent.SUCCESS).state
    assert CircuitState.OPEN is after(trial, CircuitEvent.FAILURE).state


def test_a_cancelled_trial_call_lets_the_next_one_decide() -> None:
    """
    A cancelled call says nothing about the bank, and the next call is allowed at once.
    """
    cancelled = after(OPEN.begin_call(), CircuitEvent.CANCELLED, at=10.0)

    assert (cancelled.state, cancelled.wait_seconds(10.0, PROBE)) == (CircuitState.OPEN, None)


def test_each_open_time_is_longer_up_to_a_limit() -> None:
    """
    10, 20, 40 and then always 60 seconds; after one success it is 10 again.
    """
    circuit, openings = OPEN, [OPEN.open_until]
    for _ in range(40):
        circuit = after(circuit.begin_call(), CircuitEvent.FAILURE)
        openings.append(circuit.open_until)

    assert openings == [10.0, 20.0, 40.0, *[60.0] * 38]
    again = after(after(circuit.begin_call(), CircuitEvent.SUCCESS), *[CircuitEvent.FAILURE] * 3)
    assert again.open_until == 10.0


@given(st.integers(0, 100), st.floats(0, 1))
def test_chance_spreads_the_second_half_of_an_open_time(openings: int, chance: float) -> None:
    """
    Several processes do not retry at the same moment, and none retries at once.
    """
    whole = POLICY.open_duration(openings, 1.0)

    assert whole / 2 <= POLICY.open_duration(openings, chance) <= whole <= 60.0


def test_a_call_of_an_older_generation_changes_nothing() -> None:
    """
    A call that began before the last change of state says nothing about the bank now.
    """
    old = Circuit().generation
    for circuit in (OPEN, OPEN.begin_call()):
        for event in (CircuitEvent.SUCCESS, CircuitEvent.FAILURE, CircuitEvent.CANCELLED):
            assert circuit == circuit.after(
                event, generation=old, at=5.0, circuit_policy=POLICY, chance=0.5
            )


@given(
    st.lists(
        st.tuples(
            st.sampled_from([CircuitEvent.SUCCESS, CircuitEvent.FAILURE, CircuitEvent.CANCELLED]),
            st.floats(0, 30),
            st.integers(0, 5),
        ),
        max_size=60,
    )
)
def test_any_history_keeps_to_the_rules(
    history: list[tuple[CircuitEvent, float, int]],
) -> None:
    """
    Calls overlap and end in any order: never two trial calls, never a call while open, never stuck.
    """
    circuit, at, under_way = Circuit(), 0.0, list[int]()
    for event, passed, which in history:
        at += passed
        if circuit.wait_seconds(at, PROBE) is None:
            circuit = circuit.begin_call()
            under_way.append(circuit.generation)
        if under_way:
            generation = under_way.pop(which % len(under_way))
            circuit = circuit.after(
                event, generation=generation, at=at, circuit_policy=POLICY, chance=0.5
            )
        trial_calls = under_way.count(circuit.generation)
        assert circuit.state is not CircuitState.HALF_OPEN or trial_calls == 1
        assert circuit.state is not CircuitState.OPEN or trial_calls == 0
        assert circuit.failures < POLICY.failure_threshold
        assert circuit.state is CircuitState.HALF_OPEN or (
            circuit.wait_seconds(at + 61, PROBE) is None
        )
