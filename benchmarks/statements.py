"""The statements of a trip, taken down while the real use case runs them, and run again for others."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.postgres.engine.database import Connection, Database, Watch, unwatched

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text with names in it."""

    parts: tuple[Name | str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """
    SQL and its arguments; what is a ``Name``, in a text or an array as well, differs by run.
    """

    sql: str
    arguments: tuple[object, ...]

    def filled(self, values: Values) -> list[object]:
        """Return the arguments for one run."""
        return [_filled(each, values) for each in self.arguments]

    def in_sql(self, expressions: Mapping[str, str]) -> str:
        """Return the statement with each argument written into it, names by their *expressions*."""

        def argument(place: re.Match[str]) -> str:
            return _written(self.arguments[int(place[1]) - 1], expressions)

        return re.sub(r"\$(\d+)", argument, self.sql)


def _filled(argument: object, values: Values) -> object:
    match argument:
        case Name(name):
            return values[name]
        case Text(parts):
            return "".join(str(_filled(each, values)) for each in parts)
        case list():
            return [_filled(each, values) for each in argument]
        case _:
            return argument


def _written(argument: object, expressions: Mapping[str, str]) -> str:
    match argument:
        case Name(name):
            return expressions[name]
        case Text(parts):
            return f"({' || '.join(_written(each, expressions) for each in parts)})"
        case []:
            return "'{}'"
        case list():
            return f"ARRAY[{', '.join(_written(each, expressions) for each in argument)}]"
        case _:
            return literal(argument)


def literal(value: object) -> str:
    """Return *value* as pgbench may find it in SQL: no colon in it, which would begin a variable."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | Decimal():
            return str(value)
        case date() | str():
            text = str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3A")
            return f"E'{text}'"
        case _:
            raise TypeError(f"no literal for {type(value).__name__}")


class Recording(Database):
    """Takes down each statement with its arguments."""

    def __init__(self, engine: Any, watch: Watch = unwatched) -> None:
        super().__init__(engine, watch)
        self.told: list[tuple[str, tuple[object, ...]]] = []

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        async with super().borrow() as connection:
            yield Connection(_Listening(connection.driver, self.told))

    def told_of(self, sentinels: Mapping[str, str | int]) -> list[Statement]:
        """Return what was taken down so far, what names a sentinel left open, and begin anew."""
        told, self.told[:] = list(self.told), []
        return [
            Statement(sql, tuple(_opened(each, sentinels) for each in arguments))
            for sql, arguments in told
        ]


@dataclass(frozen=True, slots=True)
class _Listening:
    driver: Any
    told: list[tuple[str, tuple[object, ...]]]

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        self.told.append((sql, arguments))
        rows: Sequence[Any] = await self.driver.fetch(sql, *arguments)
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)


def _opened(argument: object, sentinels: Mapping[str, str | int]) -> object:
    if isinstance(argument, list | tuple):
        return [_opened(each, sentinels) for each in argument]
    for name, value in sentinels.items():
        if type(value) is type(argument) and argument == value:
            return Name(name)
    if not isinstance(argument, str):
        return argument
    names = {str(value): name for name, value in sentinels.items() if isinstance(value, str)}
    parts = re.split(f"({'|'.join(map(re.escape, names))})", str(argument))
    opened = tuple(Name(names[part]) if part in names else part for part in parts if part)
    return Text(opened) if any(isinstance(part, Name) for part in opened) else argument
