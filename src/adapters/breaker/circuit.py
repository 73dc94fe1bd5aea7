"""When a bank that does not answer is left alone, and when it is asked again: one kind of question's circuit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self


class CircuitState(StrEnum):
    CLOSED = "closed"
    """Questions go to the bank."""

    OPEN = "open"
    """The bank is left alone."""

    HALF_OPEN = "half_open"
    """One question is on its way to find out; the others wait for what becomes of it."""


class CircuitEvent(StrEnum):
    ANSWERED = "answered"
    SILENT = "silent"
    SILENT_ONCE_TOO_OFTEN = "silent_once_too_often"
    ABANDONED = "abandoned"
    """Whoever asked went away before anybody could tell."""

    RESTED = "rested"


class IllegalTurn(Exception):
    """The circuit cannot take this event in this state."""


TURNS: Final[Mapping[tuple[CircuitState, CircuitEvent], CircuitState]] = MappingProxyType(
    {
        (CircuitState.CLOSED, CircuitEvent.ANSWERED): CircuitState.CLOSED,
        (CircuitState.CLOSED, CircuitEvent.SILENT): CircuitState.CLOSED,
        (CircuitState.CLOSED, CircuitEvent.SILENT_ONCE_TOO_OFTEN): CircuitState.OPEN,
        (CircuitState.CLOSED, CircuitEvent.ABANDONED): CircuitState.CLOSED,
        (CircuitState.OPEN, CircuitEvent.RESTED): CircuitState.HALF_OPEN,
        (CircuitState.HALF_OPEN, CircuitEvent.ANSWERED): CircuitState.CLOSED,
        (CircuitState.HALF_OPEN, CircuitEvent.SILENT): CircuitState.OPEN,
        (CircuitState.HALF_OPEN, CircuitEvent.ABANDONED): CircuitState.OPEN,
    }
)


def turned(state: CircuitState, event: CircuitEvent) -> CircuitState:
    try:
        return TURNS[state, event]
    except KeyError:
        raise IllegalTurn(f"{event} in {state}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitPolicy:
    """
    How often the bank may be silent in a row, and how long it is left alone then.

    Each rest after a fruitless question is twice the one before, at most *open_for_max*.
    """

    failure_threshold: int = 5
    open_for: timedelta = timedelta(seconds=10)
    open_for_max: timedelta = timedelta(minutes=1)

    def open_duration(self, openings: int, chance: float) -> float:
        """Return the seconds of the rest after *openings* others, spread by *chance* (0 to 1) over its last half."""
        whole = min(self.open_for * (1 << min(openings, 16)), self.open_for_max)
        return whole.total_seconds() * (1 + chance) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Moments are seconds of a clock that never goes back; *turn* counts the changes of state."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    openings: int = 0
    open_until: float = 0.0
    turn: int = 0

    def wait_seconds(self, at: float, probe: float) -> float | None:
        """Return how many seconds to wait before asking, *probe* while one finds out, None for none."""
        if self.state is CircuitState.HALF_OPEN:
            return probe
        if self.state is CircuitState.OPEN and at < self.open_until:
            return self.open_until - at
        return None

    def asking(self) -> Self:
        """Return the circuit with a question on its way; ``wait_seconds`` was None."""
        return self._turn(CircuitEvent.RESTED) if self.state is CircuitState.OPEN else self

    def after(
        self,
        event: CircuitEvent,
        *,
        turn: int,
        at: float,
        circuit_policy: CircuitPolicy,
        chance: float,
    ) -> Self:
        """Return the circuit after what became of a question asked in *turn*; an older one is no news."""
        if turn != self.turn:
            return self
        match event:
            case CircuitEvent.SILENT if self.state is CircuitState.CLOSED:
                failures = self.failures + 1
                if failures < circuit_policy.failure_threshold:
                    return replace(self, failures=failures)
                return self._rest(
                    CircuitEvent.SILENT_ONCE_TOO_OFTEN, at + circuit_policy.open_duration(0, chance)
                )
            case CircuitEvent.SILENT:
                return self._rest(event, at + circuit_policy.open_duration(self.openings, chance))
            case CircuitEvent.ABANDONED:
                return self._turn(event)
            case _:
                return replace(self._turn(event), failures=0, openings=0)

    def _rest(self, event: CircuitEvent, until: float) -> Self:
        return replace(self._turn(event), failures=0, openings=self.openings + 1, open_until=until)

    def _turn(self, event: CircuitEvent) -> Self:
        state = turned(self.state, event)
        return replace(self, state=state, turn=self.turn + (state is not self.state))
