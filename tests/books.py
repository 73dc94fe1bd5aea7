"""The money invariants, asked after every test that lets the use cases loose on a real database."""

import re
from collections import defaultdict
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from adapters.postgres.engine.statements import Prepared
from adapters.postgres.invariants.card_scan import FORBIDDEN, SCANS
from adapters.postgres.invariants.card_search import PATTERNS, holds_card_number
from adapters.postgres.invariants.invariants import FAILING, OVERDUE, QUERIES
from adapters.postgres.invariants.settlement_days import USUAL, settlement_days
from application.monitoring.check_invariants import Findings

LONG_AGO: Final = datetime(2001, 1, 1, tzinfo=UTC)
"""Tests set their own clocks; at this instant nothing waits too long, and all else is asked."""

ANYTHING_GOES: Final = frozenset({"contracts", "adapters"})
"""Suites that write arbitrary values and damage books on purpose."""

PLANNED_ONCE: Final = {"jit": "off", "plan_cache_mode": "force_generic_plan"}
_PREPARED: Final[MutableMapping[object, "PreparedStatement[Any]"]] = WeakKeyDictionary()

NAMES: Final = ("at", "overdue", "failing", "settlement_days", *PATTERNS)


def keeps_books(test: Path) -> bool:
    """Whether *test* lies in a suite whose database has to be in order at its end."""
    folder = test.relative_to(Path(__file__).parent).parts[0]
    return folder not in ANYTHING_GOES


async def books_connection(url: str) -> "asyncpg.Connection[Any]":
    """
    Open a connection that plans once what is asked after every test.

    To plan all invariants takes ten times as long as to ask them.
    """
    return await asyncpg.connect(url, server_settings=PLANNED_ONCE)


async def check_books(connection: "asyncpg.Connection[Any]") -> None:
    """Fail when the database of *connection* breaks any invariant."""
    found = await broken_books(connection, LONG_AGO)
    assert found == {}, f"the books are not in order: {found}"


async def broken_books(
    connection: "asyncpg.Connection[Any]", at: datetime
) -> Mapping[str, list[str]]:
    """
    Return the subjects of each invariant that does not hold.

    The full check of every invariant, as production makes it, in one statement: one by one they would
    take most of the time of short tests.
    """
    values = {
        "at": at,
        "overdue": at - OVERDUE,
        "failing": at - FAILING,
        "settlement_days": settlement_days(USUAL, at),
        **PATTERNS,
    }
    rows = await (await _everything(connection)).fetch(*(values[name] for name in NAMES))
    broken = defaultdict(list)
    for name, table, told in rows:
        if table is None:
            broken[name].append(told)
        elif holds_card_number(told):
            broken[name].append(table)
    return dict(broken)


async def _everything(connection: "asyncpg.Connection[Any]") -> "PreparedStatement[Any]":
    """Return the check of all invariants, prepared once for each connection: the driver keeps no statement so long."""
    if connection not in _PREPARED:
        _PREPARED[connection] = await connection.prepare(EVERYTHING)
    return _PREPARED[connection]


def told_of(found: Findings) -> list[str]:
    """Return *found* in words, one for each invariant."""
    return [
        *(
            f"{each.invariant.name}: {each.count} ({', '.join(each.subjects)})"
            for each in found.broken
        ),
        *(f"{each.invariant.name} could not be checked: {each.why}" for each in found.unchecked),
    ]


def _numbered(statement: Prepared) -> str:
    """Return the SQL of *statement* with the numbers of ``NAMES`` for its placeholders."""

    def number(found: re.Match[str]) -> str:
        return f"${NAMES.index(statement.names[int(found[1]) - 1]) + 1}"

    return re.sub(r"\$(\d+)", number, statement.sql)


TYPES: Final = ("timestamptz",) * 3 + ("text",) * (1 + len(PATTERNS))
TYPED: Final = ", ".join(f"${number}::{each}" for number, each in enumerate(TYPES, 1))
"""Each value has its type, whether a check asks for it or not."""

EVERYTHING: Final = " UNION ALL ".join(
    (
        f"SELECT NULL AS name, NULL AS place, NULL AS told WHERE ROW({TYPED}) IS NULL",
        *(
            f"SELECT '{each.invariant.name}', NULL, subject::text FROM ({_numbered(each.full)}) q WHERE broken"  # noqa: S608 - constants of our code
            for each in QUERIES
        ),
        *(
            f"SELECT '{FORBIDDEN.name}', '{scan.table}', found FROM ({_numbered(scan.full)}) q"  # noqa: S608 - constants of our code
            for scan in SCANS
        ),
    )
)
