"""A database that shows how it finds every row it is asked for, so that slow ways are found before customers do."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.postgres.engine.database import Connection, Database, Record, Watch, unwatched
from adapters.postgres.engine.statements import Prepared, Write, one_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """*scanned* names tables read from end to end, *indexes* those used, *sorts* what is sorted."""

    sql: str
    generic: bool
    scanned: frozenset[str]
    indexes: frozenset[str]
    sorts: bool


class ExplainingDatabase(Database):
    """Explains each statement, with its values and without, before it runs it."""

    def __init__(self, engine: Any, watch: Watch = unwatched) -> None:
        super().__init__(engine, watch)
        self.plans: list[Plan] = []

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        async with super().borrow() as connection:
            yield _Explaining(connection.driver, self.plans)

    def plans_of(self, statement: Prepared) -> list[Plan]:
        """Return how *statement* was run: with its values and without, each time."""
        return [plan for plan in self.plans if plan.sql == statement.sql]


@dataclass(frozen=True, slots=True)
class _Explaining(Connection):
    plans: list[Plan]

    async def fetch(self, statement: Prepared, **values: object) -> Sequence[Record]:
        await self._explain(statement.sql, statement.arguments(values))
        return await Connection.fetch(self, statement, **values)

    async def fetch_within(
        self, limit: timedelta, statement: Prepared, **values: object
    ) -> Sequence[Record]:
        # What makes a table, or counts its rows, finds none.
        if not statement.sql.startswith(("CREATE ", "ANALYZE ")):
            await self._explain(statement.sql, statement.arguments(values))
        return await Connection.fetch_within(self, limit, statement, **values)

    async def apply(self, writes: Sequence[Write]) -> None:
        if writes:
            await self._explain(*one_statement(writes))
        await Connection.apply(self, writes)

    async def _explain(self, sql: str, arguments: tuple[object, ...]) -> None:
        custom = await self.driver.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
        self.plans.append(_plan(sql, custom, generic=False))
        await self.driver.execute(f"PREPARE known AS {sql}")
        await self.driver.execute("SET plan_cache_mode = force_generic_plan")
        nothing = f"({', '.join(['NULL'] * len(arguments))})" if arguments else ""
        generic = await self.driver.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE known{nothing}")
        self.plans.append(_plan(sql, generic, generic=True))
        await self.driver.execute("RESET plan_cache_mode")
        await self.driver.execute("DEALLOCATE known")


def _plan(sql: str, explained: list[dict[str, Any]], *, generic: bool) -> Plan:
    nodes = list(_nodes(explained[0]["Plan"]))
    return Plan(
        sql=sql,
        generic=generic,
        scanned=frozenset(n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"),
        indexes=frozenset(n["Index Name"] for n in nodes if "Index Name" in n).union(
            *(n.get("Conflict Arbiter Indexes", ()) for n in nodes)
        ),
        sorts=any("Sort" in n["Node Type"] for n in nodes),
    )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
