"""The table of archived months as a page: how a month of what is on record leaves the database."""

from collections.abc import Mapping
from typing import Final

from domain.audit.archive_state import ARCHIVE_STEPS, ArchiveEvent, ArchiveState
from entrypoints.operations.reconciliation_states import machine

OPENING: Final = """\

# How a month is archived

Printed from the table in `domain/audit/archive_state.py`, for the audit log ([audit.md](audit.md)) and for other rows
that are a record ([retention.md](retention.md)). A month is due when it has been over for as long as its rows stay at
hand. They leave the database 30 days after its file was read back. The file is deleted when no law wants it any more.
While a payment that one of them is about is under legal hold, they stay where they are.
"""
MEANINGS: Final[Mapping[ArchiveState, str]] = {
    ArchiveState.OPEN: "Its rows are in the database alone.",
    ArchiveState.EXPORTED: "Its file was checked against the sealed leaves, or the rows, and put into the file store.",
    ArchiveState.VERIFIED: "The file was read back from the file store, and each of its lines is as it has to be.",
    ArchiveState.DROPPED: "Its rows have left the database; leaves and checkpoints stay.",
    ArchiveState.DELETING: "No law wants it any more. A day later its file is deleted.",
    ArchiveState.DELETED: "Its file has left the file store. Its hash, its count, and when that was, stay.",
}


def archive_states() -> str:
    """Return the part of ``docs/states.md`` that is about archived months."""
    months = machine(ARCHIVE_STEPS, ArchiveState, ArchiveEvent, MEANINGS, ArchiveState.OPEN)
    return f"{OPENING}\n{months}"
