"""The states of a settlement file and every step between them, as a table: what is not in it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class SettlementFileState(StrEnum):
    RECEIVED = "received"
    """Its bytes are stored under their hash; nothing is read yet."""

    READING = "reading"
    IMPORTED = "imported"
    """Every row was read or counted: its lines may be posted, and what is absent from it is absent."""

    HELD = "held"
    """A row could not be read, or totals are wrong or missing: nothing is posted, absence proves nothing."""

    REFUSED = "refused"
    """Not a report that any preset reads, or over a limit; nothing of it is taken."""

    SUPERSEDED = "superseded"
    """A re-issue of its settlement was taken."""


class SettlementFileEvent(StrEnum):
    """What can happen to a settlement file."""

    STARTED = "started"
    """A worker took it."""

    READ_WHOLE = "read_whole"
    """Read to its end, and every row is told: a line, a rejected row that is none, or a skipped one."""

    READ_IN_PART = "read_in_part"
    """A row could not be read, or the file's own totals are wrong or missing."""

    REFUSED = "refused"
    WORKER_LOST = "worker_lost"
    RELEASED = "released"
    """A person released the held file, with a reason."""

    SUPERSEDED = "superseded"
    """A re-issue was taken instead."""

    NAMED_OTHERWISE = "named_otherwise"
    """A person named another preset or MID by which a refused file is to be read."""


_State = SettlementFileState
_Event = SettlementFileEvent

FILE_STEPS: Final[Mapping[tuple[SettlementFileState, SettlementFileEvent], SettlementFileState]] = (
    MappingProxyType(
        {
            (_State.RECEIVED, _Event.STARTED): _State.READING,
            (_State.READING, _Event.READ_WHOLE): _State.IMPORTED,
            (_State.READING, _Event.READ_IN_PART): _State.HELD,
            (_State.RECEIVED, _Event.REFUSED): _State.REFUSED,
            (_State.READING, _Event.REFUSED): _State.REFUSED,
            (_State.READING, _Event.WORKER_LOST): _State.RECEIVED,
            (_State.HELD, _Event.RELEASED): _State.IMPORTED,
            (_State.IMPORTED, _Event.SUPERSEDED): _State.SUPERSEDED,
            (_State.HELD, _Event.SUPERSEDED): _State.SUPERSEDED,
            (_State.REFUSED, _Event.NAMED_OTHERWISE): _State.RECEIVED,
        }
    )
)


class IllegalFileStep(DomainError):
    """A step that is not in the table: the file moved meanwhile, or the step was never possible."""

    def __init__(self, state: SettlementFileState, event: SettlementFileEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a settlement file that is {state} cannot take {event}")


def file_after(state: SettlementFileState, event: SettlementFileEvent) -> SettlementFileState:
    """Return the state that *event* leads to, or raise ``IllegalFileStep``."""
    try:
        return FILE_STEPS[state, event]
    except KeyError:
        raise IllegalFileStep(state, event) from None
