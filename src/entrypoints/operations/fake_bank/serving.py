"""Serve the fake gateway at its address until it is told to end."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.operations.fake_bank.app import app_for, served_bank
from entrypoints.settings.settings import Settings

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ANSWERS_WITHIN_SECONDS: Final = 1.0
STOPS_WITHIN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.05


class AddressTaken(Exception):
    """Another process listens at the address of the fake gateway."""


def serve_fake_gateway(settings: Settings, when_ready: Callable[[str], None], host: str) -> None:
    """
    Serve on *host* until SIGTERM or SIGINT; call *when_ready* with the address once it answers.

    Raises ``NotInProduction`` for production, and ``AddressTaken`` where somebody listens already.
    """
    asyncio.run(_serve(settings, when_ready, host))


def is_answered(settings: Settings) -> bool:
    """Return whether a fake gateway answers at the address of *settings*."""
    with suppress(httpx.HTTPError):
        answer = httpx.get(
            f"{settings.fake_gateway_url.rstrip('/')}/_control/orders",
            timeout=ANSWERS_WITHIN_SECONDS,
            trust_env=False,
        )
        return answer.is_success
    return False


def is_on_loopback(settings: Settings) -> bool:
    """Return whether the address of *settings* is on this machine, where `shulk serve` serves it by itself."""
    return urlsplit(settings.fake_gateway_url).hostname in LOOPBACK


async def _serve(settings: Settings, when_ready: Callable[[str], None], host: str) -> None:
    bank, port = served_bank(settings), urlsplit(settings.fake_gateway_url).port or 80
    shutdown = shutdown_on_signal()
    with _kept(host, port):
        server = Server(
            app_for(bank),
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_enabled=False,
        )
        running = asyncio.create_task(server.serve())
        ended = asyncio.create_task(shutdown.wait())
        try:
            await asyncio.to_thread(_wait_for_answer, settings, running.done)
            if not running.done():
                when_ready(settings.fake_gateway_url)
            await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            server.stop()  # type: ignore[no-untyped-call]  # granian leaves it bare
            with suppress(TimeoutError):
                await asyncio.wait_for(running, STOPS_WITHIN_SECONDS)


def _wait_for_answer(settings: Settings, has_ended: Callable[[], bool]) -> None:
    while not (has_ended() or is_answered(settings)):
        time.sleep(POLL_SECONDS)


@contextmanager
def _kept(host: str, port: int) -> Iterator[None]:
    """Keep *port* from others: the server's socket shares it, and two of them would each have a state of its own."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None
    with socket.socket(family) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, port))
        yield
