"""Write an email as a MIME message; no value can add a header of its own."""

import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final

import idna

from ports.notifications.email_sender import Email, EmailRefused

ADDRESS_MAX: Final = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
LOCAL_MAX: Final = 64
SUBJECT_MAX: Final = 300

_MESSAGE_ID: Final = re.compile(r"<[A-Za-z0-9._-]+@(?:[A-Za-z0-9.-]+|\[[A-Za-z0-9.:]+\])>")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}")
_ASCII_LOCAL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_LOCAL_STOPS: Final = frozenset('()<>[]:;@\\,"')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


def compose(email: Email, *, sender: str, at: datetime) -> EmailMessage:
    """Return *email* as multipart/alternative with its files, or raise ``EmailRefused`` for what cannot be a header."""
    message = EmailMessage(policy=SMTP)
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
    if any(unicodedata.category(mark) == "Cc" for mark in written):
        raise EmailRefused("the address holds control characters")
    name, address = parseaddr(written) if written.endswith(">") else ("", written)
    local, _, host = address.rpartition("@")
    if not _is_local(local) or len(address.encode()) > ADDRESS_MAX:
        raise EmailRefused("this is no email address")
    try:
        domain = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise EmailRefused("the address names no possible host") from None
    return Address(display_name=name, username=local, domain=domain)


def _is_local(local: str) -> bool:
    if not 0 < len(local.encode()) <= LOCAL_MAX:
        return False
    if local.isascii():
        return _ASCII_LOCAL.fullmatch(local) is not None
    return (
        not any(mark in _LOCAL_STOPS or unicodedata.category(mark) in _UNSEEN for mark in local)
        and ".." not in f".{local}."
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
