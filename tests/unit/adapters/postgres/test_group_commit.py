"""Rows that wait are written together, and each caller is answered for its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapters.postgres.engine.group_commit import GROUP_MAX, GroupCommit


class Poisoned(Exception):
    pass


@dataclass
class Table:
    """Writes rows when it is let, and keeps what each statement wrote."""

    poison: frozenset[str] = frozenset()
    statements: list[list[str]] = field(default_factory=list)
    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def one(self, row: str) -> str:
        (answer,) = await self._write([row])
        return answer

    async def many(self, rows: Sequence[str]) -> Sequence[str]:
        return await self._write(rows)

    async def _write(self, rows: Sequence[str]) -> list[str]:
        self.statements.append(list(rows))
        await self.let.wait()
        if self.poison.intersection(rows):
            raise Poisoned
        return [f"wrote {row}" for row in rows]

    def grouped(self) -> GroupCommit[str, str]:
        return GroupCommit(self.one, self.many)


async def waiting(*callers: asyncio.Task[str]) -> None:
    """Return once all of them have come as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(each.done() for each in callers)


def came(group: GroupCommit[str, str], *rows: str) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(group(row.rstrip("'"), row)) for row in rows]


async def test_a_row_that_comes_alone_waits_for_nobody() -> None:
    """
    It is written at once, by the statement for one.
    """
    table = Table()
    table.let.set()

    assert await table.grouped()("a", "a") == "wrote a"
    assert table.statements == [["a"]]


async def test_what_comes_meanwhile_goes_together() -> None:
    """
    One statement for all that waited, and to each the answer of its own row.
    """
    table = Table()
    callers = came(table.grouped(), "a", "b", "c")
    await waiting(*callers)
    table.let.set()

    assert await asyncio.gather(*callers) == ["wrote a", "wrote b", "wrote c"]
    assert table.statements == [["a"], ["b", "c"]]


async def test_copies_are_not_in_one_statement() -> None:
    """
    A statement cannot write one row twice; the copy comes with the next one, before what came after it.
    """
    table = Table()
    callers = came(table.grouped(), "a", "b", "b'", "c")
    await waiting(*callers)
    table.let.set()

    assert await asyncio.gather(*callers) == ["wrote a", "wrote b", "wrote b'", "wrote c"]
    assert table.statements == [["a"], ["b", "c"], ["b'"]]


async def test_a_row_that_cannot_be_written_fails_alone() -> None:
    """
    The others of its statement are written, each by itself.
    """
    table = Table(poison=frozenset({"b"}))
    callers = came(table.grouped(), "a", "b", "c")
    await waiting(*callers)
    table.let.set()

    first, second, third = await asyncio.gather(*callers, return_exceptions=True)
    assert (first, third) == ("wrote a", "wrote c")
    assert isinstance(second, Poisoned)
    assert table.statements == [["a"], ["b", "c"], ["b"], ["c"]]


@pytest.mark.parametrize("leaves", [0, 1])
async def test_whoever_leaves_keeps_nobody_back(leaves: int) -> None:
    """
    Neither the one whose row is being written, nor one that waits.
    """
    table = Table()
    callers = came(table.grouped(), "a", "b", "c")
    await waiting(*callers)
    callers[leaves].cancel()
    await asyncio.sleep(0)
    table.let.set()

    told = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(told.pop(leaves), asyncio.CancelledError)
    assert "wrote c" in told
    assert ("b" in table.statements[1]) is (leaves != 1)


async def test_a_statement_has_so_many_rows_at_most() -> None:
    """
    The rest goes with the one after it.
    """
    table = Table()
    callers = came(table.grouped(), *(f"row-{number}" for number in range(GROUP_MAX + 3)))
    await waiting(*callers)
    table.let.set()
    await asyncio.gather(*callers)

    assert [len(each) for each in table.statements] == [1, GROUP_MAX, 2]
