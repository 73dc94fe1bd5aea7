"""Who calls: the platform's signed token, checked once for each request and valid for minutes only."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any, Final, Self

import jwt
from jwt.types import Options

from domain.identifiers import StudentId
from domain.payments.payment import Student
from domain.sign_in.server_key import ServerKeyId
from domain.staff.access import (
    NotAllowed,
    Permission,
    Role,
    check_permission,
    is_of_students,
)
from domain.text.card_number import contains_card_number
from domain.text.contact_number import phone_number
from domain.text.email_address import email_fault
from domain.text.language import Language
from domain.text.opaque_id import is_person_id
from domain.text.printable import on_one_line, unprintable_reason, without_invisible_marks
from entrypoints.http.faults import claim_fault, errors
from entrypoints.http.problem_types import NOT_SIGNED_IN, PROFILE_INCOMPLETE
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.platform_keys import PlatformKeys, platform_keys
from entrypoints.settings.settings import JwtAlgorithm, Settings

log = logging.getLogger(__name__)

TOKEN_MAX: Final = 8_192
ROLES_MAX: Final = 256
CLOCKS_APART_SECONDS: Final = 10
NAME_MAX: Final = 100
TIMES_ELSEWHERE: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
"""The library would use the system's time; ``check_times`` uses the clock of this service instead."""

TYPES: Final = frozenset({"JWT", "AT+JWT"})
NEEDED_CLAIMS: Final = ("exp", "sub", "iss", "aud")


class TokenInvalid(Exception):
    """
    The token is not valid; *why* is for the security log and never in an answer.

    *subject* is whose token it is where its signature was right, otherwise empty.
    """

    def __init__(self, why: str, *, subject: str = "") -> None:
        self.why, self.subject = why, subject
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    Whoever the platform's token names: *id* and *roles* decide what they may, the profile decides nothing.

    *session* is the id of the browser session, None for a bearer token; *confirmed* is whether a TOTP opened
    the console to it. *unusable* says for each part of the profile that the token holds and nobody can use
    what is wrong with it.

    For a back end of the platform *key* is its server key, *scopes* what that may do, and *id* the student
    whom the request names, empty when it names none.
    """

    id: StudentId
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    roles: frozenset[Role] = frozenset()
    session: str | None = field(default=None, repr=False)
    confirmed: bool = False
    key: ServerKeyId | None = None
    scopes: frozenset[Permission] = frozenset()
    unusable: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any], session: str | None = None) -> Self:
        """
        Return the caller that *claims* name, or raise ``TokenInvalid``; unknown roles give no permission.

        A profile that cannot be used is left out, and the caller is known all the same.
        """
        subject = _subject(claims)
        roles = claims.get("roles")
        if roles is None:
            roles = []
        if not isinstance(roles, list) or len(roles) > ROLES_MAX:
            raise TokenInvalid("roles are no short list", subject=subject)
        profile = Profile.from_claims(claims)
        return cls(
            id=StudentId(subject),
            name=profile.name,
            email=profile.email,
            phone=profile.phone,
            roles=frozenset(role for role in Role if role.value in roles),
            session=session,
            unusable=profile.unusable,
        )

    @property
    def is_staff(self) -> bool:
        return bool(self.roles - {Role.STUDENT})

    @property
    def actor(self) -> str:
        """How the audit log names this caller."""
        if self.key is not None:
            return f"key:{self.key}"
        return f"{'staff' if self.is_staff else 'student'}:{self.id}"

    def student(self, language: Language = Language.ENGLISH) -> Student:
        """
        Return this caller as the student who pays, and is written to in *language*.

        Raises ``HttpProblem`` without a usable name and email.
        """
        missing = [each for each in ("name", "email") if not getattr(self, each)]
        if missing:
            reasons = {
                each: self.unusable.get(each, "none that can be used was sent") for each in missing
            }
            raise HttpProblem(
                PROFILE_INCOMPLETE, members=errors(*starmap(claim_fault, reasons.items()))
            )
        return Student(
            id=self.id, name=self.name, email=self.email, phone=self.phone, language=language
        )

    def may(self, permission: Permission) -> bool:
        try:
            self.check(permission)
        except NotAllowed:
            return False
        return True

    def check(self, permission: Permission) -> None:
        """
        Return when this caller's roles carry *permission*, or raise ``NotAllowed``.

        A server key does nothing but what its scopes name: for the student whom the request names what
        students may do, and without one the rest.
        """
        if self.key is None:
            check_permission(self.roles, permission)
        elif permission not in self.scopes or is_of_students(permission) != bool(self.id):
            raise NotAllowed(permission)

    def with_profile(self, profile: "Profile") -> Self:
        """Return this caller with what a back end tells about the student."""
        return replace(
            self,
            name=profile.name,
            email=profile.email,
            phone=profile.phone,
            unusable=profile.unusable,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is told about a person, each part usable or empty; *unusable* says why a part is empty."""

    name: str = ""
    email: str = ""
    phone: str = ""
    unusable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Return the profile in *claims*; nothing in it is refused."""
        parts, unusable = {}, {}
        for claim, read in (("name", _name), ("email", _email), ("phone", _phone)):
            value = claims.get(claim)
            if value is None or value == "":
                continue
            try:
                parts[claim] = read(value if isinstance(value, str) else "")
            except ValueError as reason:
                unusable[claim] = str(reason)
        return cls(**parts, unusable=unusable)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReader:
    """
    Reads the platform's tokens with the algorithms of the settings, each by its own keys.

    Keys come from the settings alone: ``kid`` picks among them, and whatever else a token's header
    says about keys (``jku``, ``x5u``, ``jwk``) is not looked at.
    """

    algorithms: Sequence[JwtAlgorithm]
    issuer: str
    audience: str
    lifetime_max: timedelta
    keys: PlatformKeys = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            algorithms=settings.jwt_algorithm,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            lifetime_max=settings.jwt_lifetime_max,
            keys=platform_keys(settings),
        )

    async def read(self, token: str, at: datetime) -> Caller:
        """Return who *token* vouches for at the instant *at*, or raise ``TokenInvalid``."""
        claims = await self.claims(token)
        try:
            check_times(claims, at)
            check_lifetime(claims, at, self.lifetime_max)
            return Caller.from_claims(claims)
        except TokenInvalid as error:
            raise TokenInvalid(error.why, subject=str(claims["sub"])) from None

    async def claims(self, token: str) -> Mapping[str, Any]:
        """Return the claims that the platform signed for us, or raise ``TokenInvalid``; no time is checked."""
        if len(token) > TOKEN_MAX:
            raise TokenInvalid("too long")
        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("typ", "JWT")).upper() not in TYPES:
                raise TokenInvalid("not an access token")
            algorithm = next((each for each in self.algorithms if each == header.get("alg")), None)
            if algorithm is None:
                raise TokenInvalid("signed by an algorithm that is not in the settings")
            key_id = header.get("kid")
            found = await self.keys.find(key_id if isinstance(key_id, str) else None, algorithm)
            if found is None:
                raise TokenInvalid("no such key")
            claims: Mapping[str, Any] = jwt.decode(
                token,
                found.key,
                algorithms=[found.algorithm.value],
                issuer=self.issuer,
                audience=self.audience,
                options=TIMES_ELSEWHERE | {"require": list(NEEDED_CLAIMS)},
            )
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(type(error).__name__) from None
        return claims


def token_digest(token: str) -> str:
    """
    Return the hex SHA-256 of what *token* says, without its signature.

    One and the same token can be written with several signatures that are all valid (ES256).
    """
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()


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


def check_lifetime(claims: Mapping[str, Any], at: datetime, longest: timedelta) -> None:
    """Return when the token lives at most *longest*, or raise ``TokenInvalid``; without ``iat`` it counts from *at*."""
    now = at.timestamp()
    begins = _seconds("iat", claims, now + CLOCKS_APART_SECONDS)
    if not _seconds("exp", claims, now) - begins <= longest.total_seconds():
        raise TokenInvalid("lives too long")


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


def _subject(claims: Mapping[str, Any]) -> str:
    value = claims.get("sub")
    if not isinstance(value, str) or not is_person_id(value):
        raise TokenInvalid("the claim sub is not usable")
    return value


def _name(value: str) -> str:
    name = without_invisible_marks(on_one_line(value)).strip()
    if (fault := unprintable_reason(name, NAME_MAX)) is not None:
        raise ValueError(fault)
    if contains_card_number(name):
        raise ValueError("it holds a card number")
    return name


def _email(value: str) -> str:
    email = without_invisible_marks(value).strip()
    if (fault := email_fault(email)) is not None:
        raise ValueError(fault)
    return email


def _phone(value: str) -> str:
    if (phone := phone_number(without_invisible_marks(value))) is None:
        raise ValueError("it is no telephone number")
    return phone
