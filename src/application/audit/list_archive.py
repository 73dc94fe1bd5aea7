"""List archived months of each kind, all or those whose files hold something about a payment; no file is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archived_month import ArchivedMonth
from domain.audit.ended_lines import LOG
from domain.audit.record_kind import RecordKind
from domain.audit.record_manifest import RecordManifest
from domain.identifiers import PaymentId
from ports.audit.archive_register import ArchiveRegister
from ports.audit.record_archive import RecordArchive

OF_LOG = LOG.removesuffix(":")


@dataclass(frozen=True, slots=True)
class ListedMonth:
    """A month of *kind*, and the payments for which its rows or its file stay."""

    kind: str
    month: ArchivedMonth[Any]
    held: Sequence[PaymentId] = ()

    @property
    def count(self) -> int:
        """How many lines its file has."""
        return int(self.month.manifest.told["count"])


@dataclass(frozen=True, slots=True)
class ListArchive:
    register: ArchiveRegister
    records: RecordArchive

    async def __call__(self, payment: PaymentId | None = None) -> Sequence[ListedMonth]:
        """
        Return the months, the latest first; with *payment* those in whose files it was noted.

        An early month of the audit log, of which nothing was noted, may be about any payment.
        """
        sealed: Sequence[ArchivedMonth[ArchiveManifest]]
        rows: Sequence[ArchivedMonth[RecordManifest]]
        if payment is None:
            sealed = await self.register.months()
            rows = [each for kind in RecordKind for each in await self.records.months(kind)]
        else:
            sealed = await self.register.months_about(payment)
            rows = await self.records.months_about(payment)
        found = [
            *(ListedMonth(OF_LOG, each) for each in sealed),
            *(ListedMonth(each.manifest.kind.value, each) for each in rows),
        ]
        return sorted(found, key=lambda each: (each.month.month, each.kind), reverse=True)
