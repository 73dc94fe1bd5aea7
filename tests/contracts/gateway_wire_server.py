"""A server of bytes: it reads a request's head and then does to the connection what the test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
    """Serve *script* on a free port within the block."""
    served = WireServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            served.heads.append(await reader.readuntil(b"\r\n\r\n"))
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()
            return
        # The script ends, or the other side has had enough: what some of the tests are about.
        acts = [asyncio.ensure_future(script(writer)), asyncio.ensure_future(reader.read())]
        await asyncio.wait(acts, return_when=asyncio.FIRST_COMPLETED)
        for act in acts:
            act.cancel()
        await asyncio.gather(*acts, return_exceptions=True)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served


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
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
