"""Which mail server sends our emails, and how long it may take to answer."""

from dataclasses import dataclass, field
from enum import StrEnum
from ssl import SSLContext
from typing import Final

COMMAND_SECONDS_MAX: Final = 10.0
EMAIL_SECONDS_MAX: Final = 30.0


class EmailEncryption(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """
    *sender* is one mailbox, with or without a name before it: ``Fees <fees@example.com>``.

    *trust* replaces the system's certificate authorities; certificates are checked either way.
    """

    host: str
    port: int
    sender: str
    encryption: EmailEncryption = EmailEncryption.NONE
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    command_seconds: float = COMMAND_SECONDS_MAX
    email_seconds: float = EMAIL_SECONDS_MAX
    trust: SSLContext | None = field(default=None, repr=False)
