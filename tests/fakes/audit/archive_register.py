"""Archived months in memory; entries that were dropped are hidden from whoever reads the audit log."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.audit.archive_manifest import SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth, M
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.clock import NOON
from fakes.store import Store
from ports.audit.archive_register import DropRefused
from ports.audit_log import AuditEntry

HELD: Final = "the file of a payment under legal hold is kept"


def dated(month: ArchivedMonth[M], at: datetime) -> ArchivedMonth[M]:
    """Return *month* as a register dates its last steps at *at*; raises ``DropRefused`` for one that is kept."""
    if month.state is ArchiveState.DELETING:
        if business_day_of(at) <= month.kept_until:
            raise DropRefused("a file stays until no law wants it")
        return replace(month, ended_at=at)
    return replace(month, deleted_at=at) if month.state is ArchiveState.DELETED else month


@dataclass(frozen=True, slots=True)
class MemoryArchiveRegister:
    store: Store
    now: Callable[[], datetime] = lambda: NOON

    async def months(self) -> Sequence[SealedMonth]:
        await asyncio.sleep(0)
        return sorted(
            self.store.archived_months.values(), key=lambda each: each.manifest.span.start
        )

    async def record(self, month: SealedMonth, was: SealedMonth | None, audit: AuditEntry) -> None:
        await asyncio.sleep(0)
        if month.state is ArchiveState.VERIFIED and month.dropped_at is None:
            month = replace(month, verified_at=self.now())
        month = dated(month, self.now())
        if month.state is ArchiveState.DELETING and await self.held_in_file(month.month):
            raise DropRefused(HELD)

        def change(store: Store) -> None:
            known = store.archived_months.get(month.month)
            if (known and (known.state, known.exported_at)) != (
                was and (was.state, was.exported_at)
            ):
                raise ChangedMeanwhile("archived month")
            store.archived_months[month.month] = month
            store.audit.append(audit)

        self.store.apply([change])

    async def note(self, month: ArchiveMonth, span: range) -> None:
        await asyncio.sleep(0)
        subjects = {self.store.audit[entry - 1].subject for entry in self._present(span)}
        self.store.noted_subjects |= {(each, month) for each in subjects or {""}}

    async def months_about(self, subject: str) -> Sequence[SealedMonth]:
        noted = self.store.noted_subjects
        return [
            each
            for each in await self.months()
            if ("", each.month) not in noted or (subject, each.month) in noted
        ]

    async def held(self, span: range) -> Sequence[PaymentId]:
        await asyncio.sleep(0)
        subjects = {self.store.audit[entry - 1].subject for entry in self._present(span)}
        return sorted(each for each in self.store.legal_holds if {each, f"shown:{each}"} & subjects)

    async def held_in_file(self, month: ArchiveMonth) -> Sequence[PaymentId]:
        await asyncio.sleep(0)
        noted = self.store.noted_subjects
        return sorted(
            each
            for each in self.store.legal_holds
            if ("", month) not in noted or {(each, month), (f"shown:{each}", month)} & noted
        )

    async def drop(self, span: range) -> int:
        await asyncio.sleep(0)
        present = self._present(span)
        subjects = {self.store.audit[entry - 1].subject for entry in present}
        if present and not self._may_drop(span):
            raise DropRefused("the audit trail is only ever added to")
        if any(
            self.store.audit[entry - 1].at > self.now() - timedelta(days=365) for entry in present
        ):
            raise DropRefused("the audit trail is only ever added to")
        if any({each, f"shown:{each}"} & subjects for each in self.store.legal_holds):
            raise DropRefused("the audit trail of a payment under legal hold is kept")
        self.store.apply([lambda store: store.dropped_entries.update(present)])
        return len(present)

    def _may_drop(self, span: range) -> bool:
        return any(
            month.may_drop(self.now()) and {*span} <= {*month.manifest.span}
            for month in self.store.archived_months.values()
        )

    def _present(self, span: range) -> set[int]:
        sealed = [leaf.entry for _, leaves in self.store.seals for leaf in leaves]
        return {*sealed[span.start : span.stop]} - self.store.dropped_entries
