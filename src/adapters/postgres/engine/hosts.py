"""Which of several hosts of one database a connection is made to: so a service follows to a promoted standby."""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

HOST: Final = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?"
)
ANY_ORDER: Final = frozenset({"any", "read-write", "read-only", "primary", "standby"})
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.TargetServerAttributeNotMatched,
)


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    port: int | None = None
    """None is the driver's usual port."""


def hosts_of(url: str) -> Sequence[Host]:
    """
    Return the hosts of *url* in its order; none when it has one only, or is for the driver alone to read.

    That is so of sockets, of hosts among the words behind the question mark, and of ``prefer-standby``, which
    asks every host before it takes any.
    """
    parts = urlsplit(url)
    words = parse_qs(parts.query)
    found = [HOST.fullmatch(each) for each in parts.netloc.rpartition("@")[2].split(",")]
    named = [each for each in found if each]
    asks_in_order = words.get("target_session_attrs", ["any"])[-1] in ANY_ORDER
    if len(named) < max(len(found), 2) or not asks_in_order or {"host", "port"} & set(words):
        return ()
    return [
        Host(each["address"] or each["name"], int(each["port"]) if each["port"] else None)
        for each in named
    ]


@dataclass(slots=True)
class HostsInTurn:
    """
    Connects to the first of *hosts* that will do. The one that did last is asked first.

    The driver gives all hosts together one limit of time. So a machine without power, which refuses nothing and
    answers nothing, would use it up at each try, and the host behind it would never be asked.
    """

    hosts: Sequence[Host]
    last: int = 0

    async def connect(self, connect: Callable[[Host], Awaitable[Any]]) -> Any:
        """Return the first connection of *connect*, or raise what the last host of this turn raised."""
        first = self.last
        *others, final = [(first + turn) % len(self.hosts) for turn in range(len(self.hosts))]
        for number in others:
            with suppress(*AWAY):
                return await self._connected(number, connect)
        return await self._connected(final, connect)

    async def _connected(self, number: int, connect: Callable[[Host], Awaitable[Any]]) -> Any:
        connection = await connect(self.hosts[number])
        self.last = number
        return connection
