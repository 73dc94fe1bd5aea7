"""The second factor of a member of staff: a time-based one-time password (TOTP, RFC 6238)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from domain.errors import DomainError


class TotpNotEnrolled(DomainError):
    """This needs a TOTP, and the member of staff has no authenticator app set up."""

    def __init__(self) -> None:
        super().__init__("no authenticator app is set up for this member of staff")


class TotpLocked(DomainError):
    """Too many TOTPs were tried; the next one is checked when *retry_after* has passed."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__("too many codes were tried; wait until the lock ends")


class TotpRefused(DomainError):
    """The TOTP does not authorise this action; the app shows a new one within 30 seconds."""

    audit_code: ClassVar[str]
    """What the audit log calls the refusal; stored, so it never changes."""


class TotpWrong(TotpRefused):
    """No time step near this instant has that TOTP."""

    audit_code = "CodeWrong"

    def __init__(self) -> None:
        super().__init__("the code is wrong or too old")


class TotpUsed(TotpRefused):
    """The TOTP was right and was used before: each authorises one action (RFC 6238, 5.2)."""

    audit_code = "CodeUsed"

    def __init__(self) -> None:
        super().__init__("the code was used already; wait for the next one")


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpLimit:
    """*attempts* TOTPs may be tried; the last of them locks for the time of *lock* unless it is right."""

    attempts: int
    lock: timedelta
