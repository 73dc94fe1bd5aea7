"""A browser session: the platform's token is exchanged for a signed cookie that scripts cannot read."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

import jwt
from litestar.datastructures import Cookie

from entrypoints.http.security.identity import TIMES_ELSEWHERE, Caller, TokenInvalid, check_times
from entrypoints.settings.settings import Settings

SESSION_LIFETIME: Final = timedelta(hours=2)
ALGORITHM: Final = "HS256"
AUDIENCE: Final = "shulk-session"
COOKIE_MAX: Final = 4_096
SESSION_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """Makes and reads session cookies, and the form tokens that belong to them."""

    session_key: bytes = field(repr=False)
    form_key: bytes = field(repr=False)
    over_https: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        key = settings.cookie_key.encode()
        return cls(
            session_key=hmac.digest(key, b"session", hashlib.sha256),
            form_key=hmac.digest(key, b"form", hashlib.sha256),
            over_https=settings.public_url.startswith("https://"),
        )

    @property
    def cookie_name(self) -> str:
        # The prefix makes browsers insist on Secure, on the whole host and on no other host.
        return "__Host-shulk-session" if self.over_https else "shulk-session"

    def begin(self, caller: Caller, at: datetime) -> Cookie:
        """Return the cookie under which *caller* is signed in until ``SESSION_LIFETIME`` after *at*."""
        claims = {
            "aud": AUDIENCE,
            "sub": caller.id,
            "name": caller.name,
            "email": caller.email,
            "phone": caller.phone,
            "roles": sorted(caller.roles),
            "sid": secrets.token_urlsafe(SESSION_ID_BYTES),
            "exp": at + SESSION_LIFETIME,
        }
        value = jwt.encode(claims, self.session_key, algorithm=ALGORITHM)
        return self._cookie(value, int(SESSION_LIFETIME.total_seconds()))

    def end(self) -> Cookie:
        """Return the cookie that signs the browser out."""
        return self._cookie("", 0)

    def read(self, cookies: Mapping[str, str], at: datetime) -> Caller | None:
        """Return whose session *cookies* hold, None for a missing, expired or invalid cookie."""
        value = cookies.get(self.cookie_name, "")
        if not value or len(value) > COOKIE_MAX:
            return None
        try:
            claims = jwt.decode(
                value,
                self.session_key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options=TIMES_ELSEWHERE | {"require": ["exp", "sub", "sid"]},
            )
            check_times(claims, at)
            return Caller.from_claims(claims, session=str(claims["sid"]))
        except (jwt.InvalidTokenError, TokenInvalid):
            return None

    def form_token(self, session: str) -> str:
        """Return the token that a form or script of this session has to send along."""
        return hmac.digest(self.form_key, session.encode(), hashlib.sha256).hex()

    def is_form_token(self, session: str, offered: str) -> bool:
        return hmac.compare_digest(
            self.form_token(session).encode(), offered.encode(errors="replace")
        )

    def _cookie(self, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=self.cookie_name,
            value=value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self.over_https,
            samesite="lax",
        )
