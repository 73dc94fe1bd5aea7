"""Statements of the account in memory."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.errors import ChangedMeanwhile
from domain.settlements.bank_statement import BankEntry
from domain.settlements.statement_chain import ChainEnds
from fakes.settlements.stored import EntryRow
from fakes.store import FaultOfOurs, Store
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.bank_statements import (
    StatementHold,
    StoredEntry,
    StoredStatement,
)


@dataclass(slots=True)
class MemoryStatementImport:
    store: Store

    async def ends(self, account: str) -> ChainEnds | None:
        await asyncio.sleep(0)
        placed = {
            each.sequence: each
            for each in self.store.bank_statements.values()
            if each.account == account and each.sequence is not None
        }
        if not placed:
            return None
        first, last = min(placed), max(placed)
        begins, ends = placed[first].begins_at, placed[last].ends_at
        if begins is None or ends is None:
            raise FaultOfOurs("a statement that counts stands between balances")
        return ChainEnds(first=first, begins_at=begins, last=last, ends_at=ends)

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        await asyncio.sleep(0)
        return frozenset(self.store.bank_entries.keys() & set(keys))

    async def forget_held(self, file: FileHash) -> None:
        await asyncio.sleep(0)
        for place, each in list(self.store.bank_statements.items()):
            if each.file == file and each.sequence is None:
                del self.store.bank_statements[place]

    async def add(
        self, statement: StoredStatement, new: Sequence[tuple[str, BankEntry]], audit: AuditEntry
    ) -> None:
        await asyncio.sleep(0)
        place = (statement.file, statement.place)
        if place in self.store.bank_statements:
            raise ChangedMeanwhile("bank_statement_once")
        self.store.bank_statements[place] = statement
        for key, entry in new:
            if key in self.store.bank_entries:
                raise ChangedMeanwhile("bank_entry_once")
            number = len(self.store.bank_entries) + 1
            self.store.bank_entries[key] = EntryRow(
                number=number, account=statement.account, key=key, entry=entry
            )
        self.store.audit.append(audit)


@dataclass(slots=True)
class MemoryBankStatements:
    store: Store
    _deciding: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def importing(self) -> AsyncIterator[MemoryStatementImport]:
        async with self._deciding:
            copied = self.store.copied()
            yield MemoryStatementImport(copied)
            self.store.take(copied)

    async def of_file(self, file: FileHash) -> Sequence[StoredStatement]:
        await asyncio.sleep(0)
        return [
            each for place, each in sorted(self.store.bank_statements.items()) if place[0] == file
        ]

    async def page(
        self, *, before: tuple[datetime, FileHash, int] | None = None, at_most: int
    ) -> Sequence[StoredStatement]:
        await asyncio.sleep(0)
        places = {
            (each.received_at, each.file, each.place): each
            for each in self.store.bank_statements.values()
        }
        wanted = sorted((each for each in places if before is None or each < before), reverse=True)
        return [places[each] for each in wanted[:at_most]]

    async def held(self, account: str) -> Sequence[StoredStatement]:
        await asyncio.sleep(0)
        found = [
            each
            for each in self.store.bank_statements.values()
            if each.account == account and each.held_for == (StatementHold.DOES_NOT_JOIN,)
        ]
        return sorted(found, key=lambda each: (each.received_at, each.file, each.place))

    async def open_entries(self) -> Sequence[StoredEntry]:
        await asyncio.sleep(0)
        rows = [row for row in self.store.bank_entries.values() if row.closed_at is None]
        rows.sort(key=lambda row: (row.entry.booked_on, row.number))
        return [
            StoredEntry(account=row.account, key=row.key, entry=row.entry, outcome=row.outcome)
            for row in rows
        ]

    async def covered_until(self) -> Mapping[str, date]:
        await asyncio.sleep(0)
        found: dict[str, date] = {}
        for row in self.store.bank_entries.values():
            day = row.entry.booked_on
            found[row.account] = max(day, found.get(row.account, day))
        return found
