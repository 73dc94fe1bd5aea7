"""A real SMTP server in the test's own loop, which answers as the test planned."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


@dataclass
class MailServer:
    """*answers* are given instead of a 250, by SMTP command, one after the other."""

    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    hang: asyncio.Event | None = None
    over_tls: list[bool] = field(default_factory=list)
    port: int = 0

    def plan(self, command: str, *answers: str) -> None:
        self.answers.setdefault(command, []).extend(answers)

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := self._planned("MAIL")) is not None:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        if (answer := self._planned("RCPT")) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hang is not None:
            await self.hang.wait()
        if (answer := self._planned("DATA")) is not None:
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=default))
        self.envelopes.append(envelope)
        self.over_tls.append(session.ssl is not None)
        return "250 kept"

    async def handle_QUIT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return self._planned("QUIT") or "221 Bye"

    def log_in(self, _s: SMTP, _session: Session, _e: Envelope, _m: str, who: Any) -> AuthResult:
        assert isinstance(who, LoginPassword)
        self.logins.append((who.login, who.password))
        return AuthResult(success=who.password == b"right", handled=False)

    def _planned(self, command: str) -> str | None:
        planned = self.answers.get(command)
        return planned.pop(0) if planned else None


@asynccontextmanager
async def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
    international: bool = True,
) -> AsyncIterator[MailServer]:
    """Serve on a free port of loopback."""
    loop = asyncio.get_running_loop()
    server = MailServer()
    doors: list[SMTP] = []

    def speak() -> SMTP:
        deps = SMTP(
            server,
            hostname="mail.example.com",
            loop=loop,
            enable_SMTPUTF8=international,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=server.log_in if login else None,
            auth_require_tls=False,
        )
        doors.append(deps)
        return deps

    listening = await loop.create_server(speak, HOST, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        if server.hang is not None:
            server.hang.set()
        await _all_gone(doors)


async def _all_gone(doors: Sequence[SMTP]) -> None:
    running = [deps._handler_coroutine for deps in doors if deps._handler_coroutine is not None]
    for deps in doors:
        if deps.transport is not None:
            deps.transport.close()
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)
