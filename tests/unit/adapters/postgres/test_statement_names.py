"""Each statement has a name by which it is measured."""

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from sqlalchemy import text

from adapters import postgres
from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import Prepared, Write, prepare
from adapters.postgres.monitoring import gateway_calls
from adapters.postgres.queues import inbox
from adapters.postgres.refunds import refund_queries

HERE = prepare(text("SELECT 1"))


def constants() -> dict[str, Prepared]:
    """Return every statement that stands in a constant, by the name it is measured under."""
    found = {}
    for each in walk_packages(postgres.__path__, "adapters.postgres."):
        if ".migrations" in each.name:
            continue
        module = import_module(each.name)
        for name, value in vars(module).items():
            if isinstance(value, Prepared) and value.maker[0] == each.name:
                found[f"{each.name}.{name}"] = value
    return found


def test_a_constant_is_called_by_its_module_and_its_name() -> None:
    """
    Whoever reads a metric finds the statement; no two share a name.
    """
    named = constants()

    assert len(named) > 150
    for place, statement in named.items():
        assert statement.name == place.removeprefix("adapters.postgres.").lower()
    assert gateway_calls.ADD.name == "monitoring.gateway_calls.add"
    # A function of another module made it.
    assert inbox.CLAIM.name == "queues.inbox.claim"


def test_what_a_function_makes_while_it_serves_is_called_by_the_function() -> None:
    """
    So the number of names is that of places in the code, however many texts there are.
    """
    made = refund_queries.__dict__
    assert callable(made["prepare"])

    def search(number: int) -> Prepared:
        return prepare(text(f"SELECT {number}"))

    assert search(1).name == search(2).name
    assert search(1).name.endswith(".search")


class Driver:
    """A driver's connection that answers nothing, or fails."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble

    async def fetch(self, *_asked: Any, **_options: Any) -> list[Any]:
        if self.trouble is not None:
            raise self.trouble
        return []


async def test_each_statement_is_run_within_its_watch() -> None:
    """
    A unit's writes are one statement, by the first of them: what follows it may differ from time to time.
    """
    watched: list[str] = []

    def watch(name: str) -> AbstractContextManager[object]:
        watched.append(name)
        return nullcontext()

    connection = Connection(Driver(), watch=watch)
    await connection.fetch(inbox.CLAIM, **dict.fromkeys(inbox.CLAIM.names))
    await connection.apply(
        [Write(gateway_calls.FIGURES, dict.fromkeys(gateway_calls.FIGURES.names))]
    )
    await connection.apply([])

    assert watched == ["queues.inbox.claim", "unit:monitoring.gateway_calls.figures"]


async def test_a_failure_is_raised_through_the_watch() -> None:
    """
    To measure changes nothing.
    """
    connection = Connection(Driver(OSError("gone")), watch=lambda _name: nullcontext())
    with pytest.raises(OSError, match="gone"):
        await connection.fetch(HERE)
