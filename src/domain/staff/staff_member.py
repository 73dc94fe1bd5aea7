"""A member of staff: what they may do, and the state of their second factor."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NewType, Self

from domain.errors import DomainError
from domain.staff.access import NotAllowed, Permission, Role, check_permission
from domain.staff.second_factor import TotpLimit, TotpLocked, TotpNotEnrolled, TotpUsed, TotpWrong
from domain.text.card_number import refuse_card_numbers
from domain.text.email_address import email_fault
from domain.text.opaque_id import PERSON_ID_MAX, is_person_id
from domain.text.printable import unprintable_reason

StaffId = NewType("StaffId", str)
"""The ``sub`` claim of the platform's tokens: the same id in both systems."""

NAME_MAX: Final = 100
ID_FAULT: Final = f"it is 1 to {PERSON_ID_MAX} printable ASCII characters, as in the token's sub, and no card number"
FINGERPRINT_CHARS: Final = 16


class StaffInvalid(DomainError):
    """A member of staff cannot be stored like this; *faults* are all fields that are wrong, each with the reason."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"staff {name}: {reason}" for name, reason in faults))


class StaffExists(DomainError):
    """There is a member of staff with this id already."""

    def __init__(self, staff: StaffId) -> None:
        self.staff = staff
        super().__init__(f"there is a member of staff {staff} already")


class StaffSuspended(DomainError):
    """This member of staff may do nothing for now, whatever their token or session says."""

    def __init__(self, staff: StaffId) -> None:
        self.staff = staff
        super().__init__("this account is suspended")


class OwnAccount(DomainError):
    """Nobody changes their own account: so none gives themselves rights, and the last administrator stays one."""

    def __init__(self, staff: StaffId) -> None:
        self.staff = staff
        super().__init__("nobody changes their own account; another administrator does it")


class StaffChanged(DomainError):
    """The account was changed since it was looked at; nothing was done."""

    def __init__(self, staff: StaffId) -> None:
        self.staff = staff
        super().__init__("somebody changed this account meanwhile; look at it again")


class InvitationOver(DomainError):
    """The seed was not offered for this member, or too long ago."""

    def __init__(self) -> None:
        super().__init__("this QR code cannot be used any more; show a new one")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """
    A member of staff, or ``StaffInvalid``. *seed* is the encrypted secret of the TOTP; *last_step*
    is the newest time step (of 30 seconds) whose TOTP was accepted; *attempts* counts the TOTPs
    tried since the last right one. *locked_until* is UTC.
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
        refuse_card_numbers("name", self.name)
        if faults := tuple(self._faults()):
            raise StaffInvalid(*faults)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not is_person_id(self.id):
            yield "id", ID_FAULT
        if (fault := unprintable_reason(self.name, NAME_MAX)) is not None:
            yield "name", fault
        if (fault := email_fault(self.email)) is not None:
            yield "email", fault
        if not self.roles:
            yield "roles", "there is at least one"
        if Role.STUDENT in self.roles:
            yield "roles", "a student is no member of staff"

    @property
    def fingerprint(self) -> str:
        """What stands for the account as it is kept now; using the app does not change it."""
        seed = hashlib.sha256((self.seed or "").encode()).hexdigest()
        facts = (self.name, self.email, *sorted(self.roles), str(self.active), seed)
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:FINGERPRINT_CHARS]

    def check_unchanged(self, seen: str | None) -> None:
        """Return when the account is as it was *seen*, or nobody says how, or raise ``StaffChanged``."""
        if seen is not None and seen != self.fingerprint:
            raise StaffChanged(self.id)

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
        Return the member with a new authenticator app, proven by the TOTP of *first_step*.

        TOTPs of the earlier seed are refused from now on, and so is the one that proved this seed.
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

    def count_attempt(self, at: datetime, limit: TotpLimit) -> Self:
        """
        Return the member with one more TOTP counted; it is counted before it is checked.

        Raises ``TotpNotEnrolled``, or ``TotpLocked`` when *limit* is reached.
        """
        if self.seed is None:
            raise TotpNotEnrolled
        if self.locked_until is not None and at < self.locked_until:
            raise TotpLocked(self.locked_until - at)
        tried = (0 if self.locked_until is not None else self.attempts) + 1
        return replace(
            self,
            attempts=tried,
            locked_until=at + limit.lock if tried >= limit.attempts else None,
        )

    def uncount_attempt(self) -> Self:
        """Return the member with one attempt less: its TOTP was not checked after all."""
        return replace(self, attempts=max(0, self.attempts - 1), locked_until=None)

    def accept(self, step: int | None) -> Self:
        """
        Return the member after the TOTP of *step* was used; *step* is None for a wrong TOTP.

        Raises ``TotpWrong``, or ``TotpUsed`` for a step that is not newer than the last one used.
        """
        if step is None:
            raise TotpWrong
        if self.last_step is not None and step <= self.last_step:
            raise TotpUsed
        return replace(self, last_step=step, attempts=0, locked_until=None)
