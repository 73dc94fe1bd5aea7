"""Serve the simulator on a port of this machine until it is stop to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from entrypoints.simulator.app import app_for
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.simulated_bank import SimulatedBank, new_bank

STARTS_WITHIN_SECONDS: Final = 20.0
STOPS_WITHIN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Served:
    """*url* is where it listens; links have ``bank.config.public_url``."""

    url: str
    bank: SimulatedBank


@asynccontextmanager
async def serving(
    config: SimulatorConfig,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    public_url: str | None = None,
    tls: tuple[Path, Path] | None = None,
) -> AsyncGenerator[Served]:
    """
    Serve within the block.

    Port 0 means any free one; ``tls`` is a certificate and its key. Raises ``OSError`` when the port is taken.
    """
    with reserved(host, port) as free_port:
        scheme = "https" if tls else "http"
        local_url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{free_port}"
        config = replace(config, public_url=(public_url or local_url).rstrip("/"))
        bank = new_bank(config)
        server = Server(
            app_for(bank),
            address=host,
            port=free_port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_enabled=False,
            backlog=1024,
            ssl_cert=tls[0] if tls else None,
            ssl_key=tls[1] if tls else None,
        )
        running = asyncio.create_task(server.serve())
        try:
            await _until_it_answers(local_url, running)
            yield Served(local_url, bank)
        finally:
            # Connections held by a planned fault would keep the server waiting.
            bank.faults.close()
            server.stop()  # type: ignore[no-untyped-call]  # granian leaves it bare
            with suppress(TimeoutError):
                await asyncio.wait_for(running, STOPS_WITHIN_SECONDS)


async def serve_until_told(
    config: SimulatorConfig,
    *,
    host: str,
    port: int,
    public_url: str | None,
    tls: tuple[Path, Path] | None,
    when_ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; call *when_ready* with the address once it answers."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(config, host=host, port=port, public_url=public_url, tls=tls) as served:
        when_ready(served.bank.config.public_url)
        await stop.wait()


class reserved:  # noqa: N801 - reads as the context it opens
    """
    Reserve *port* (0: a free one); the server's socket shares the reservation and is the only one that listens.

    Raises ``OSError`` when another process listens on *port*, instead of sharing its connections.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if port:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        self._holder = socket.socket(family)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind((host, port))

    def __enter__(self) -> int:
        return int(self._holder.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._holder.close()


async def _until_it_answers(url: str, running: asyncio.Task[None]) -> None:
    async with (
        asyncio.timeout(STARTS_WITHIN_SECONDS),
        # Only the own port is called, and only to see whether it answers: the certificate need not be valid.
        httpx.AsyncClient(trust_env=False, verify=False) as client,  # noqa: S501 - see above
    ):
        while not running.done():
            with suppress(httpx.TransportError):
                await client.get(f"{url}/_control/orders")
                return
            await asyncio.sleep(POLL_SECONDS)
    running.result()
    raise RuntimeError("the simulator ended before it answered")
