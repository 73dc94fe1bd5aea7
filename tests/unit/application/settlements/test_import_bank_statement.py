"""A statement is of one of our accounts, joins what is known, and gives each entry once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import pytest

from application.settlements.import_bank_statement import ImportBankStatement
from domain.money import Money
from domain.settlements.bank_statement import BankStatement
from domain.settlements.line_warning import RejectedRow, RejectionReason
from fakes.clock import StoppedClock
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.bank_statements import StatementHold, StoredStatement
from ports.settlements.settlement_file_reader import (
    FileFormat,
    FileRefusal,
    KnownPreset,
    SettlementFileRefused,
)
from unit.domain.settlements.test_statement_chain import ENTRIES, part

FORMAT = FileFormat(preset="hdfc_account_csv", preset_version=1, encoding="utf-8")
OURS = "HDFC/50200000000001"


@dataclass
class Statements:
    """Reads each content as the report that a test put there."""

    known: dict[bytes, StatementReport] = field(default_factory=dict)

    def presets(self) -> Sequence[KnownPreset]:
        return ()

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, account: str | None = None
    ) -> StatementReport:
        del name, preset, account
        return self.known[file.read()]


@dataclass
class World:
    accounts: Sequence[str] = (OURS,)
    memory: Memory = field(default_factory=Memory)
    reader: Statements = field(default_factory=Statements)
    shelf: Shelf = field(default_factory=Shelf)

    def put(self, content: bytes, *statements: BankStatement, account: str | None = None) -> None:
        self.reader.known[content] = StatementReport(
            format=FORMAT,
            statements=tuple(replace(each, account=account) for each in statements),
            rejected=(),
        )

    async def bring(self, content: bytes, account: str | None = None) -> Sequence[StoredStatement]:
        use_case = ImportBankStatement(
            self.memory.bank_statements, self.shelf, self.reader, self.accounts, StoppedClock()
        )
        return await use_case("statement.csv", content, BY_STAFF, account=account)

    async def entries(self) -> list[int]:
        return [each.entry.entry_no for each in await self.memory.bank_statements.open_entries()]


async def test_a_statement_is_kept_with_its_entries() -> None:
    """
    The same bytes again change nothing.
    """
    world = World()
    world.put(b"one", part(0, 3))

    (first,) = await world.bring(b"one")
    again = await world.bring(b"one")

    assert list(again) == [first]
    assert (first.account, first.sequence, first.new_entries) == (OURS, 1, 3)
    assert (first.first_day, first.last_day) == (ENTRIES[0].booked_on, ENTRIES[2].booked_on)
    assert await world.entries() == [1, 2, 3]
    assert [each.action for each in world.memory.store.audit] == ["bank_statement.imported"]


async def test_what_overlaps_gives_its_new_entries_alone() -> None:
    """
    A whole month around what is known is kept in two parts.
    """
    world = World()
    world.put(b"middle", part(2, 4))
    world.put(b"whole", part(0, 6))
    await world.bring(b"middle")

    parts = await world.bring(b"whole")

    assert [(each.place, each.sequence, each.new_entries) for each in parts] == [
        (1, 0, 2),
        (2, 2, 2),
    ]
    assert await world.entries() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_statement_that_the_bank_corrects_brings_no_entry_twice(at: int) -> None:
    """
    It is another file, and gives what is known once more: nothing is new. With another amount, whichever
    entry it is of, its balances do not meet those that are known, and a person looks at it.
    """
    world = World()
    world.put(b"first", part(0, 3))
    await world.bring(b"first")
    world.put(b"again", replace(part(0, 3), entries=part(0, 3).entries))
    (again,) = await world.bring(b"again")
    assert (again.new_entries, again.held_for) == (0, ())
    right = part(0, 3)
    extra = Money(7_00)
    entries = [
        replace(
            each,
            amount=each.amount + extra if place == at else each.amount,
            balance=each.balance + extra if place >= at else each.balance,
        )
        for place, each in enumerate(right.entries)
    ]
    corrected = replace(right, entries=tuple(entries), closing=right.closing + extra)
    world.put(b"corrected", corrected)

    (held,) = await world.bring(b"corrected")

    assert held.held_for == (StatementHold.DOES_NOT_JOIN,)
    assert await world.entries() == [1, 2, 3]


async def test_a_statement_beyond_a_gap_waits_for_what_is_missing() -> None:
    """
    And is taken as soon as that has come; so is one that waits for the other.
    """
    world = World()
    world.put(b"first", part(0, 1))
    world.put(b"last", part(4, 6))
    world.put(b"third", part(3, 4))
    world.put(b"second", part(1, 3))
    await world.bring(b"first")
    (held,) = await world.bring(b"last")
    await world.bring(b"third")
    assert held.held_for == (StatementHold.DOES_NOT_JOIN,)
    assert await world.entries() == [1]

    await world.bring(b"second")

    assert await world.entries() == [1, 2, 3, 4, 5, 6]
    assert await world.memory.bank_statements.held(OURS) == []


async def test_several_statements_of_a_file_are_taken_one_by_one() -> None:
    """
    One that counts stays where it is when its file is tried again for another one.
    """
    world = World()
    world.put(b"both", part(0, 1), part(3, 6))
    world.put(b"between", part(1, 3))

    first, second = await world.bring(b"both")
    await world.bring(b"both")
    await world.bring(b"between")

    assert (first.place, first.held_for) == (1, ())
    assert (second.place, second.held_for) == (3, (StatementHold.DOES_NOT_JOIN,))
    assert await world.entries() == [1, 2, 3, 4, 5, 6]


async def test_a_statement_that_does_not_follow_is_held() -> None:
    """
    So is one with a row that could not be read, or whose summary says otherwise; nothing of them is kept.
    """
    world = World()
    world.put(b"broken", replace(part(0, 2), closing=Money(1)))
    world.put(b"rejected", part(0, 2))
    world.put(b"summary", part(0, 2))
    known = world.reader.known
    row = RejectedRow(9, RejectionReason.ROW_NOT_READ, "")
    known[b"rejected"] = replace(known[b"rejected"], rejected=(row,))
    known[b"summary"] = replace(known[b"summary"], summary_agrees=False)

    found = [(await world.bring(content))[0].held_for for content in known]

    assert found == [
        (StatementHold.BALANCES_DIFFER,),
        (StatementHold.ROWS_REJECTED,),
        (StatementHold.BALANCES_DIFFER,),
    ]
    assert await world.entries() == []


@pytest.mark.parametrize(
    ("accounts", "told", "named", "found"),
    [
        ((OURS,), "50200000000001", None, OURS),
        ((OURS,), None, None, OURS),
        ((), "123", None, "123"),
        ((), None, "123", "123"),
        ((OURS, "123"), None, "123", "123"),
        ((OURS,), "124", None, FileRefusal.ANOTHER_ACCOUNT),
        ((OURS,), None, "124", FileRefusal.ANOTHER_ACCOUNT),
        ((OURS, "123"), None, None, FileRefusal.NO_ACCOUNT),
        ((), None, None, FileRefusal.NO_ACCOUNT),
    ],
)
async def test_a_statement_is_of_one_of_our_accounts(
    accounts: tuple[str, ...], told: str | None, named: str | None, found: str | FileRefusal
) -> None:
    """
    By what it says, else by what a person says, else the only one there is.
    """
    world = World(accounts)
    world.put(b"one", part(0, 2), account=told)

    if isinstance(found, FileRefusal):
        with pytest.raises(SettlementFileRefused) as refused:
            await world.bring(b"one", named)
        assert refused.value.reason is found
        assert world.shelf.files == {}
    else:
        assert (await world.bring(b"one", named))[0].account == found


async def test_a_file_without_a_statement_is_refused() -> None:
    """
    Nothing of it is kept.
    """
    world = World()
    world.put(b"none")

    with pytest.raises(SettlementFileRefused):
        await world.bring(b"none")
    assert world.shelf.files == {}
