"""The statements of a trip, taken down while the real use case runs them, and run again for others."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.postgres.engine.database import Connection, Database

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Statement:
    """
    SQL and its arguments; ``{name}`` in a text argument, or a whole ``Name``, differs by run.
    """

    sql: str
    arguments: tuple[object, ...]

    def filled(self, values: Values) -> list[object]:
        """Return the arguments for one run."""
        return [
            values[each.name]
            if isinstance(each, Name)
            else "".join(
                str(values[part.name]) if isinstance(part, Name) else part for part in each
            )
            if isinstance(each, list)
            else each
            for each in self.arguments
        ]

    def in_sql(self, expressions: Mapping[str, str]) -> str:
        """Return the statement with each argument written into it, names by their *expressions*."""

        def argument(place: re.Match[str]) -> str:
            each = self.arguments[int(place[1]) - 1]
            if isinstance(each, Name):
                return expressions[each.name]
            if isinstance(each, list):
                parts = (
                    expressions[part.name] if isinstance(part, Name) else literal(part)
                    for part in each
                )
                return f"({' || '.join(parts)})"
            return literal(each)

        return re.sub(r"\$(\d+)", argument, self.sql)


@dataclass(frozen=True, slots=True)
class Name:
    name: str


def literal(value: object) -> str:
    """Return *value* as pgbench may find it in SQL: no colon in it, which would begin a variable."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | Decimal():
            return str(value)
        case datetime() | str():
            text = str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3A")
            return f"E'{text}'"
        case _:
            raise TypeError(f"no literal for {type(value).__name__}")


class Recording(Database):
    """Takes down each statement with its arguments."""

    def __init__(self, engine: Any) -> None:
        super().__init__(engine)
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
    for name, value in sentinels.items():
        if type(value) is type(argument) and argument == value:
            return Name(name)
    if not isinstance(argument, str):
        return argument
    names = {str(value): name for name, value in sentinels.items() if isinstance(value, str)}
    parts = re.split(f"({'|'.join(map(re.escape, names))})", str(argument))
    opened = [Name(names[part]) if part in names else part for part in parts if part]
    return opened if any(isinstance(part, Name) for part in opened) else argument
