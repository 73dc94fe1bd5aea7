"""A circuit breaker for one kind of call: when calls are suspended, and when they are tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self


class CircuitState(StrEnum):
    CLOSED = "closed"
    """Calls go to the bank."""

    OPEN = "open"
    """Calls are suspended."""

    HALF_OPEN = "half_open"
    """One trial call is under way; other calls are suspended until it has ended."""


class CircuitEvent(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    THRESHOLD_REACHED = "threshold_reached"
    CANCELLED = "cancelled"
    """The caller was cancelled before the call ended."""

    OPEN_TIME_OVER = "open_time_over"


class IllegalTransition(Exception):
    """The circuit cannot take this event in this state."""


TRANSITIONS: Final[Mapping[tuple[CircuitState, CircuitEvent], CircuitState]] = MappingProxyType(
    {
        (CircuitState.CLOSED, CircuitEvent.SUCCESS): CircuitState.CLOSED,
        (CircuitState.CLOSED, CircuitEvent.FAILURE): CircuitState.CLOSED,
        (CircuitState.CLOSED, CircuitEvent.THRESHOLD_REACHED): CircuitState.OPEN,
        (CircuitState.CLOSED, CircuitEvent.CANCELLED): CircuitState.CLOSED,
        (CircuitState.OPEN, CircuitEvent.OPEN_TIME_OVER): CircuitState.HALF_OPEN,
        (CircuitState.HALF_OPEN, CircuitEvent.SUCCESS): CircuitState.CLOSED,
        (CircuitState.HALF_OPEN, CircuitEvent.FAILURE): CircuitState.OPEN,
        (CircuitState.HALF_OPEN, CircuitEvent.CANCELLED): CircuitState.OPEN,
    }
)


def next_state(state: CircuitState, event: CircuitEvent) -> CircuitState:
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"{event} in {state}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitPolicy:
    """
    How many failures in a row open the circuit, and for how long.

    Each failed trial call doubles the open time, up to *open_for_max*.
    """

    failure_threshold: int = 5
    open_for: timedelta = timedelta(seconds=10)
    open_for_max: timedelta = timedelta(minutes=1)

    def open_duration(self, openings: int, chance: float) -> float:
        """Return the open time in seconds after *openings* earlier ones; *chance* (0 to 1) spreads its second half."""
        whole = min(self.open_for * (1 << min(openings, 16)), self.open_for_max)
        return whole.total_seconds() * (1 + chance) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Times are seconds of a monotonic clock; *generation* counts the changes of state."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    openings: int = 0
    open_until: float = 0.0
    generation: int = 0

    def wait_seconds(self, at: float, probe: float) -> float | None:
        """Return the seconds until a call is allowed, *probe* during a trial call, None when it is allowed now."""
        if self.state is CircuitState.HALF_OPEN:
            return probe
        if self.state is CircuitState.OPEN and at < self.open_until:
            return self.open_until - at
        return None

    def begin_call(self) -> Self:
        """Return the circuit with a call under way; ``wait_seconds`` has to be None before."""
        return self._move(CircuitEvent.OPEN_TIME_OVER) if self.state is CircuitState.OPEN else self

    def after(
        self,
        event: CircuitEvent,
        *,
        generation: int,
        at: float,
        circuit_policy: CircuitPolicy,
        chance: float,
    ) -> Self:
        """Return the circuit after a call that began in *generation*; a call of an older generation changes nothing."""
        if generation != self.generation:
            return self
        match event:
            case CircuitEvent.FAILURE if self.state is CircuitState.CLOSED:
                failures = self.failures + 1
                if failures < circuit_policy.failure_threshold:
                    return replace(self, failures=failures)
                return self._opened(
                    CircuitEvent.THRESHOLD_REACHED, at + circuit_policy.open_duration(0, chance)
                )
            case CircuitEvent.FAILURE:
                return self._opened(event, at + circuit_policy.open_duration(self.openings, chance))
            case CircuitEvent.CANCELLED:
                return self._move(event)
            case _:
                return replace(self._move(event), failures=0, openings=0)

    def _opened(self, event: CircuitEvent, until: float) -> Self:
        return replace(self._move(event), failures=0, openings=self.openings + 1, open_until=until)

    def _move(self, event: CircuitEvent) -> Self:
        state = next_state(self.state, event)
        return replace(self, state=state, generation=self.generation + (state is not self.state))
