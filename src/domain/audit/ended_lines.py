"""Lines of the audit log that are gone by right: their retention has ended, and a sealed entry of the log says so."""

from datetime import datetime
from typing import Final

from domain.audit.archive_month import ArchiveMonth
from domain.audit.audit_line import AuditLine
from domain.audit.retention import kept_until
from domain.business_day import business_day_of

LOG: Final = "audit_log:"
"""Begins what entries about a month of the audit log are about."""

ENDED: Final = "archive.retention_ended"
"""What an entry tells before the file of a month is deleted."""

_MARK: Final = f'"{ENDED}"'.encode()


def ended_before(line: bytes) -> int:
    """
    Return the index before which all lines may be gone by what a sealed *line* tells; 0 for nearly all.

    Months of the audit log are deleted in their order. A line that tells of a month before its time tells nothing.
    """
    # Hardly any line tells of it: only those that may are read as JSON.
    if _MARK not in line:
        return 0
    try:
        told = AuditLine.parse(line)
        if told.action != ENDED or not told.subject.startswith(LOG):
            return 0
        month = ArchiveMonth.parse(told.subject.removeprefix(LOG))
        first, count = int(str(told.facts["first"])), int(str(told.facts["count"]))
    except (ValueError, KeyError):
        return 0
    return first + count if _is_over(month, told.at) else 0


def _is_over(month: ArchiveMonth, at: datetime) -> bool:
    return business_day_of(at) > kept_until(month.last_day)
