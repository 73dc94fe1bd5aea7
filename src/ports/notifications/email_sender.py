"""Sending emails: once the mail server has accepted an email, it counts as sent."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from domain.errors import DomainError


class EmailDelayed(DomainError):
    """The mail server did not accept the email now; the same email may be sent again later."""


class EmailRefused(DomainError):
    """The mail server will never accept this email for this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A PDF attached to an email; *name* is the file's name, in plain ASCII."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """
    One email. *text* and *html* say the same.

    *message_id* is the same whenever the same email is sent again, so that a mail program can show
    it once.
    """

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def text_sha256(self) -> str:
        """SHA-256 (hex) of the plain text, in UTF-8 with plain line ends: whoever has the email can compare it."""
        return sha256(self.text.encode()).hexdigest()


class EmailSender(Protocol):
    async def send(self, email: Email) -> None:
        """Hand *email* to the mail server; raises ``EmailDelayed`` or ``EmailRefused``."""
        ...
