"""Who calls: the platform's signed token, checked once for each request and valid for minutes only."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import jwt
from jwt.types import Options

from domain.identifiers import StudentId
from domain.payments.payment import Student
from domain.staff.access import NotAllowed, Permission, Role, check_permission
from domain.text.printable import unprintable_reason
from entrypoints.http.problem_types import NOT_SIGNED_IN, PROFILE_INCOMPLETE
from entrypoints.http.problems import HttpProblem, field_errors
from entrypoints.settings.settings import JwtAlgorithm, Settings

log = logging.getLogger(__name__)

TOKEN_MAX: Final = 8_192
ROLES_MAX: Final = 16
CLOCKS_APART_SECONDS: Final = 10
NAME_MAX: Final = 100
EMAIL_MAX: Final = 254
TIMES_ELSEWHERE: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
"""The library would use the system's time; ``check_times`` uses the clock of this service instead."""

TYPES: Final = frozenset({"JWT", "AT+JWT"})

_SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{3,189}")
_PHONE: Final = re.compile(r"\+?[0-9]{6,15}")


class TokenInvalid(Exception):
    """The token is not valid; *why* is for the security log and never in an answer."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever the platform's token names; *session* is the id of the browser session, None for a bearer token."""

    id: StudentId
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    roles: frozenset[Role] = frozenset()
    session: str | None = field(default=None, repr=False)

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], session: str | None = None) -> Self:
        """Return the caller that *claims* name, or raise ``TokenInvalid``; unknown roles give no permission."""
        roles = claims.get("roles", [])
        if not isinstance(roles, list) or len(roles) > ROLES_MAX:
            raise TokenInvalid("roles are no short list")
        return cls(
            id=StudentId(_matching(_SUBJECT, "sub", claims)),
            name=_name(claims),
            email=_matching(_EMAIL, "email", claims) if claims.get("email") else "",
            phone=_matching(_PHONE, "phone", claims) if claims.get("phone") else "",
            roles=frozenset(role for role in Role if role.value in roles),
            session=session,
        )

    @property
    def actor(self) -> str:
        """How the audit log names this caller."""
        return f"{'staff' if self.roles - {Role.STUDENT} else 'student'}:{self.id}"

    @property
    def student(self) -> Student:
        """This caller as the student who pays; raises ``HttpProblem`` without name and email."""
        missing = [each for each in ("name", "email") if not getattr(self, each)]
        if missing:
            errors = field_errors(*((each, "the token does not hold it") for each in missing))
            raise HttpProblem(PROFILE_INCOMPLETE, members=errors)
        return Student(id=self.id, name=self.name, email=self.email, phone=self.phone)

    def may(self, permission: Permission) -> bool:
        try:
            self.check(permission)
        except NotAllowed:
            return False
        return True

    def check(self, permission: Permission) -> None:
        """Return when this caller's roles carry *permission*, or raise ``NotAllowed``."""
        check_permission(self.roles, permission)


@dataclass(frozen=True, slots=True)
class TokenReader:
    """
    Reads the platform's tokens with one algorithm, pinned by the settings.

    Keys come from the settings alone: ``kid`` picks among them, and whatever else a token's header
    says about keys (``jku``, ``x5u``, ``jwk``) is not looked at.
    """

    algorithm: JwtAlgorithm
    issuer: str
    audience: str
    keys: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        if settings.jwt_jwks_file is not None:
            keys = _public_keys(settings.jwt_jwks_file, settings.jwt_algorithm)
        else:
            keys = {"": settings.jwt_secret or ""}
        return cls(settings.jwt_algorithm, settings.jwt_issuer, settings.jwt_audience, keys)

    def read(self, token: str, at: datetime) -> Caller:
        """Return who *token* vouches for at the instant *at*, or raise ``TokenInvalid``."""
        if len(token) > TOKEN_MAX:
            raise TokenInvalid("too long")
        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("typ", "JWT")).upper() not in TYPES:
                raise TokenInvalid("not an access token")
            claims = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=[self.algorithm.value],
                issuer=self.issuer,
                audience=self.audience,
                options=TIMES_ELSEWHERE | {"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(type(error).__name__) from None
        check_times(claims, at)
        return Caller.from_claims(claims)

    def _key(self, kid: object) -> Any:
        if len(self.keys) == 1 and (kid is None or "" in self.keys):
            return next(iter(self.keys.values()))
        if not isinstance(kid, str) or kid not in self.keys:
            raise TokenInvalid("no such key")
        return self.keys[kid]


def bearer_token(authorization: str) -> str:
    """Return the token in an Authorization header, or raise ``TokenInvalid``."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenInvalid("not a bearer token")
    return token.strip()


def check_times(claims: Mapping[str, Any], at: datetime) -> None:
    """Return when the claims hold at the instant *at* by our clock, or raise ``TokenInvalid``."""
    now = at.timestamp()
    expires, begins = _seconds("exp", claims, now), _seconds("nbf", claims, now)
    # Written so that NaN fails like a time that is too late.
    if not expires > now - CLOCKS_APART_SECONDS:
        raise TokenInvalid("expired")
    if not begins < now + CLOCKS_APART_SECONDS:
        raise TokenInvalid("not valid yet")
    if not _seconds("iat", claims, now) < now + CLOCKS_APART_SECONDS:
        raise TokenInvalid("issued in the future")


def not_signed_in(why: str) -> HttpProblem:
    """Return the one answer to every invalid token; *why* goes to the log."""
    log.warning("token.refused", extra={"event_type": "security", "reason": why})
    return HttpProblem(
        NOT_SIGNED_IN, headers={"WWW-Authenticate": 'Bearer realm="shulk", error="invalid_token"'}
    )


def _seconds(claim: str, claims: Mapping[str, Any], missing: float) -> float:
    value = claims.get(claim, missing)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid(f"the claim {claim} is no time")
    return value


def _matching(shape: re.Pattern[str], claim: str, claims: Mapping[str, Any]) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise TokenInvalid(f"the claim {claim} is not usable")
    return value


def _name(claims: Mapping[str, Any]) -> str:
    value = claims.get("name") or ""
    if not isinstance(value, str) or (value and unprintable_reason(value, NAME_MAX) is not None):
        raise TokenInvalid("the claim name is not usable")
    return value.strip()


def _public_keys(path: Path, algorithm: JwtAlgorithm) -> dict[str, Any]:
    """Return the keys of the file by their ``kid``; one made for another algorithm stops the start."""
    keys: dict[str, Any] = {}
    for written in json.loads(path.read_text(encoding="utf-8"))["keys"]:
        if written.get("alg", algorithm.value) != algorithm.value:
            raise ValueError(f"a key in the JWKS file is for {written['alg']}, not {algorithm}")
        keys[str(written.get("kid", len(keys)))] = jwt.PyJWK(written, algorithm=algorithm.value).key
    if not keys:
        raise ValueError("the JWKS file holds no key")
    return keys
