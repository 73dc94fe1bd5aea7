"""A browser session: who is signed in, since when, and until when without a request."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NewType, Self

from domain.errors import DomainError
from domain.identifiers import StudentId
from domain.staff.access import Role

SessionId = NewType("SessionId", str)
"""Names a session, and does not open it: half of the digest of what the browser's cookie holds."""

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last request of a session is known: each one would be a write."""


class TokenExchanged(DomainError):
    """The platform's token was exchanged for a session before; it is good for one."""

    def __init__(self) -> None:
        super().__init__("the token was exchanged for a session before")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """A session ends *lifetime* after it began, and *idle* after its last request."""

    lifetime: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """
    *subject* is signed in; instants are UTC. *browser* is what the browser calls itself, *ip* its address.

    *confirmed_at* is when a member of staff proved by a TOTP that it is they, None while nobody did.
    """

    id: SessionId
    subject: StudentId
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    roles: frozenset[Role] = frozenset()
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    idle: timedelta
    browser: str = ""
    ip: str = ""
    confirmed_at: datetime | None = None

    @property
    def is_staff(self) -> bool:
        return bool(self.roles - {Role.STUDENT})

    def is_live(self, at: datetime) -> bool:
        """Whether the session is neither over nor left alone for too long at the instant *at*."""
        return at < self.ends_at and at < self.seen_at + self.idle

    def is_seen_again(self, at: datetime) -> bool:
        """Whether the request *at* this instant is long enough after the last one to be noted."""
        return at >= self.seen_at + SEEN_EVERY

    def seen(self, at: datetime) -> Self:
        return replace(self, seen_at=at)

    def confirmed(self, renewed: SessionId, roles: Iterable[Role], at: datetime) -> Self:
        """
        Return the session that takes the place of this one, with *roles*, because a TOTP was right *at* this instant.

        It has an id of its own, so that a cookie from before opens nothing that the TOTP opens. It ends when
        this one would have.
        """
        return replace(self, id=renewed, roles=frozenset(roles), seen_at=at, confirmed_at=at)
