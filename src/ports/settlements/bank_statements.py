"""The statements of the account that settlements are paid into, entry by entry, each kept once."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from domain.money import Money
from domain.reconciliation.payout import AccountCredit, CreditOutcome
from domain.settlements.bank_statement import BankEntry
from domain.settlements.statement_chain import ChainEnds
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.settlement_file_reader import FileFormat


class StatementHold(StrEnum):
    """Why nothing is taken of a statement; the same file may be sent again later."""

    ROWS_REJECTED = "rows_rejected"
    BALANCES_DIFFER = "balances_differ"
    """Opening balance and entries do not make the closing balance, or its summary says otherwise."""

    DOES_NOT_JOIN = "does_not_join"
    """Between it and what is known of the account something is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatement:
    """
    One statement of a file: the first at place 1, the next at 3; a second part of one at the place behind it.

    *begins_at* and *ends_at* are the balances before and behind the entries that were new, *sequence* its
    place among the account's statements; all are None of one that is held.
    """

    file: FileHash
    place: int
    name: str
    received_at: datetime
    received_by: str
    format: FileFormat
    account: str
    opening: Money
    closing: Money
    entries: int
    new_entries: int
    first_day: date | None
    last_day: date | None
    held_for: tuple[StatementHold, ...] = ()
    sequence: int | None = None
    begins_at: Money | None = None
    ends_at: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry of *account*, by the SHA-256 of all that it says; *outcome* is None before the first run."""

    account: str
    key: str
    entry: BankEntry
    outcome: CreditOutcome | None = None

    @property
    def credit(self) -> AccountCredit:
        """The entry as it is compared with settlements."""
        return AccountCredit.of(self.account, self.entry)


class StatementImport(Protocol):
    """The account is locked while it lasts: two statements of it are taken one after the other."""

    async def ends(self, account: str) -> ChainEnds | None:
        """Return the ends of what is known of *account*, None before its first statement."""
        ...

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        """Return which of the entry *keys* are kept already."""
        ...

    async def forget_held(self, file: FileHash) -> None:
        """Forget the statements of *file* that are held, because it is read anew."""
        ...

    async def add(
        self, statement: StoredStatement, new: Sequence[tuple[str, BankEntry]], audit: AuditEntry
    ) -> None:
        """Keep *statement* with its *new* entries by their keys, and *audit* with it."""
        ...


class BankStatements(Protocol):
    def importing(self) -> AbstractAsyncContextManager[StatementImport]:
        """
        Begin an import: ``async with statements.importing() as work``.

        All of it is kept when the block ends, and nothing when it raises.
        """
        ...

    async def of_file(self, file: FileHash) -> Sequence[StoredStatement]:
        """Return the statements of *file* in their order; empty when it is not known."""
        ...

    async def page(
        self, *, before: tuple[datetime, FileHash, int] | None = None, at_most: int
    ) -> Sequence[StoredStatement]:
        """Return statements, the latest first, those that came before one given by its instant, file and place."""
        ...

    async def held(self, account: str) -> Sequence[StoredStatement]:
        """Return the statements of *account* that do not join what is known, oldest first."""
        ...

    async def open_entries(self) -> Sequence[StoredEntry]:
        """Return the entries of all accounts that are not closed, by day and number."""
        ...

    async def covered_until(self) -> Mapping[str, date]:
        """Return, for each account, the last day of which its statements hold an entry."""
        ...
