"""The cookie of a browser session, which scripts cannot read, and the form tokens that belong to the session."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from litestar.datastructures import Cookie

from domain.sign_in.browser_session import BrowserSession, SessionId
from entrypoints.http.security.identity import Caller
from entrypoints.settings.settings import Settings

VALUE_BYTES: Final = 32
ID_HEX_DIGITS: Final = 32

_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class NewCookie:
    """A random value that only the browser keeps, and the id of the session that it opens."""

    value: str = field(repr=False)
    id: SessionId


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """Makes and reads session cookies, and the form tokens that belong to them."""

    form_key: bytes = field(repr=False)
    over_https: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            form_key=hmac.digest(settings.cookie_key.encode(), b"form", hashlib.sha256),
            over_https=settings.public_url.startswith("https://"),
        )

    @property
    def name(self) -> str:
        # The prefix makes browsers insist on Secure, on the whole host and on no other host.
        return "__Host-shulk-session" if self.over_https else "shulk-session"

    def draw(self) -> NewCookie:
        """Return a new value: each sign-in has its own, so that nobody can choose it for another."""
        value = secrets.token_urlsafe(VALUE_BYTES)
        return NewCookie(value, session_id(value))

    def session_named(self, cookies: Mapping[str, str]) -> SessionId | None:
        """Return the id of the session that *cookies* open, None for a cookie that is missing or none of ours."""
        value = cookies.get(self.name, "")
        return session_id(value) if _VALUE.fullmatch(value) else None

    def begin(self, cookie: NewCookie, session: BrowserSession) -> Cookie:
        """Return the cookie under which the browser is signed in until the *session* ends."""
        return self._cookie(cookie.value, int((session.ends_at - session.began_at).total_seconds()))

    def end(self) -> Cookie:
        """Return the cookie that signs the browser out."""
        return self._cookie("", 0)

    def form_token(self, session: str) -> str:
        """Return the token that a form or script of this session has to send along."""
        return hmac.digest(self.form_key, session.encode(), hashlib.sha256).hex()

    def is_form_token(self, session: str, offered: str) -> bool:
        return hmac.compare_digest(
            self.form_token(session).encode(), offered.encode(errors="replace")
        )

    def _cookie(self, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=self.name,
            value=value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self.over_https,
            samesite="lax",
        )


def session_id(value: str) -> SessionId:
    """Return the id of the session that the cookie *value* opens; the way back is not to be found."""
    return SessionId(hashlib.sha256(value.encode()).hexdigest()[:ID_HEX_DIGITS])


def caller_of(session: BrowserSession) -> Caller:
    """Return who is signed in."""
    return Caller(
        id=session.subject,
        name=session.name,
        email=session.email,
        phone=session.phone,
        roles=session.roles,
        session=session.id,
        confirmed=session.confirmed_at is not None,
    )
