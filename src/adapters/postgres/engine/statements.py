"""Statements that are compiled once, at import, and sent as prepared statements of the driver."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from re import Match
from re import compile as pattern
from types import FrameType
from typing import Any, Final

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg

DIALECT: Final = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
ISSUED: Final = "issued"
"""The part of a unit's statement that returns the ``number`` of the document it issues."""

PLACE: Final = pattern(r"\$(\d+)")
OURS: Final = __name__.partition("engine")[0]


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL with numbered placeholders, and the name of the value for each."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, object]
    maker: tuple[str, str] = ("", "")
    """The module that was being loaded, if one was, and the function that prepared it."""

    @property
    def name(self) -> str:
        """What whoever measures it calls it: its module, and its name or that of its function there."""
        return _name_of(*self.maker, self.sql)

    def arguments(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """Return *values* in the order of the placeholders; raises ``KeyError`` for a missing one."""
        return tuple(
            values[name] if name in values else self.constants[name] for name in self.names
        )


def prepare(statement: ClauseElement) -> Prepared:
    """Return *statement* compiled: SQLAlchemy's cache would cost more time than the round trip."""
    compiled: Any = statement.compile(dialect=DIALECT)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return Prepared(compiled.string, tuple(compiled.positiontup or ()), constants, _maker())


def _maker() -> tuple[str, str]:
    """Return the module that prepares a statement as it is loaded, "" if none does, and the function that does it."""
    caller = sys._getframe(2)  # noqa: SLF001 - the module of a caller has no other name
    kept: FrameType | None = caller
    # A function of another module may prepare the constant of the one that is being loaded.
    while kept is not None and kept.f_globals.get("__name__", "").startswith(OURS):
        if kept.f_code.co_name == "<module>":
            return str(kept.f_globals["__name__"]), _called(caller)
        kept = kept.f_back
    return "", _called(caller)


def _called(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_name}"


@lru_cache(maxsize=2048)
def _name_of(loaded: str, function: str, sql: str) -> str:
    """Return the name of the constant of the module *loaded* that holds *sql*, else that of the function."""
    constants = vars(sys.modules[loaded]) if loaded in sys.modules else {}
    found = (f"{loaded}.{name.lower()}" for name, value in constants.items() if _holds(value, sql))
    return next(found, function).removeprefix(OURS)


def _holds(value: object, sql: str) -> bool:
    if isinstance(value, Prepared):
        return value.sql == sql
    if isinstance(value, Mapping):
        return any(_holds(each, sql) for each in value.values())
    if isinstance(value, tuple | list):
        return any(_holds(each, sql) for each in value)
    fields = getattr(value, "__dataclass_fields__", {}) if not isinstance(value, type) else {}
    return any(
        isinstance(each := getattr(value, name), Prepared) and each.sql == sql for name in fields
    )


@dataclass(frozen=True, slots=True)
class Write:
    """
    One collected write; its *statement* returns one row for each row that it changed.

    With *expects* set it has to change exactly one row. Otherwise every write applied with it is
    undone, and *expects* stands in the error. Other writes of the same statement can select from
    *name*, which is unique among them. Those with a *limit* may change very many rows, and take so
    long: they are a statement of their own, before the one of all others, in the same transaction. With *few* rows to
    tell of they may be joined one by one.
    """

    statement: Prepared
    values: Mapping[str, object]
    expects: str | None = None
    name: str | None = None
    limit: timedelta | None = None
    few: bool = False


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
