"""Write an email as a MIME message; no value can add a header of its own."""

import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueAddressHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Final, cast

import idna

from domain.text.email_address import mailbox_parts
from ports.notifications.email_sender import Email, EmailRefused

SUBJECT_MAX: Final = 300
LINE_MAX: Final = 998  # RFC 5322, 2.1.1

_MESSAGE_ID: Final = re.compile(r"<[A-Za-z0-9._-]+@(?:[A-Za-z0-9.-]+|\[[A-Za-z0-9.:]+\])>")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}")


class _MailboxHeader(UniqueAddressHeader):
    """A header with one mailbox, on one line: folded inside its quotation marks, a name loses them."""

    def fold(self, *, policy: Policy) -> str:
        plain = policy.utf8 or str(self).isascii()  # type: ignore[attr-defined]  # an EmailPolicy has it
        return BaseHeader.fold(
            cast("BaseHeader", self),
            policy=policy.clone(max_line_length=LINE_MAX) if plain else policy,
        )


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("from", cast("type[BaseHeader]", _MailboxHeader))
_POLICY: Final = SMTP.clone(header_factory=_HEADERS)


def compose(email: Email, *, sender: str, at: datetime) -> EmailMessage:
    """Return *email* as multipart/alternative with its files, or raise ``EmailRefused`` for what cannot be a header."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = mailbox(sender)
    message["To"] = mailbox(email.to)
    message["Subject"] = _subject(email.subject)
    message["Date"] = at
    message["Message-ID"] = _message_id(email.message_id)
    # Automatic replies should not come back to us (RFC 3834, 5).
    message["Auto-Submitted"] = "auto-generated"
    # Quoted-printable passes servers that refuse 8-bit text or long lines.
    message.set_content(email.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(email.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for file in email.attachments:
        if not _FILE_NAME.fullmatch(file.name):
            raise EmailRefused("the name of an attachment is not allowed")
        message.add_attachment(
            file.content, maintype="application", subtype="pdf", filename=file.name
        )
    return message


def mailbox(written: str) -> Address:
    """
    Return the parts of ``name@host`` or ``Name <name@host>``, or raise ``EmailRefused``.

    An international host is encoded for DNS by IDNA 2008, which keeps the joiners of Indian scripts. An
    international name stays as it is and needs a server that supports SMTPUTF8.
    """
    parts = mailbox_parts(written)
    if parts is None:
        raise EmailRefused("this is no email address")
    name, address = parts
    local, _, host = address.rpartition("@")
    return Address(
        display_name=name, username=local, domain=idna.encode(host, uts46=True).decode("ascii")
    )


def _subject(subject: str) -> str:
    if len(subject) > SUBJECT_MAX or any(
        unicodedata.category(mark) in {"Cc", "Zl", "Zp", "Cs"} for mark in subject
    ):
        raise EmailRefused("the subject is too long or holds control characters")
    return subject


def _message_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise EmailRefused("the message id is malformed")
    return message_id
