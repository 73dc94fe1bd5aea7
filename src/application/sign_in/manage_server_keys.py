"""Server keys are added, rotated and revoked: each act in the audit log, and a secret is shown once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.sign_in.server_key import (
    ServerKey,
    ServerKeyId,
    ServerKeyRefused,
    ServerKeyState,
    check_key,
    digest,
    key_text,
)
from domain.staff.access import Permission
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.sign_in.server_keys import KEYS_MAX, ServerKeys
from ports.unit_of_work import UnitOfWork, Work

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServerKey:
    """*scopes* are all that it may do; it ends at *expires_at* (UTC), None for never."""

    name: str
    scopes: frozenset[Permission]
    expires_at: datetime | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWithSecret:
    """The *secret* is the whole key as it is sent: shown once, and never again."""

    key: ServerKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageServerKeys:
    """
    What shows a secret asks for a TOTP code of the administrator, given as an *attempt*.

    The command line gives None: whoever runs commands here reads the database as well. To revoke takes no
    code, since it may be in a hurry.
    """

    keys: ServerKeys
    unit_of_work: UnitOfWork
    verify_totp: VerifyTotp
    clock: Clock
    new_id: Callable[[], ServerKeyId]
    new_secret: Callable[[], str]

    async def add(self, new: NewServerKey, attempt: TotpAttempt | None) -> KeyWithSecret:
        """
        Return the key and its secret.

        Raises ``ServerKeyRefused``, ``CardNumberRefused``, and what ``VerifyTotp`` raises.
        """
        at = self.clock.now()
        check_key(new.name, new.scopes, new.expires_at, at)
        known = await self.keys.all()
        if sum(each.state(at) is ServerKeyState.ACTIVE for each in known) >= KEYS_MAX:
            raise ServerKeyRefused(f"there are {KEYS_MAX} already")
        key_id = self.new_id()
        secret = key_text(key_id, self.new_secret())
        key = ServerKey(
            id=key_id,
            name=new.name,
            scopes=new.scopes,
            secret_sha256=digest(secret),
            added_at=at,
            expires_at=new.expires_at,
        )
        facts = {"name": key.name, "scopes": " ".join(sorted(key.scopes))}
        if key.expires_at is not None:
            facts["expires_at"] = key.expires_at.isoformat()

        async def unit(confirm: Confirm) -> ServerKey:
            return await self._save(key, "server_key.added", facts, new.origin, confirm)

        return KeyWithSecret(key=await self._confirmed(unit, attempt, new.origin), secret=secret)

    async def rotate(
        self, key: ServerKeyId, overlap: timedelta, origin: Origin, attempt: TotpAttempt | None
    ) -> KeyWithSecret:
        """
        Return it with a new secret; the one before stays valid for *overlap*.

        Raises ``NotFound``, ``ServerKeyRefused``, and what ``VerifyTotp`` raises.
        """
        secret = key_text(key, self.new_secret())

        async def unit(confirm: Confirm) -> ServerKey:
            before, at = await self.keys.get(key), self.clock.now()
            rotated = before.rotated(digest(secret), overlap, at)
            facts = {"previous_until": (at + overlap).isoformat()}
            return await self._save(rotated, "server_key.rotated", facts, origin, confirm)

        return KeyWithSecret(key=await self._confirmed(unit, attempt, origin), secret=secret)

    async def revoke(self, key: ServerKeyId, origin: Origin) -> ServerKey:
        """Return it as one that opens nothing any more. Raises ``NotFound``."""

        async def unit() -> ServerKey:
            before = await self.keys.get(key)
            if before.revoked_at is not None:
                return before
            revoked = before.revoked(self.clock.now())
            return await self._save(revoked, "server_key.revoked", {}, origin, _on_this_host)

        return await retry_on_conflict(unit)

    async def _save(
        self,
        key: ServerKey,
        action: str,
        facts: Mapping[str, str],
        origin: Origin,
        confirm: Confirm,
    ) -> ServerKey:
        async with self.unit_of_work() as work:
            work.sign_in.server_keys.save(key)
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(), origin=origin, action=action, subject=key.id, facts=facts
                )
            )
            await confirm(work)
        return key

    async def _confirmed(
        self,
        unit: Callable[[Confirm], Awaitable[Out]],
        attempt: TotpAttempt | None,
        origin: Origin,
    ) -> Out:
        if attempt is None:
            return await retry_on_conflict(lambda: unit(_on_this_host))
        return await self.verify_totp(
            attempt, lambda confirm: retry_on_conflict(lambda: unit(confirm)), origin
        )


async def _on_this_host(_: Work) -> None:
    """Ask for nothing more: the ``Confirm`` of what no code confirms."""
