"""What is right and wrong with a token, in plain words for whoever connects the platform; secrets are never shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from domain.staff.access import Role
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.identity import (
    NEEDED_CLAIMS,
    ROLES_MAX,
    TOKEN_MAX,
    TYPES,
    Caller,
    Profile,
    TokenInvalid,
    TokenReader,
    check_lifetime,
    check_times,
)

SHOWN_MAX: Final = 300
PARTS: Final = 3
PARTS_ENCRYPTED: Final = 5

REMEDIES: Final[Mapping[str, str]] = {
    "InvalidSignatureError": "The signature does not fit: it was made by another key, or the text was changed.",
    "no such key": "No usable key has this kid and algorithm. Is the signing key published, with use sig?",
    "expired": "It has expired. Ask the platform for a new one for each visit.",
    "not valid yet": "It is not valid yet (nbf). Do both clocks follow a time server?",
    "issued in the future": "It was issued in the future (iat). Do both clocks follow a time server?",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a token: *wrong* is True where it is why the token is refused."""

    says: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """*accepted* is what the service itself would say of the token at that instant."""

    accepted: bool
    findings: tuple[Finding, ...]


async def inspect(reader: TokenReader, token: str, at: datetime) -> Inspection:
    """
    Return every finding about *token* at the instant *at*.

    The signature is checked and never part of a finding. Whether the token is accepted is asked of
    *reader* itself, so that this and the service cannot differ.
    """
    token = token.strip().strip("\"'")
    if token.lower().startswith("bearer "):
        token = token[len("bearer ") :].strip()
    try:
        header, claims = _parts(token)
    except TokenInvalid as error:
        return Inspection(accepted=False, findings=(Finding(error.why, wrong=True),))
    why = await _refusal(reader, token, at)
    findings = [*_about_header(reader, header), *_about_claims(reader, claims, at)]
    if why and not any(each.wrong for each in findings):
        findings.insert(0, Finding(REMEDIES.get(why, f"It is refused: {why}."), wrong=True))
    findings += _about_profile(claims)
    return Inspection(accepted=why is None, findings=tuple(findings))


async def _refusal(reader: TokenReader, token: str, at: datetime) -> str | None:
    try:
        await reader.read(token, at)
    except TokenInvalid as error:
        return error.why
    except HttpProblem as problem:
        return problem.problem.detail
    return None


def _parts(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return header and claims without checking anything, or raise ``TokenInvalid`` with a sentence."""
    if not token:
        raise TokenInvalid("There is no token: paste it, or pipe it in.")
    if len(token) > TOKEN_MAX:
        raise TokenInvalid(f"It is longer than {TOKEN_MAX} characters, and not read.")
    pieces = token.count(".") + 1
    if pieces == PARTS_ENCRYPTED:
        raise TokenInvalid(
            "It is encrypted (JWE, five parts). Send a signed token (JWS, three parts)."
        )
    if pieces != PARTS:
        raise TokenInvalid(f"It has {pieces} parts between dots; a signed token has {PARTS}.")
    try:
        whole = jwt.decode_complete(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise TokenInvalid(
            "Its parts are no JSON objects in Base64url. Was it cut or changed?"
        ) from None
    return whole["header"], whole["payload"]


def _about_header(reader: TokenReader, header: Mapping[str, Any]) -> Iterator[Finding]:
    algorithm, kind = header.get("alg"), str(header.get("typ", "JWT"))
    known = ", ".join(reader.algorithms)
    if algorithm not in list(reader.algorithms):
        yield Finding(
            f"It is signed by {_shown(algorithm)}; SHULK_JWT_ALGORITHM takes {known}.", wrong=True
        )
    else:
        yield Finding(f"It is signed by {algorithm}, kid {_shown(header.get('kid'))}.")
    if kind.upper() not in TYPES:
        yield Finding(f"Its typ is {_shown(kind)}; an access token says JWT or at+jwt.", wrong=True)
    for name in ("jku", "jwk", "x5u", "x5c"):
        if name in header:
            yield Finding(f"Its header holds {name}, which is not looked at.")


def _about_claims(
    reader: TokenReader, claims: Mapping[str, Any], at: datetime
) -> Iterator[Finding]:
    for name in NEEDED_CLAIMS:
        if name not in claims:
            yield Finding(f"The claim {name} is missing.", wrong=True)
    yield from _equal("iss", claims, reader.issuer, "SHULK_JWT_ISSUER")
    yield from _equal("aud", claims, reader.audience, "SHULK_JWT_AUDIENCE")
    yield from _about_times(reader, claims, at)
    yield from _about_person(claims)


def _equal(name: str, claims: Mapping[str, Any], wanted: str, setting: str) -> Iterator[Finding]:
    if name not in claims:
        return
    value = claims[name]
    if value == wanted or (name == "aud" and isinstance(value, list) and wanted in value):
        yield Finding(f"{name} is {wanted}, as {setting} says.")
        return
    yield Finding(f"{name} is {_shown(value)}; {setting} is {wanted}.", wrong=True)


def _about_times(reader: TokenReader, claims: Mapping[str, Any], at: datetime) -> Iterator[Finding]:
    for name in ("iat", "nbf", "exp"):
        if name in claims:
            yield Finding(f"{name} is {_instant(claims[name])}.")
    if "iat" not in claims:
        yield Finding("iat is missing; the life of the token is counted from now.")
    longest = round(reader.lifetime_max.total_seconds())
    try:
        check_times(claims, at)
        check_lifetime(claims, at, reader.lifetime_max)
    except TokenInvalid as error:
        too_long = f"It lives longer than {longest} seconds (SHULK_JWT_LIFETIME_MAX_SECONDS)."
        says = too_long if error.why == "lives too long" else REMEDIES.get(error.why)
        yield Finding(says or f"It is refused: {error.why}.", wrong=True)


def _about_person(claims: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        from_claims = Caller.from_claims(claims)
    except TokenInvalid as error:
        if "sub" in claims or "roles" in error.why:
            yield Finding(f"It is refused: {error.why}.", wrong=True)
        return
    roles = claims.get("roles") or []
    named = ", ".join(sorted(from_claims.roles)) or "none"
    yield Finding(f"It names {_shown(from_claims.id)}, with these roles: {named}.")
    unknown = [each for each in roles if each not in list(Role)]
    if unknown:
        yield Finding(
            f"{len(unknown)} of at most {ROLES_MAX} roles are not known here and give nothing."
        )


def _about_profile(claims: Mapping[str, Any]) -> Iterator[Finding]:
    profile = Profile.from_claims(claims)
    for name in ("name", "email", "phone"):
        if name in profile.unusable:
            loss = (
                "left out" if name == "phone" else "so the student cannot pay (profile-incomplete)"
            )
            yield Finding(f"{name} cannot be used: {profile.unusable[name]}; {loss}.")
        elif getattr(profile, name):
            yield Finding(f"{name} can be used.")
        elif name != "phone":
            yield Finding(f"{name} is missing, so the student cannot pay (profile-incomplete).")


def _instant(value: object) -> str:
    try:
        return f"{datetime.fromtimestamp(float(str(value)), UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{_shown(value)}, which is no time"


def _shown(value: object) -> str:
    """Return *value* as it may be printed: short, and without what moves a terminal's cursor."""
    return ascii(value)[:SHOWN_MAX]
