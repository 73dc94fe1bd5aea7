"""The states of a reconciliation run and every step between them, as a table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class RunState(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """It ended, and a file is missing or held: nothing was concluded from what is not in the others."""

    FAILED = "failed"
    SUPERSEDED = "superseded"
    """A newer run of the same range has ended."""

    @property
    def is_live(self) -> bool:
        """Whether it has not ended: a range has at most one such run."""
        return self in {RunState.REQUESTED, RunState.RUNNING}


class RunEvent(StrEnum):
    """What can happen to a run."""

    TAKEN = "taken"
    ALL_DONE = "all_done"
    """Every file of the range was there, whole, and all of it was compared."""

    FILE_MISSING = "file_missing"
    """What is there was compared; a file is missing or held."""

    COULD_NOT = "could_not"
    WORKER_LOST = "worker_lost"
    NEWER_ENDED = "newer_ended"


RUN_STEPS: Final[Mapping[tuple[RunState, RunEvent], RunState]] = MappingProxyType(
    {
        (RunState.REQUESTED, RunEvent.TAKEN): RunState.RUNNING,
        (RunState.RUNNING, RunEvent.ALL_DONE): RunState.COMPLETE,
        (RunState.RUNNING, RunEvent.FILE_MISSING): RunState.INCOMPLETE,
        (RunState.RUNNING, RunEvent.COULD_NOT): RunState.FAILED,
        (RunState.RUNNING, RunEvent.WORKER_LOST): RunState.REQUESTED,
        # What has ended is never changed; the newer run only takes its place.
        (RunState.COMPLETE, RunEvent.NEWER_ENDED): RunState.SUPERSEDED,
        (RunState.INCOMPLETE, RunEvent.NEWER_ENDED): RunState.SUPERSEDED,
        (RunState.FAILED, RunEvent.NEWER_ENDED): RunState.SUPERSEDED,
    }
)


class IllegalRunStep(DomainError):
    """A step that is not in the table: a fault of our own code, or another worker was faster."""

    def __init__(self, state: RunState, event: RunEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a {state} run cannot take {event}")


def run_after(state: RunState, event: RunEvent) -> RunState:
    """Return the state that *event* leads to, or raise ``IllegalRunStep``."""
    try:
        return RUN_STEPS[state, event]
    except KeyError:
        raise IllegalRunStep(state, event) from None
