"""The states of an archived month of the audit log and every step between them, as a table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class ArchiveState(StrEnum):
    OPEN = "open"
    """Closed for long enough, and not in the archive: its entries are in the database alone."""

    EXPORTED = "exported"
    """Its file was checked against the sealed leaves and put into the file store."""

    VERIFIED = "verified"
    """The file was read back from the file store, and each of its lines is as it was sealed."""

    DROPPED = "dropped"
    """Its entries have left the database; the leaves and the checkpoints stay."""

    DELETING = "deleting"
    """No law wants it any more: a day later its file is deleted, and nobody reads it for an answer."""

    DELETED = "deleted"
    """Its file has left the file store; hash, count and the time of it stay."""


class ArchiveEvent(StrEnum):
    """What can happen to a month of the audit log."""

    EXPORTED = "exported"
    READ_BACK = "read_back"
    FILE_LOST = "file_lost"
    """The file store has no such file, or another one in its place, while all entries are still at hand."""

    ENTRIES_DROPPED = "entries_dropped"
    RETENTION_ENDED = "retention_ended"
    HELD = "held"
    """A payment came under legal hold before the file was deleted."""

    FILE_DELETED = "file_deleted"


_State = ArchiveState
_Event = ArchiveEvent

ARCHIVE_STEPS: Final[Mapping[tuple[ArchiveState, ArchiveEvent], ArchiveState]] = MappingProxyType(
    {
        (_State.OPEN, _Event.EXPORTED): _State.EXPORTED,
        (_State.EXPORTED, _Event.READ_BACK): _State.VERIFIED,
        (_State.EXPORTED, _Event.FILE_LOST): _State.OPEN,
        (_State.VERIFIED, _Event.FILE_LOST): _State.OPEN,
        (_State.VERIFIED, _Event.ENTRIES_DROPPED): _State.DROPPED,
        (_State.DROPPED, _Event.RETENTION_ENDED): _State.DELETING,
        (_State.DELETING, _Event.HELD): _State.DROPPED,
        (_State.DELETING, _Event.FILE_DELETED): _State.DELETED,
    }
)


class IllegalArchiveStep(DomainError):
    """A step that is not in the table: nothing is dropped that was not verified."""

    def __init__(self, state: ArchiveState, event: ArchiveEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"a month of the audit log that is {state} cannot take {event}")


def archive_after(state: ArchiveState, event: ArchiveEvent) -> ArchiveState:
    """Return the state that *event* leads to, or raise ``IllegalArchiveStep``."""
    try:
        return ARCHIVE_STEPS[state, event]
    except KeyError:
        raise IllegalArchiveStep(state, event) from None
