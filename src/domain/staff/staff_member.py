"""Those who act for the house: what they may do, and the second factor that shows it is them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NewType, Self

from domain.card import refuse_card_numbers
from domain.errors import DomainError
from domain.printable import fault_in
from domain.staff.access import NotAllowed, Permission, Role, check_permission

StaffId = NewType("StaffId", str)
"""The ``sub`` of the platform's tokens: one person has one name in both houses."""

NAME_MAX: Final = 100
EMAIL_MAX: Final = 254

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}", re.ASCII)
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{3,189}", re.ASCII)


class StaffInvalid(DomainError):
    """A member of staff cannot be kept like this; *field* and *reason* say what to mend."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"staff {field}: {reason}")


class StaffExists(DomainError):
    """Somebody has this id already."""

    def __init__(self, staff: StaffId) -> None:
        self.staff = staff
        super().__init__(f"there is a member of staff {staff} already")


class SecondFactorMissing(DomainError):
    """This needs a code, and no app was ever set up to show one."""

    def __init__(self) -> None:
        super().__init__("no authenticator app is set up for this member of staff")


class SecondFactorLocked(DomainError):
    """Too many codes were tried; the next one is looked at when *retry_after* has passed."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__("too many codes were tried; wait until the lock ends")


class CodeRefused(DomainError):
    """The code does not open this act; a new one is shown within half a minute."""


class CodeWrong(CodeRefused):
    """No step near this instant has that code."""

    def __init__(self) -> None:
        super().__init__("the code is wrong or too old")


class CodeUsed(CodeRefused):
    """The code was right, and was used before: each is good for one act."""

    def __init__(self) -> None:
        super().__init__("the code was used already; wait for the next one")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLimit:
    """*attempts* codes may be tried; the last one locks for the time of *lock* unless it is right."""

    attempts: int
    lock: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """
    A member of staff, or ``StaffInvalid``. *seed* is sealed text; *last_step* the newest time step
    whose code was accepted; *attempts* the codes tried since the last right one.
    """

    id: StaffId
    name: str
    email: str
    roles: frozenset[Role]
    active: bool = True
    seed: str | None = field(default=None, repr=False)
    last_step: int | None = None
    attempts: int = 0
    locked_until: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise StaffInvalid(
                "id", "it is 1 to 64 of A-Z a-z 0-9 . _ : @ -, as in the token's sub"
            )
        refuse_card_numbers("name", self.name)
        if (fault := fault_in(self.name, NAME_MAX)) is not None:
            raise StaffInvalid("name", fault)
        if not _EMAIL.fullmatch(self.email):
            raise StaffInvalid("email", "it is name@example.com")
        if not self.roles:
            raise StaffInvalid("roles", "there is at least one")
        if Role.STUDENT in self.roles:
            raise StaffInvalid("roles", "a student is no member of staff")

    def check(self, permission: Permission) -> None:
        """Return when this account is active and its roles carry *permission*, or raise ``NotAllowed``."""
        if not self.active:
            raise NotAllowed(permission)
        check_permission(self.roles, permission)

    def with_roles(self, roles: Iterable[Role]) -> Self:
        return replace(self, roles=frozenset(roles))

    def activated(self, *, active: bool) -> Self:
        return replace(self, active=active)

    def enrol(self, seed: str, first_step: int) -> Self:
        """
        Return the member with a new app, proven by the code of *first_step*.

        The seed before it opens nothing any more; neither does the code that proved this one.
        """
        return replace(
            self,
            seed=seed,
            last_step=max(first_step, self.last_step or first_step),
            attempts=0,
            locked_until=None,
        )

    def without_second_factor(self) -> Self:
        return replace(self, seed=None, attempts=0, locked_until=None)

    def attempt(self, at: datetime, limit: CodeLimit) -> Self:
        """
        Return the member with one more code counted, before anybody looks whether it is right.

        Raises ``SecondFactorMissing``, or ``SecondFactorLocked`` when *limit* is reached.
        """
        if self.seed is None:
            raise SecondFactorMissing
        if self.locked_until is not None and at < self.locked_until:
            raise SecondFactorLocked(self.locked_until - at)
        tried = (0 if self.locked_until is not None else self.attempts) + 1
        return replace(
            self,
            attempts=tried,
            locked_until=at + limit.lock if tried >= limit.attempts else None,
        )

    def not_tried(self) -> Self:
        """Return the member with one attempt given back: nobody looked at the code after all."""
        return replace(self, attempts=max(0, self.attempts - 1), locked_until=None)

    def accept(self, step: int | None) -> Self:
        """
        Return the member after the code of *step* was used up; None is the step of no right code.

        Raises ``CodeWrong``, or ``CodeUsed`` for a step that is not newer than the last one used.
        """
        if step is None:
            raise CodeWrong
        if self.last_step is not None and step <= self.last_step:
            raise CodeUsed
        return replace(self, last_step=step, attempts=0, locked_until=None)
