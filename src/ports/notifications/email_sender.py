"""How a letter leaves the house: once accepted by the mail server it counts as sent."""

from dataclasses import dataclass
from typing import Protocol

from domain.errors import DomainError


class EmailDelayed(DomainError):
    """The mail server did not take the letter now; the same letter may be sent again later."""


class EmailRefused(DomainError):
    """The mail server will never take this letter to this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A PDF that goes with a letter; *name* as the reader saves it, in plain ASCII."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """
    *message_id* is the same whenever the same letter is sent again, so that a mail program can show
    it once. *text* and *html* say the same.
    """

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


class EmailSender(Protocol):
    async def send(self, email: Email) -> None:
        """Hand *email* to the mail server; raises ``EmailDelayed`` or ``EmailRefused``."""
        ...
