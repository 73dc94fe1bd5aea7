"""What any store of bank statements must do; on memory and on PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from contracts.settlements.settlement_files_contract import AUDITED, FORMAT, ONE, TWO
from contracts.storage import Storage
from domain.errors import ChangedMeanwhile
from domain.money import ZERO, Money
from domain.reconciliation.payout import AccountCredit, CreditOutcome, CreditPart
from domain.settlements.bank_statement import BankEntry, NarratedDay, Narration, entry_key
from domain.settlements.statement_chain import ChainEnds
from fakes.clock import NOON
from ports.settlements.bank_statements import StatementHold, StoredStatement

ACCOUNT: Final = "50200000000001"
DAY: Final = date(2026, 11, 13)


def an_entry(number: int, amount: int = 100_00) -> BankEntry:
    return BankEntry(
        entry_no=number,
        booked_on=DAY + timedelta(days=number),
        value_on=DAY,
        amount=Money(amount),
        narration="UPI SETTLEMENT -ABC123- 13/11/26",
        reference=None if number % 2 else "000000000000000",
        balance=Money(number * 100_00),
        narrated=Narration(
            merchant_code="ABC123", method="UPI", day=DAY, day_is=NarratedDay.SETTLED_ON
        )
        if number % 2
        else None,
        balance_told=number > 1,
    )


def a_statement(*entries: BankEntry, place: int = 1, sequence: int | None = 1) -> StoredStatement:
    return StoredStatement(
        file=ONE,
        place=place,
        name="statement.csv",
        received_at=NOON,
        received_by="staff:mira",
        format=FORMAT,
        account=ACCOUNT,
        opening=ZERO,
        closing=Money(200_00),
        entries=len(entries),
        new_entries=len(entries),
        first_day=entries[0].booked_on if entries else None,
        last_day=entries[-1].booked_on if entries else None,
        held_for=() if sequence is not None else (StatementHold.DOES_NOT_JOIN,),
        sequence=sequence,
        begins_at=None if sequence is None else ZERO,
        ends_at=None if sequence is None else Money(200_00),
    )


async def bring(storage: Storage, statement: StoredStatement, *entries: BankEntry) -> None:
    async with storage.bank_statements.importing() as work:
        new = [(entry_key(ACCOUNT, each), each) for each in entries]
        await work.forget_held(statement.file)
        await work.add(statement, new, AUDITED)


async def _import_that_fails(storage: Storage) -> None:
    async with storage.bank_statements.importing() as work:
        await work.add(a_statement(), [], AUDITED)
        raise ZeroDivisionError


class BankStatementsContract:
    async def test_a_statement_and_its_entries_come_back(self, storage: Storage) -> None:
        """
        As they were read, by day; the audit log says who brought them.
        """
        entries = (an_entry(1), an_entry(2))
        statement = a_statement(*entries)
        await bring(storage, statement, *entries)

        open_entries = await storage.bank_statements.open_entries()
        assert await storage.bank_statements.of_file(ONE) == [statement]
        assert [each.entry for each in open_entries] == list(entries)
        assert [each.key for each in open_entries] == [entry_key(ACCOUNT, each) for each in entries]
        assert open_entries[0].credit.merchant_code == "ABC123"
        assert await storage.bank_statements.covered_until() == {ACCOUNT: entries[1].booked_on}
        assert len(await storage.audit_lines()) == 1

    async def test_an_import_is_whole_or_not_at_all(self, storage: Storage) -> None:
        """
        What raises leaves nothing.
        """
        with pytest.raises(ZeroDivisionError):
            await _import_that_fails(storage)

        assert await storage.bank_statements.of_file(ONE) == []

    async def test_the_ends_of_an_account_are_known(self, storage: Storage) -> None:
        """
        Those of the statements that count, by their places; and which entries are there.
        """
        first, last = a_statement(sequence=1), a_statement(an_entry(1), place=2, sequence=2)
        async with storage.bank_statements.importing() as work:
            assert await work.ends(ACCOUNT) is None
        await bring(storage, replace(first, ends_at=Money(50)))
        await bring(storage, replace(last, begins_at=Money(50)), an_entry(1))
        await bring(storage, a_statement(place=3, sequence=None))

        key = entry_key(ACCOUNT, an_entry(1))
        async with storage.bank_statements.importing() as work:
            assert await work.ends(ACCOUNT) == ChainEnds(
                first=1, begins_at=ZERO, last=2, ends_at=Money(200_00)
            )
            assert await work.ends("another") is None
            assert await work.known([key, "0" * 64]) == {key}

    async def test_a_held_statement_may_be_taken_later(self, storage: Storage) -> None:
        """
        In its own place; one that counts is never replaced, and an entry never kept twice.
        """
        held = a_statement(an_entry(1), sequence=None)
        await bring(storage, held)
        assert await storage.bank_statements.held(ACCOUNT) == [held]

        await bring(storage, a_statement(an_entry(1)), an_entry(1))

        assert await storage.bank_statements.held(ACCOUNT) == []
        for place, sequence in ((1, 2), (2, 2)):
            with pytest.raises(ChangedMeanwhile):
                await bring(
                    storage, a_statement(an_entry(1), place=place, sequence=sequence), an_entry(1)
                )
        assert len(await storage.bank_statements.open_entries()) == 1

    async def test_the_latest_statements_come_first(self, storage: Storage) -> None:
        """
        In pages.
        """
        for number in (1, 2, 3):
            await bring(storage, a_statement(place=number, sequence=number))
        await bring(
            storage,
            replace(a_statement(sequence=4), file=TWO, received_at=NOON + timedelta(minutes=1)),
        )

        page = await storage.bank_statements.page(at_most=2)
        last = page[-1]
        rest = await storage.bank_statements.page(
            before=(last.received_at, last.file, last.place), at_most=5
        )
        assert [(each.file, each.place) for each in (*page, *rest)] == [
            (TWO, 1),
            (ONE, 3),
            (ONE, 2),
            (ONE, 1),
        ]

    async def test_an_entry_is_closed_once(self, storage: Storage) -> None:
        """
        What it is for now is told until then. One that a run has matched is never compared again: its
        journal is posted.
        """
        await bring(storage, a_statement(an_entry(1)), an_entry(1))
        key = entry_key(ACCOUNT, an_entry(1))
        statements = storage.bank_statements

        async with storage.unit_of_work() as work:
            work.settlements.bank_entries.mark(key, CreditOutcome.PROBABLE)
        (probable,) = await statements.open_entries()
        async with storage.unit_of_work() as work:
            work.settlements.bank_entries.close(key, CreditOutcome.MATCHED, NOON)
        assert await statements.open_entries() == []
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.settlements.bank_entries.close(key, CreditOutcome.MATCHED, NOON)
        part = CreditPart(
            entry=AccountCredit.of(ACCOUNT, an_entry(1)).entry,
            settlement="S1",
            amount_paise=100_00,
            rounding_paise=0,
        )
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.settlements.bank_entries.mark(key, CreditOutcome.PROBABLE)
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.settlements.bank_entries.reopen_part(part)

        assert probable.outcome is CreditOutcome.PROBABLE
        assert await statements.open_entries() == []
