"""When the bank is left alone and when it is asked again, without a bank and without a clock."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.breaker.circuit import (
    TURNS,
    Circuit,
    CircuitEvent,
    CircuitPolicy,
    CircuitState,
    IllegalTurn,
    turned,
)

PATIENCE = CircuitPolicy(
    failure_threshold=3, open_for=timedelta(seconds=10), open_for_max=timedelta(seconds=60)
)
PROBE = 1.0


def after(circuit: Circuit, *events: CircuitEvent, at: float = 0.0, chance: float = 1.0) -> Circuit:
    for event in events:
        circuit = circuit.after(
            event, turn=circuit.turn, at=at, circuit_policy=PATIENCE, chance=chance
        )
    return circuit


OPEN = after(Circuit(), *[CircuitEvent.SILENT] * 3)


@pytest.mark.parametrize(("state", "event"), list(product(CircuitState, CircuitEvent)))
def test_the_table_is_the_whole_truth(state: CircuitState, event: CircuitEvent) -> None:
    """
    Each of the fifteen pairs is either written down or refused.
    """
    if (state, event) in TURNS:
        assert TURNS[state, event] is turned(state, event)
    else:
        with pytest.raises(IllegalTurn):
            turned(state, event)


def test_every_state_is_left_again() -> None:
    """
    No state is an end: a bank that comes back is found again.
    """
    assert set(CircuitState) == {state for (state, _), to in TURNS.items() if to is not state}
    assert set(CircuitState) == set(TURNS.values())


def test_silence_in_a_row_opens_the_circuit() -> None:
    """
    The last one allowed does not, one more does; an answer between them starts the count anew.
    """
    twice = after(Circuit(), CircuitEvent.SILENT, CircuitEvent.SILENT)
    answered = after(twice, CircuitEvent.ANSWERED, CircuitEvent.SILENT, CircuitEvent.SILENT)

    assert CircuitState.CLOSED is twice.state is answered.state
    assert CircuitState.CLOSED is after(twice, CircuitEvent.ABANDONED).state
    assert CircuitState.OPEN is after(twice, CircuitEvent.SILENT).state is OPEN.state


def test_an_open_circuit_says_how_long() -> None:
    """
    Until the rest is over, to the moment.
    """
    assert OPEN.wait_seconds(0.0, PROBE) == 10.0
    assert OPEN.wait_seconds(9.5, PROBE) == 0.5
    assert OPEN.wait_seconds(10.0, PROBE) is None
    assert Circuit().wait_seconds(0.0, PROBE) is None


def test_one_question_finds_out() -> None:
    """
    While it is on its way the others wait; its answer closes the circuit, its silence opens it again.
    """
    probing = OPEN.asking()

    assert (probing.state, probing.wait_seconds(10.0, PROBE)) == (CircuitState.HALF_OPEN, PROBE)
    assert CircuitState.CLOSED is after(probing, CircuitEvent.ANSWERED).state
    assert CircuitState.OPEN is after(probing, CircuitEvent.SILENT).state


def test_an_abandoned_question_lets_the_next_one_find_out() -> None:
    """
    Whoever goes away neither proves the bank nor keeps anybody waiting.
    """
    abandoned = after(OPEN.asking(), CircuitEvent.ABANDONED, at=10.0)

    assert (abandoned.state, abandoned.wait_seconds(10.0, PROBE)) == (CircuitState.OPEN, None)


def test_each_rest_is_longer_up_to_a_bound() -> None:
    """
    10, 20, 40 and then 60 seconds for ever; one answer and it begins anew.
    """
    circuit, openings = OPEN, [OPEN.open_until]
    for _ in range(40):
        circuit = after(circuit.asking(), CircuitEvent.SILENT)
        openings.append(circuit.open_until)

    assert openings == [10.0, 20.0, 40.0, *[60.0] * 38]
    again = after(after(circuit.asking(), CircuitEvent.ANSWERED), *[CircuitEvent.SILENT] * 3)
    assert again.open_until == 10.0


@given(st.integers(0, 100), st.floats(0, 1))
def test_chance_spreads_the_last_half_of_a_rest(openings: int, chance: float) -> None:
    """
    Several processes do not come back to the bank at the same moment, and none comes back at once.
    """
    whole = PATIENCE.open_duration(openings, 1.0)

    assert whole / 2 <= PATIENCE.open_duration(openings, chance) <= whole <= 60.0


def test_old_news_moves_nothing() -> None:
    """
    A question that was asked before the circuit turned says nothing about the bank of now.
    """
    old = Circuit().turn
    for circuit in (OPEN, OPEN.asking()):
        for event in (CircuitEvent.ANSWERED, CircuitEvent.SILENT, CircuitEvent.ABANDONED):
            assert circuit == circuit.after(
                event, turn=old, at=5.0, circuit_policy=PATIENCE, chance=0.5
            )


@given(
    st.lists(
        st.tuples(
            st.sampled_from([CircuitEvent.ANSWERED, CircuitEvent.SILENT, CircuitEvent.ABANDONED]),
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
    Questions overlap and end in any order: never two finding out, never asked during a rest, never stuck.
    """
    circuit, at, on_their_way = Circuit(), 0.0, list[int]()
    for event, passed, which in history:
        at += passed
        if circuit.wait_seconds(at, PROBE) is None:
            circuit = circuit.asking()
            on_their_way.append(circuit.turn)
        if on_their_way:
            turn = on_their_way.pop(which % len(on_their_way))
            circuit = circuit.after(event, turn=turn, at=at, circuit_policy=PATIENCE, chance=0.5)
        finding_out = on_their_way.count(circuit.turn)
        assert circuit.state is not CircuitState.HALF_OPEN or finding_out == 1
        assert circuit.state is not CircuitState.OPEN or finding_out == 0
        assert circuit.failures < PATIENCE.failure_threshold
        assert circuit.state is CircuitState.HALF_OPEN or (
            circuit.wait_seconds(at + 61, PROBE) is None
        )
