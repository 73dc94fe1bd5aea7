"""A month of what is archived on its way into the archive, and out of the database."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveEvent, ArchiveState, archive_after
from domain.audit.retention import kept_until
from domain.business_day import business_day_of

GRACE: Final = timedelta(days=30)
"""So long the entries of a verified month stay in the database: whatever is wrong with the file can still be mended."""

DELETED_AFTER: Final = timedelta(days=1)
"""So long a file stays when its time has ended: what tells of it is sealed, and a hold may still be set."""


class MonthManifest(Protocol):
    """What is known of the file of a month, whatever is in it."""

    @property
    def month(self) -> ArchiveMonth: ...
    @property
    def sha256(self) -> str: ...
    @property
    def told(self) -> Mapping[str, str]:
        """What an entry of the audit log says of the file, beside its hashes."""
        ...

    def stored(self, sha256: str, size_bytes: int) -> Self:
        """Return the manifest of the same month, whose file has this hash and size."""
        ...

    def __bytes__(self) -> bytes: ...


M = TypeVar("M", bound=MonthManifest)


def manifest_in(written: bytes, made_of: Callable[[Any], M]) -> M:
    """Return what *made_of* makes of the JSON in *written*, or raise ``ValueError``; there is one way to write it."""
    try:
        manifest = made_of(json.loads(written))
        again = bytes(manifest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError("the manifest of an archived month cannot be read") from fault
    if again != written:
        raise ValueError("the manifest of an archived month is not written as they are")
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMonth(Generic[M]):
    """*manifest* tells of its file; the instants (UTC) are of its last steps."""

    manifest: M
    state: ArchiveState
    exported_at: datetime
    verified_at: datetime | None = None
    dropped_at: datetime | None = None
    ended_at: datetime | None = None
    deleted_at: datetime | None = None

    @classmethod
    def exported(cls, manifest: M, at: datetime) -> Self:
        """Return a month whose file is put into the file store for the first time, or anew."""
        state = archive_after(ArchiveState.OPEN, ArchiveEvent.EXPORTED)
        return cls(manifest=manifest, state=state, exported_at=at)

    def read_back(self, at: datetime) -> Self:
        """Return the month when its file was read back, and is what was sealed. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.READ_BACK), verified_at=at)

    def lost(self) -> Self:
        """Return the month when its file is gone or damaged. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.FILE_LOST), verified_at=None)

    def dropped(self, at: datetime) -> Self:
        """Return the month when the database has none of its entries. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.ENTRIES_DROPPED), dropped_at=at)

    def ended(self, at: datetime) -> Self:
        """Return the month when no law wants its file any more. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.RETENTION_ENDED), ended_at=at)

    def kept(self) -> Self:
        """Return the month when a payment in it came under legal hold meanwhile. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.HELD), ended_at=None)

    def deleted(self, at: datetime) -> Self:
        """Return the month when its file has left the file store. Raises ``IllegalArchiveStep``."""
        return replace(self, state=self._after(ArchiveEvent.FILE_DELETED), deleted_at=at)

    @property
    def month(self) -> ArchiveMonth:
        return self.manifest.month

    @property
    def holds_lines(self) -> bool:
        """Whether its file was found to hold what may have left the database."""
        return self.state in {ArchiveState.VERIFIED, ArchiveState.DROPPED}

    @property
    def kept_until(self) -> date:
        return kept_until(self.month.last_day)

    def may_drop(self, at: datetime) -> bool:
        """Whether it was verified, and the time of grace has passed since."""
        return (
            self.state is ArchiveState.VERIFIED
            and self.verified_at is not None
            and at - self.verified_at >= GRACE
        )

    def is_over(self, at: datetime) -> bool:
        """Whether its rows have left the database, and no law wants its file any more, on the day in India (IST)."""
        return self.state is ArchiveState.DROPPED and business_day_of(at) > self.kept_until

    def may_delete(self, at: datetime) -> bool:
        """Whether its time ended a day ago."""
        return (
            self.state is ArchiveState.DELETING
            and self.ended_at is not None
            and at - self.ended_at >= DELETED_AFTER
        )

    def _after(self, event: ArchiveEvent) -> ArchiveState:
        return archive_after(self.state, event)
