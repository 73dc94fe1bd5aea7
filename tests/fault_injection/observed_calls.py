"""The ways out of a process, each with a watch on it: PostgreSQL, the gateway, the mail server, the file store."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from inspect import iscoroutinefunction
from typing import Any, Final, TypeVar

from adapters.postgres.engine.database import Connection, Database, Record
from adapters.postgres.engine.statements import Prepared, Write
from fault_injection.interactions import Channel, Interactions
from ports.file_store import FilesUnavailable
from ports.notifications.email_sender import EmailDelayed
from ports.notifications.webhook_sender import WebhookDelayed
from ports.payments.payment_gateway import GatewayDown, GatewayOutcomeUnknown
from ports.unit_of_work import StorageUnavailable

Port = TypeVar("Port")
Out = TypeVar("Out")

_SUBJECT: Final = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|FROM) (?:ONLY )?(\w+)")
_BESIDE: Final = re.compile(r"\([^()]*\)")
_CHANGES: Final = re.compile(r"\b(?:INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
_holding: Final = ContextVar("a connection is borrowed", default=False)

STORAGE: Final = Channel(error=StorageUnavailable, unclear=StorageUnavailable, repeats=False)
MAIL: Final = Channel(error=EmailDelayed, unclear=EmailDelayed, repeats=True)
WEBHOOKS: Final = Channel(error=WebhookDelayed, unclear=WebhookDelayed, repeats=True)
FILES: Final = Channel(error=FilesUnavailable, unclear=FilesUnavailable, repeats=True)
ANCHORS: Final = FILES


def _no_answer(operation: str) -> Exception:
    # A read changes nothing, so there is nothing to be unclear about.
    return (
        GatewayDown("injected")
        if operation.startswith("read")
        else GatewayOutcomeUnknown("injected")
    )


GATEWAY: Final = Channel(
    error=lambda _operation: GatewayDown("injected"), unclear=_no_answer, repeats=True
)


def observed(port: Port, name: str, interactions: Interactions, channel: Channel) -> Port:
    """Return *port* with every call that has to be awaited counted as ``name.method``."""
    return _Observed(port, name, interactions, channel)  # type: ignore[return-value]  # it stands in for it


class _Observed:
    def __init__(
        self, port: object, name: str, interactions: Interactions, channel: Channel
    ) -> None:
        self._port, self._name = port, name
        self._interactions, self._channel = interactions, channel

    def __getattr__(self, method: str) -> Any:
        called = getattr(self._port, method)
        if not iscoroutinefunction(called):
            return called

        async def call(*given: object, **named: object) -> object:
            if _holding.get():
                raise AssertionError(f"{self._name}.{method} was called inside a unit of work")
            return await self._interactions.happen(
                f"{self._name}.{method}",
                partial(called, *given, **named),
                self._channel,
                operation=method,
            )

        return call


class ObservedDatabase(Database):
    """Every statement is an interaction: each port on PostgreSQL speaks in single statements."""

    def __init__(self, unobserved: Database, interactions: Interactions) -> None:
        super().__init__(unobserved.engine)
        self._interactions = interactions

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        async with super().borrow() as connection:
            token = _holding.set(True)
            try:
                yield ObservedConnection(connection.driver, self._interactions)
            finally:
                _holding.reset(token)


@dataclass(frozen=True, slots=True)
class ObservedConnection(Connection):
    interactions: Interactions

    async def fetch(self, statement: Prepared, **values: object) -> Sequence[Record]:
        plain = Connection(self.driver)
        return await self._happen(named(statement.sql), partial(plain.fetch, statement, **values))

    async def fetch_within(
        self, limit: timedelta, statement: Prepared, **values: object
    ) -> Sequence[Record]:
        # One of several in a transaction, or one that may take long.
        deed = partial(Connection(self.driver).fetch_within, limit, statement, **values)
        return await self._happen(f"long {named(statement.sql)}", deed)

    async def apply(self, writes: Sequence[Write]) -> None:
        if writes:
            subjects = dict.fromkeys(_subject(write.statement.sql) for write in writes)
            plain = Connection(self.driver)
            await self._happen(f"apply {', '.join(subjects)}", partial(plain.apply, writes))

    async def apply_many(
        self, statement: Prepared, rows: Sequence[Mapping[str, object]], also: Sequence[Write]
    ) -> None:
        plain = Connection(self.driver)
        deed = partial(plain.apply_many, statement, rows, also)
        await self._happen(f"apply many {_subject(statement.sql)}", deed)

    async def _happen(self, name: str, deed: Callable[[], Awaitable[Out]]) -> Out:
        return await self.interactions.happen(name, deed, STORAGE)


def named(sql: str) -> str:
    """Return in two words what *sql* does, and to which table."""
    if "SKIP LOCKED" in sql:
        return f"claim {_subject(sql)}"
    return f"{'write' if _CHANGES.search(sql) else 'read'} {_subject(sql)}"


@cache
def _subject(sql: str) -> str:
    # What stands in parentheses is asked beside: the statement is about the table outside of them.
    outside, inside = _BESIDE.subn("", sql)
    while inside:
        outside, inside = _BESIDE.subn("", outside)
    found = _SUBJECT.search(outside) or _SUBJECT.search(sql)
    return found[1] if found else "nothing"
