"""A server key: what a back end of the platform proves itself by, and the few permissions that it carries."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self

from domain.errors import DomainError
from domain.identifiers import PAYMENT_ID_CHARS, PAYMENT_ID_RANDOM_CHARS
from domain.staff.access import Permission
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason

ServerKeyId = NewType("ServerKeyId", str)

KEY_ID_PREFIX: Final = "KY"
"""Followed by as many random characters as in a payment's id."""

KEY_MARK: Final = "shulk_sk_"
"""Every server key begins with it, so that scanners find one that was committed or pasted."""

KEY_SECRET_CHARS: Final = 52
"""Random characters of a key, five bits each: 260 bits, so that a plain digest at rest is enough."""

KEY_NAME_MAX: Final = 100
OVERLAP_MAX: Final = timedelta(days=7)
"""For so long at most the secret before a rotation stays valid."""

OVERLAP_USUAL: Final = timedelta(hours=24)
USED_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use of a key is known: each one would be a write."""

SCOPES: Final = frozenset(
    {
        Permission.PAY,
        Permission.SEE_OWN_PAYMENTS,
        Permission.SEE_ALL_PAYMENTS,
        Permission.SEE_ENROLMENTS,
        Permission.SEE_CATALOGUE,
        Permission.WRITE_COURSES,
        Permission.WRITE_DISCOUNTS,
    }
)
"""What a key may be given. No money goes back and no person's access changes without a person's own code."""

_FORM: Final = re.compile(
    rf"{KEY_MARK}({KEY_ID_PREFIX}[{PAYMENT_ID_CHARS}]{{{PAYMENT_ID_RANDOM_CHARS}}})"
    rf"_[{PAYMENT_ID_CHARS}]{{{KEY_SECRET_CHARS}}}",
)


class ServerKeyRefused(DomainError):
    """
    A server key cannot be added or rotated as was asked for; *fault* says why.

    *faults* are all fields that are wrong, each with the reason; none where it is not a field's.
    """

    def __init__(self, fault: str, *faults: tuple[str, str]) -> None:
        self.fault, self.faults = fault, faults
        super().__init__(f"the server key cannot be taken: {fault}")


class ServerKeyInvalid(DomainError):
    """What was offered opens nothing; *why* is for the log, *key* its id where it names one."""

    def __init__(self, why: str, key: str = "") -> None:
        self.why, self.key = why, key
        super().__init__("the server key is not valid")


class ServerKeyState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A text that has the form of a key, as far as it is looked at: the id in it, and the digest of all of it."""

    id: ServerKeyId
    sha256: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what *text* offers, None where it has not the form of a key."""
        found = _FORM.fullmatch(text)
        return cls(ServerKeyId(found[1]), digest(text)) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKey:
    """
    *scopes* are all that it may do. Of its secret only a digest is known; that of the one before is valid
    until *previous_until*. *expires_at* is None for a key without an end. Instants are UTC.
    """

    id: ServerKeyId
    name: str
    scopes: frozenset[Permission]
    secret_sha256: str = field(repr=False)
    added_at: datetime
    expires_at: datetime | None = None
    previous_sha256: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    version: int = 0

    def state(self, at: datetime) -> ServerKeyState:
        if self.revoked_at is not None:
            return ServerKeyState.REVOKED
        if self.expires_at is not None and at >= self.expires_at:
            return ServerKeyState.EXPIRED
        return ServerKeyState.ACTIVE

    def check(self, offered: OfferedKey, at: datetime) -> None:
        """Return when *offered* is this key *at* that instant, or raise ``ServerKeyInvalid``."""
        if not self._is_secret(offered.sha256, at):
            raise ServerKeyInvalid("wrong secret", self.id)
        if (state := self.state(at)) is not ServerKeyState.ACTIVE:
            raise ServerKeyInvalid(state.value, self.id)

    def is_used_again(self, at: datetime) -> bool:
        """Whether the use *at* this instant is long enough after the last one to be noted."""
        return self.last_used_at is None or at >= self.last_used_at + USED_EVERY

    def rotated(self, secret_sha256: str, overlap: timedelta, at: datetime) -> Self:
        """
        Return it with a new secret; the one before stays valid for *overlap*, and one from before that ends.

        Raises ``ServerKeyRefused`` where it is not active.
        """
        if not timedelta(0) <= overlap <= OVERLAP_MAX:
            fault = f"the secret before stays for at most {OVERLAP_MAX.days} days"
            raise ServerKeyRefused(fault, ("overlap_hours", fault))
        if (state := self.state(at)) is not ServerKeyState.ACTIVE:
            raise ServerKeyRefused(f"it is {state}")
        return replace(
            self,
            secret_sha256=secret_sha256,
            previous_sha256=self.secret_sha256,
            previous_until=at + overlap,
        )

    def revoked(self, at: datetime) -> Self:
        """Return it as one that opens nothing any more; one that was revoked stays as it is."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)

    def _is_secret(self, sha256: str, at: datetime) -> bool:
        known = [self.secret_sha256]
        if self.previous_sha256 and self.previous_until is not None and at < self.previous_until:
            known.append(self.previous_sha256)
        return any(hmac.compare_digest(sha256, each) for each in known)


def check_key(
    name: str, scopes: Iterable[Permission], expires_at: datetime | None, at: datetime
) -> None:
    """Return when a key may be added *at* that instant, or raise ``ServerKeyRefused`` or ``CardNumberRefused``."""
    refuse_card_numbers("name", name)
    if faults := tuple(_faults(name, frozenset(scopes), expires_at, at)):
        raise ServerKeyRefused("; ".join(reason for _, reason in faults), *faults)


def _faults(
    name: str, wanted: frozenset[Permission], expires_at: datetime | None, at: datetime
) -> Iterator[tuple[str, str]]:
    if fault := unprintable_reason(name, KEY_NAME_MAX):
        yield "name", f"the name: {fault}"
    if not wanted:
        yield "scopes", "it has no scope"
    if unknown := wanted - SCOPES:
        yield "scopes", f"no key has the scope {', '.join(sorted(unknown))}"
    if expires_at is not None and expires_at <= at:
        yield "expires_at", "it would be expired already"


def key_text(key: ServerKeyId, secret: str) -> str:
    """Return the key as a back end sends it."""
    return f"{KEY_MARK}{key}_{secret}"


def digest(text: str) -> str:
    """Return the hex SHA-256 of a key, as it is kept."""
    return hashlib.sha256(text.encode()).hexdigest()
