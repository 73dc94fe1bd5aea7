"""An application behind a real port, and waiting for a port that somebody is to listen on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from worlds.processes.waiting import eventually


@asynccontextmanager
async def listening(app: Litestar, port: int) -> AsyncIterator[None]:
    """Serve *app* at *port* of this machine for the length of the block, as ``shulk serve`` does."""
    server = Server(
        app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    serving = asyncio.create_task(server.serve())
    try:
        await listened_on(port)
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # the library has no types here
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def listened_on(port: int) -> None:
    """Return once somebody listens on *port*."""

    async def is_open() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    await eventually(is_open)
