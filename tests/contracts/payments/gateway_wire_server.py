"""A server of bytes: it reads one request and then does to the connection what the test says."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class WireServer:
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def wire_server(
    script: Script, tls: ssl.SSLContext | None = None
) -> AsyncIterator[WireServer]:
    """Serve *script* on a free port within the block; no connection outlives it."""
    served, visits = WireServer(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.ensure_future(_visit(reader, writer, script, served))
        visits.add(visit)
        await visit

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        await server.wait_closed()


async def _visit(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    script: Script,
    served: WireServer,
) -> None:
    try:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            # Hanging up on what was not read would reset the connection under our own answer.
            await reader.readexactly(int(length[1]) if length else 0)
            served.heads.append(head)
            await _until_either_leaves(script(writer), reader.read())
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _until_either_leaves(*acts: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(act) for act in acts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def says(*pieces: bytes) -> Script:
    """Send *pieces* and hang up."""

    async def script(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return script


def drips(head: bytes, piece: bytes, every: float) -> Script:
    """Send *head*, then *piece* again and again for as long as anybody listens."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)  # the drip itself, not a wait for something

    return script


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole answer after which the connection ends, as it says itself."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
