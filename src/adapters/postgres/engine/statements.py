"""Statements that are compiled once, at import, and sent as prepared statements of the driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from re import Match
from re import compile as pattern
from typing import Any, Final

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg

DIALECT: Final = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
ISSUED: Final = "issued"
"""The part of a unit's statement that returns the ``number`` of the document it issues."""

PLACE: Final = pattern(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL with numbered placeholders, and the name of the value for each."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, object]

    def arguments(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """Return *values* in the order of the placeholders; raises ``KeyError`` for a missing one."""
        return tuple(
            values[name] if name in values else self.constants[name] for name in self.names
        )


def prepare(statement: ClauseElement) -> Prepared:
    """Return *statement* compiled: SQLAlchemy's cache would cost more time than the round trip."""
    compiled: Any = statement.compile(dialect=DIALECT)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return Prepared(compiled.string, tuple(compiled.positiontup or ()), constants)


@dataclass(frozen=True, slots=True)
class Write:
    """
    One collected write; its *statement* returns one row for each row that it changed.

    With *expects* set it has to change exactly one row. Otherwise every write applied with it is
    undone, and *expects* stands in the error. Other writes of the same statement can select from
    *name*, which is unique among them. One that changes very many rows has a *limit* of its own.
    """

    statement: Prepared
    values: Mapping[str, object]
    expects: str | None = None
    name: str | None = None
    limit: timedelta | None = None


def one_statement(writes: Sequence[Write]) -> tuple[str, tuple[object, ...]]:
    """
    Return one statement, and its arguments, that applies all *writes* or none.

    They are done in their order, in one transaction and one round trip. The database's ``shulk_expect_one``
    raises when a guarded write found its row changed, which undoes the rest with it.
    """
    shape = tuple((write.statement.sql, write.expects, write.name) for write in writes)
    arguments = tuple(
        argument for write in writes for argument in write.statement.arguments(write.values)
    )
    return _composed(shape, tuple(len(write.statement.names) for write in writes)), arguments


@lru_cache(maxsize=256)
def _composed(
    shape: tuple[tuple[str, str | None, str | None], ...], widths: tuple[int, ...]
) -> str:
    parts, results, taken = [], [], 0
    for number, ((sql, expects, name), width) in enumerate(zip(shape, widths, strict=True)):
        told_as = name or f"w{number}"
        parts.append(f"{told_as} AS ({_renumbered(sql, taken)})")
        taken += width
        # This text holds only numbers and constants of this code.
        counted = f"(SELECT count(*) FROM {told_as})"  # noqa: S608
        results.append(counted if expects is None else f"shulk_expect_one({counted}, '{expects}')")
    # What no result asks for would be done last, and the last of it first: the audit log would turn round.
    return f"WITH {', '.join(parts)} SELECT {', '.join(results)}"


def _renumbered(sql: str, by: int) -> str:
    def moved(place: Match[str]) -> str:
        return f"${int(place.group(1)) + by}"

    return PLACE.sub(moved, sql)
