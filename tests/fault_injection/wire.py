"""A wire between driver and server that counts what crosses it, and can be cut at the worst moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit, urlunsplit

LENGTH_BYTES: Final = 4
CODE_BYTES: Final = 4
CANCEL_REQUEST: Final = 80877102
NOT_ENCRYPTED_REQUESTS: Final = frozenset({80877103, 80877104})
"""The driver may ask for TLS or GSS first; both get one byte for an answer."""

WAITS_FOR_AN_ANSWER: Final = frozenset({b"S", b"Q", b"H"})
"""Sync, simple Query and Flush: behind each of them the driver has to wait for the server."""

READY: Final = b"Z"


class Cut(StrEnum):
    BEFORE_THE_SERVER = "before_the_server"
    """The server never sees what was sent."""

    BEFORE_THE_ANSWER = "before_the_answer"
    """The server does what it was asked; its answer is lost."""


@dataclass(slots=True, kw_only=True)
class Wire:
    """*url* leads through here; *trips* is how often the driver waited for the server."""

    url: str
    trips: int = 0
    _server: tuple[str, int]
    _cut: Cut | None = None
    _after_trips: int = 0
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut_at(self, trip: int, how: Cut) -> None:
        """Cut the connection once at the *trip*-th round trip from now, the first being 1."""
        self._cut, self._after_trips = how, self.trips + trip

    def cut_all(self) -> None:
        """Cut every connection now, as a failing network would."""
        for end in self._ends:
            end.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        try:
            from_server, to_server = await asyncio.open_connection(*self._server)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, to_server}
        self._ends |= ends
        withheld = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                back = group.create_task(_answers(from_server, writer, withheld))
                if await _introduction(reader, to_server):
                    await self._questions(reader, to_server, withheld)
                back.cancel()
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _questions(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, withheld: asyncio.Event
    ) -> None:
        while True:
            kind = await reader.readexactly(1)
            message = kind + await _sized(reader)
            if kind in WAITS_FOR_AN_ANSWER:
                self.trips += 1
                if self._cut is not None and self.trips == self._after_trips:
                    how, self._cut = self._cut, None
                    if how is Cut.BEFORE_THE_SERVER:
                        return
                    withheld.set()
            server.write(message)
            await server.drain()


async def _introduction(reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> bool:
    """Pass on what comes before the messages; return whether messages will follow."""
    while True:
        message = await _sized(reader)
        code = int.from_bytes(message[LENGTH_BYTES : LENGTH_BYTES + CODE_BYTES], "big")
        server.write(message)
        await server.drain()
        if code == CANCEL_REQUEST:
            # The server answers nothing; it closes when it has passed the wish on.
            await reader.read()
            return False
        if code not in NOT_ENCRYPTED_REQUESTS:
            return True


async def _answers(
    server: asyncio.StreamReader, writer: asyncio.StreamWriter, withheld: asyncio.Event
) -> None:
    """Pass answers back; withheld ones are read until the server is done, then the line is dead."""
    first = await server.readexactly(1)
    if first == b"N":
        writer.write(first)
        first = await server.readexactly(1)
    kind = first
    while True:
        message = kind + await _sized(server)
        if withheld.is_set():
            if kind == READY:
                raise ConnectionAbortedError
        else:
            writer.write(message)
            await writer.drain()
        kind = await server.readexactly(1)


async def _sized(reader: asyncio.StreamReader) -> bytes:
    length = await reader.readexactly(LENGTH_BYTES)
    return length + await reader.readexactly(int.from_bytes(length, "big") - LENGTH_BYTES)


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Lend a wire to the PostgreSQL at *url*."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError("the server's address has a host and a port")
    wire = Wire(url=url, _server=(parts.hostname, parts.port))
    carried: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(wire.carry(reader, writer))
        carried.add(task)
        task.add_done_callback(carried.discard)

    listening = await asyncio.start_server(begin, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    wire.url = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{port}"))
    try:
        yield wire
    finally:
        listening.close()
        wire.cut_all()
        for task in carried:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*carried, return_exceptions=True)
