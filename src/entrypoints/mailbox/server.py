"""The mailbox as a process: an SMTP server that delivers nothing onwards, and its pages."""

import asyncio
import json
import os
import secrets
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session
from granian.constants import Interfaces
from granian.server.embed import Server

from entrypoints.mailbox.messages import Mailbox, files_in, read_message
from entrypoints.mailbox.pages import mailbox_app

HOST: Final = "127.0.0.1"
MESSAGE_BYTES_MAX: Final = 10 * 1024 * 1024
RECIPIENTS_MAX: Final = 100
ANSWER_SECONDS_MAX: Final = 20


class MessageReceiver:
    """Puts each message that the SMTP server receives into the mailbox."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    async def handle_RCPT(  # noqa: N802 - the library's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self._box.add(
            read_message(
                raw,
                message_id=secrets.token_hex(8),
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                received_at=datetime.now(UTC),
            ),
            files_in(raw),
        )
        return "250 2.0.0 kept"


async def run_mailbox(*, http_port: int, smtp_port: int, announce: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; once both servers answer, write their addresses to *announce*."""
    box = Mailbox()
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ending.set)

    def speak_smtp() -> SMTP:
        return SMTP(
            MessageReceiver(box),
            hostname="mailbox.localhost",
            data_size_limit=MESSAGE_BYTES_MAX,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    smtp = await loop.create_server(speak_smtp, HOST, smtp_port)
    port = _port(http_port)
    pages = Server(
        mailbox_app(box), address=HOST, port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    serving = loop.create_task(pages.serve())
    try:
        await _until_answered(f"http://{HOST}:{port}/messages", serving)
        if announce is not None:
            bound_port = smtp.sockets[0].getsockname()[1]
            _announce(announce, http_port=port, smtp_port=bound_port)
        await asyncio.wait(
            {serving, waiting := loop.create_task(ending.wait())},
            return_when=asyncio.FIRST_COMPLETED,
        )
        waiting.cancel()
    finally:
        smtp.close()
        pages.stop()  # type: ignore[no-untyped-call]  # granian leaves it bare
        await serving


async def _until_answered(address: str, serving: "asyncio.Task[None]") -> None:
    async with (
        asyncio.timeout(ANSWER_SECONDS_MAX),
        httpx.AsyncClient(trust_env=False, verify=False) as client,  # noqa: S501 - plain HTTP on loopback
    ):
        while not serving.done():
            try:
                await client.get(address)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return
    raise RuntimeError("the pages could not be served")


def _port(wanted: int) -> int:
    """Return a free port; the web server would share a port that is taken, so this binds it alone first."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, wanted))
        port: int = probe.getsockname()[1]
        return port


def _announce(path: Path, *, http_port: int, smtp_port: int) -> None:
    """Write the file atomically, so that no reader sees half of it."""
    addresses = {"http": f"http://{HOST}:{http_port}", "smtp": f"smtp://{HOST}:{smtp_port}"}
    half = path.with_name(f"{path.name}.{os.getpid()}")
    half.write_text(json.dumps(addresses), encoding="utf-8")
    half.replace(path)
