"""Import a statement of the account: each entry is kept once, and each statement joins what is known."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from domain.settlements.bank_statement import BankEntry, BankStatement, entry_key, same_account
from domain.settlements.statement_chain import pieces_of, place_of
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.file_store import FileHash, FileStore
from ports.settlements.bank_statement_reader import BankStatementReader, StatementReport
from ports.settlements.bank_statements import (
    BankStatements,
    StatementHold,
    StatementImport,
    StoredStatement,
)
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

PARTS_MAX: Final = 2
"""A statement is kept in two parts where the middle of it is known already."""


@dataclass(frozen=True, slots=True)
class ImportBankStatement:
    """
    *accounts* are the numbers of ours; without any, the account that a statement names is taken.

    A statement whose balances do not follow, or that joins at neither end of what is known, is held, and
    none of its entries is kept. Once what is missing has come, those that join then are taken as well.
    """

    statements: BankStatements
    store: FileStore
    reader: BankStatementReader
    accounts: Sequence[str]
    clock: Clock

    async def __call__(
        self,
        name: str,
        content: bytes,
        origin: Origin,
        *,
        preset: str | None = None,
        account: str | None = None,
    ) -> Sequence[StoredStatement]:
        """
        Return the statements of the file after its import; *account* is which it is of, where it does not say.

        The same bytes again return what is known, and try anew what is held. Raises
        ``SettlementFileRefused`` for what is no statement, or is one of another account, and
        ``FilesUnavailable``.
        """
        report = await self._read(content, name, preset)
        accounts = {self._account_of(each, account) for each in report.statements}
        file = await self.store.put(content)
        known = await self.statements.of_file(file)
        if not known or any(each.held_for for each in known):
            await self._import(file, name, report, account, origin)
            for each in sorted(accounts):
                await self._take_held(each, origin)
        return await self.statements.of_file(file)

    async def _read(self, content: bytes, name: str, preset: str | None) -> StatementReport:
        report = await asyncio.to_thread(
            self.reader.read, BytesIO(content), name, preset=preset, account=None
        )
        if not report.statements:
            raise SettlementFileRefused(FileRefusal.DAMAGED, "it holds no entry that can be read")
        return report

    def _account_of(self, statement: BankStatement, named: str | None) -> str:
        """Return our account that *statement* is of, or refuse its file."""
        told = statement.account or named
        if told is None and len(self.accounts) == 1:
            return self.accounts[0]
        if told is None:
            raise SettlementFileRefused(
                FileRefusal.NO_ACCOUNT, "it does not name its account: say which it is"
            )
        ours = [each for each in self.accounts if same_account(told, each)]
        if self.accounts and not ours:
            raise SettlementFileRefused(
                FileRefusal.ANOTHER_ACCOUNT, "it is the statement of another account"
            )
        return ours[0] if ours else told

    async def _import(
        self,
        file: FileHash,
        name: str,
        report: StatementReport,
        account: str | None,
        origin: Origin,
    ) -> None:
        async with self.statements.importing() as work:
            counted = {
                each.place for each in await self.statements.of_file(file) if not each.held_for
            }
            await work.forget_held(file)
            for number, statement in enumerate(report.statements):
                stored = StoredStatement(
                    file=file,
                    place=0,
                    name=name,
                    received_at=self.clock.now(),
                    received_by=origin.actor,
                    format=report.format,
                    account=self._account_of(statement, account),
                    opening=statement.opening,
                    closing=statement.closing,
                    entries=0,
                    new_entries=0,
                    first_day=None,
                    last_day=None,
                )
                first = PARTS_MAX * number + 1
                free = [each for each in (first, first + 1) if each not in counted]
                chosen = _Chosen(stored, free, _hold_of(statement, report))
                await self._place(work, statement, chosen, origin)

    async def _place(
        self, work: StatementImport, statement: BankStatement, chosen: "_Chosen", origin: Origin
    ) -> None:
        """Keep *statement* at the free places, in two parts where its middle is known."""
        stored, free, hold = chosen.stored, chosen.free, chosen.hold
        keys = [entry_key(stored.account, each) for each in statement.entries]
        kept = await work.known(keys)
        flags = tuple(key in kept for key in keys)
        if len(free) < PARTS_MAX and all(flags):
            return
        pieces = [(statement, flags)] if hold else pieces_of(statement, flags)
        for place, (piece, known) in zip(free, pieces, strict=False):
            ends = await work.ends(stored.account)
            chained = None if hold else place_of(piece, known, ends)
            days = [each.booked_on for each in piece.entries]
            told = replace(
                stored,
                place=place,
                opening=piece.opening,
                closing=piece.closing,
                entries=len(piece.entries),
                first_day=min(days, default=None),
                last_day=max(days, default=None),
                held_for=(hold or StatementHold.DOES_NOT_JOIN,),
            )
            new: tuple[BankEntry, ...] = ()
            if chained is not None:
                new = chained.new
                told = replace(
                    told,
                    new_entries=len(new),
                    held_for=(),
                    sequence=chained.sequence,
                    begins_at=chained.begins_at,
                    ends_at=chained.ends_at,
                )
            keyed = [(entry_key(told.account, each), each) for each in new]
            await work.add(told, keyed, self._entry(told, origin))

    def _entry(self, statement: StoredStatement, origin: Origin) -> AuditEntry:
        word = "held" if statement.held_for else "imported"
        return AuditEntry(
            at=self.clock.now(),
            origin=origin,
            action=f"bank_statement.{word}",
            subject=statement.file,
            facts={"place": str(statement.place), "entries": str(statement.new_entries)},
        )

    async def _take_held(self, account: str, origin: Origin) -> None:
        """Try the statements that did not join once more, as long as one of them does now."""
        held = await self.statements.held(account)
        while held:
            for each in held:
                content = await self.store.get(each.file)
                report = await self._read(content, each.name, each.format.preset)
                await self._import(each.file, each.name, report, account, origin)
            before, held = held, await self.statements.held(account)
            if len(held) >= len(before):
                return


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is known of a statement before its place: who brought it, its free places, why it is held."""

    stored: StoredStatement
    free: Sequence[int]
    hold: StatementHold | None


def _hold_of(statement: BankStatement, report: StatementReport) -> StatementHold | None:
    if report.rejected:
        return StatementHold.ROWS_REJECTED
    if not report.summary_agrees or not statement.balances_follow:
        return StatementHold.BALANCES_DIFFER
    return None
