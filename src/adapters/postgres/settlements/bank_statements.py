"""Statements of the account in rows; one import at a time decides what is new of an account."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.settlements.entry_rows import ENTRY, from_bank_entry, to_stored_entry
from adapters.postgres.settlements.file_rows import from_format, to_format
from adapters.postgres.settlements.settlement_import import LIMIT
from domain.money import Money
from domain.settlements.bank_statement import BankEntry
from domain.settlements.statement_chain import ChainEnds
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.bank_statements import (
    StatementHold,
    StatementImport,
    StoredEntry,
    StoredStatement,
)

DECIDING: Final = 7_310_002
"""The number of the lock that lets one import decide at a time."""

DECIDE: Final = prepare(text("SELECT pg_advisory_xact_lock(:number)"))
ENDS: Final = prepare(
    text("""
        SELECT first.sequence AS first_sequence, first.begins_paise,
               last.sequence AS last_sequence, last.ends_paise
        FROM (SELECT sequence, begins_paise FROM bank_statement
              WHERE account = :account AND sequence IS NOT NULL ORDER BY sequence LIMIT 1) first,
             (SELECT sequence, coalesce(ends_paise, closing_paise) AS ends_paise FROM bank_statement
              WHERE account = :account AND sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1) last
    """)
)
KNOWN: Final = prepare(
    text("SELECT entry_key FROM bank_entry WHERE entry_key = ANY(CAST(:keys AS bytea[]))")
)
FORGET_HELD: Final = prepare(
    text("DELETE FROM bank_statement WHERE sha256 = :sha256 AND sequence IS NULL")
)
ADD: Final = prepare(
    text("""
        INSERT INTO bank_statement (sha256, place, name, received_at, received_by, format, account,
                                    opening_paise, closing_paise, entry_count, new_count, first_day,
                                    last_day, held_for, sequence, begins_paise, ends_paise)
        VALUES (:sha256, :place, :name, :received_at, :received_by, CAST(:format AS jsonb), :account,
                :opening_paise, :closing_paise, :entry_count, :new_count, :first_day,
                :last_day, :held_for, :sequence, :begins_paise, :ends_paise)
        RETURNING id
    """)
)
OF_FILE: Final = prepare(text("SELECT * FROM bank_statement WHERE sha256 = :sha256 ORDER BY place"))
PAGE: Final = prepare(
    text("""
        SELECT * FROM bank_statement
        WHERE CAST(:at AS timestamptz) IS NULL
           OR (received_at, sha256, place)
              < (CAST(:at AS timestamptz), CAST(:last AS text), CAST(:place AS integer))
        ORDER BY received_at DESC, sha256 DESC, place DESC LIMIT :at_most
    """)
)
HELD: Final = prepare(
    text("""
        SELECT * FROM bank_statement
        WHERE account = :account AND held_for = '{does_not_join}' ORDER BY received_at, sha256, place
    """)
)
OPEN: Final = prepare(
    text("SELECT * FROM bank_entry WHERE closed_at IS NULL ORDER BY booked_on, id")
)
COVERED: Final = prepare(
    text("SELECT account, max(booked_on) AS until FROM bank_entry GROUP BY account")
)


@dataclass(frozen=True, slots=True)
class PostgresStatementImport:
    connection: Connection

    async def ends(self, account: str) -> ChainEnds | None:
        rows = await self.connection.fetch_within(LIMIT, ENDS, account=account)
        if not rows:
            return None
        row = rows[0]
        return ChainEnds(
            first=row["first_sequence"],
            begins_at=Money(row["begins_paise"]),
            last=row["last_sequence"],
            ends_at=Money(row["ends_paise"]),
        )

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        rows = await self.connection.fetch_within(
            LIMIT, KNOWN, keys=[bytes.fromhex(key) for key in keys]
        )
        return frozenset(row["entry_key"].hex() for row in rows)

    async def forget_held(self, file: FileHash) -> None:
        await self.connection.fetch_within(LIMIT, FORGET_HELD, sha256=file)

    async def add(
        self, statement: StoredStatement, new: Sequence[tuple[str, BankEntry]], audit: AuditEntry
    ) -> None:
        values = _from_statement(statement)
        (row,) = await self.connection.fetch(ADD, **values)
        if new:
            records = [
                from_bank_entry(row["id"], statement.account, key, entry) for key, entry in new
            ]
            await self.connection.copy(LIMIT, "bank_entry", ENTRY, records)
        await self.connection.apply([to_write(audit)])


@dataclass(frozen=True, slots=True)
class PostgresBankStatements:
    database: Database

    @asynccontextmanager
    async def importing(self) -> AsyncIterator[StatementImport]:
        async with self.database.borrow() as connection, connection.long_transaction(LIMIT):
            await connection.fetch_within(LIMIT, DECIDE, number=DECIDING)
            yield PostgresStatementImport(connection)

    async def of_file(self, file: FileHash) -> Sequence[StoredStatement]:
        return [_to_statement(row) for row in await self.database.fetch(OF_FILE, sha256=file)]

    async def page(
        self, *, before: tuple[datetime, FileHash, int] | None = None, at_most: int
    ) -> Sequence[StoredStatement]:
        at, last, place = before or (None, None, None)
        rows = await self.database.fetch(PAGE, at=at, last=last, place=place, at_most=at_most)
        return [_to_statement(row) for row in rows]

    async def held(self, account: str) -> Sequence[StoredStatement]:
        return [_to_statement(row) for row in await self.database.fetch(HELD, account=account)]

    async def open_entries(self) -> Sequence[StoredEntry]:
        return [to_stored_entry(row) for row in await self.database.fetch(OPEN)]

    async def covered_until(self) -> Mapping[str, date]:
        return {row["account"]: row["until"] for row in await self.database.fetch(COVERED)}


def _from_statement(statement: StoredStatement) -> dict[str, object]:
    begins, ends = statement.begins_at, statement.ends_at
    return {
        "sha256": statement.file,
        "place": statement.place,
        "name": statement.name,
        "received_at": statement.received_at,
        "received_by": statement.received_by,
        "format": from_format(statement.format),
        "account": statement.account,
        "opening_paise": statement.opening.paise,
        "closing_paise": statement.closing.paise,
        "entry_count": statement.entries,
        "new_count": statement.new_entries,
        "first_day": statement.first_day,
        "last_day": statement.last_day,
        "held_for": [each.value for each in statement.held_for],
        "sequence": statement.sequence,
        "begins_paise": None if begins is None else begins.paise,
        "ends_paise": None if ends is None else ends.paise,
    }


def _to_statement(row: Mapping[str, Any]) -> StoredStatement:
    begins, ends = row["begins_paise"], row["ends_paise"]
    return StoredStatement(
        file=FileHash(row["sha256"]),
        place=row["place"],
        name=row["name"],
        received_at=row["received_at"],
        received_by=row["received_by"],
        format=to_format(row["format"]),
        account=row["account"],
        opening=Money(row["opening_paise"]),
        closing=Money(row["closing_paise"]),
        entries=row["entry_count"],
        new_entries=row["new_count"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        held_for=tuple(StatementHold(each) for each in row["held_for"]),
        sequence=row["sequence"],
        begins_at=None if begins is None else Money(begins),
        ends_at=None if ends is None else Money(ends),
    )
