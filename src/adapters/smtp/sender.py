"""Send emails by SMTP; the reply code of the server says whether one is sent, delayed or refused."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

import aiosmtplib

from adapters.smtp.message import compose
from adapters.smtp.settings import EmailEncryption, SmtpSettings
from ports.clock import Clock
from ports.notifications.email_sender import Email, EmailDelayed, EmailRefused

log = logging.getLogger(__name__)

QUIT_SECONDS_MAX: Final = 1.0
PERMANENT: Final = range(500, 600)
# The server wants other credentials or encryption (RFC 4954, 4.7.x): our settings are wrong, not the recipient.
SETTINGS_WRONG: Final = frozenset({530, 534, 535, 538})
_ENHANCED: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


class SmtpSender:
    """Opens one connection per email, so that a lost connection cannot lose one."""

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    async def send(self, email: Email) -> None:
        message = compose(email, sender=self._settings.sender, at=self._clock.now())
        try:
            async with self._connection() as connection:
                await connection.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            _answered(refusal.recipients[0])
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refusal:
            _answered(refusal)
        except aiosmtplib.SMTPNotSupported:
            raise EmailRefused("the mail server takes no international addresses") from None
        except aiosmtplib.SMTPResponseException as refusal:
            # The greeting, the login or our own address was refused, not the recipient.
            if refusal.code in PERMANENT:
                _alert(refusal.code)
            raise EmailDelayed(_in_short(refusal)) from None
        except (TimeoutError, OSError) as failure:
            log.warning(
                "mail_server.unreachable",
                extra={"dependency": "smtp", "reason": type(failure).__name__},
            )
            raise EmailDelayed(
                f"no connection to the mail server: {type(failure).__name__}"
            ) from None
        except aiosmtplib.SMTPException:
            # The settings ask for STARTTLS or a login, and the server offers none.
            _alert(None)
            raise EmailDelayed("the mail server does not offer what the settings ask for") from None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        settings = self._settings
        connection = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.encryption is EmailEncryption.IMPLICIT,
            start_tls=settings.encryption is EmailEncryption.STARTTLS,
            username=settings.user,
            password=settings.password,
            timeout=settings.command_seconds,
            tls_context=settings.trust,
        )
        try:
            async with asyncio.timeout(settings.email_seconds):
                await connection.connect()
                yield connection
            # The server has accepted the email: a failure of QUIT must not make it go out twice.
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await connection.quit(timeout=QUIT_SECONDS_MAX)
        finally:
            connection.close()


def _answered(refusal: aiosmtplib.SMTPResponseException) -> NoReturn:
    if refusal.code in SETTINGS_WRONG:
        _alert(refusal.code)
    elif refusal.code in PERMANENT:
        raise EmailRefused(_in_short(refusal)) from None
    raise EmailDelayed(_in_short(refusal)) from None


def _in_short(refusal: aiosmtplib.SMTPResponseException) -> str:
    """Return the reply codes alone: the text of a server often repeats the address."""
    enhanced = _ENHANCED.match(refusal.message)
    return f"the mail server answered {refusal.code}{f' {enhanced[1]}' if enhanced else ''}"


def _alert(code: int | None) -> None:
    log.error(
        "mail_server.refused",
        extra={"status_code": code, "dependency": "smtp"},
    )
