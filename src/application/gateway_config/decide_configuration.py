"""A second officer approves or rejects a version of the gateway configuration; old secrets are ended."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from application.gateway_config.configuration_audit import audit
from application.gateway_config.current_configuration import (
    APPROVED_READ_MAX,
    CurrentConfiguration,
)
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.errors import NotFound
from domain.gateway_config.configuration_version import (
    ConfigurationVersion,
    NoOldSecrets,
    VersionDecided,
    check_reason,
    overlapping,
)
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from ports.audit_log import Origin
from ports.cipher import CannotDecrypt
from ports.clock import Clock
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work

Write = Callable[[Work], Awaitable[ConfigurationVersion]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCommand:
    """What *by* decides about version *number*, and why, with a TOTP *code* of theirs."""

    number: int
    reason: str
    by: StaffId
    origin: Origin
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideConfiguration:
    """Only the newest version can be waiting: another one is proposed when it is decided."""

    verify_totp: VerifyTotp
    unit_of_work: UnitOfWork
    current: CurrentConfiguration
    clock: Clock

    async def approve(self, command: DecisionCommand) -> ConfigurationVersion:
        """
        Return the version as approved, with the instant from which it is in effect.

        Raises ``NotFound``, ``VersionDecided``, ``OwnProposal``, ``ConfigurationInvalid``, and what
        ``VerifyTotp`` raises.
        """

        async def write(work: Work) -> ConfigurationVersion:
            waiting = await _newest(work, command.number)
            version = waiting.approve(command.by, self.clock.now())
            work.gateway_config.versions.save(version)
            facts = {"effective_from": str(version.effective_from)}
            self._audit(work, "approved", command, **facts)
            return version

        return await self._confirmed(command, Permission.APPROVE_GATEWAY, write)

    async def reject(self, command: DecisionCommand) -> ConfigurationVersion:
        """
        Return the version as rejected, also when it was approved and is not in effect yet.

        Raises ``NotFound``, ``VersionDecided``, ``ConfigurationInvalid``, and what ``VerifyTotp`` raises.
        """

        async def write(work: Work) -> ConfigurationVersion:
            waiting = await _newest(work, command.number)
            version = waiting.reject(command.by, self.clock.now(), command.reason)
            work.gateway_config.versions.save(version)
            self._audit(work, "rejected", command)
            return version

        return await self._confirmed(command, Permission.APPROVE_GATEWAY, write)

    async def end_old_secrets(self, command: DecisionCommand) -> ConfigurationVersion:
        """
        Return the version before which secrets were accepted until now; one officer is enough to narrow that.

        Raises ``NoOldSecrets``, ``ConfigurationInvalid``, and what ``VerifyTotp`` raises.
        """

        async def write(work: Work) -> ConfigurationVersion:
            approved = await work.gateway_config.versions.approved(at_most=APPROVED_READ_MAX)
            at = self.clock.now()
            last = overlapping(approved, at)
            if last is None or last.number != command.number:
                raise NoOldSecrets
            version = last.end_old_secrets(at)
            work.gateway_config.versions.save(version)
            self._audit(work, "old_secrets_ended", command)
            return version

        return await self._confirmed(command, Permission.PROPOSE_GATEWAY, write)

    def _audit(self, work: Work, action: str, command: DecisionCommand, **facts: str) -> None:
        audit(
            work,
            action,
            command.origin,
            self.clock,
            number=command.number,
            **facts,
            reason=command.reason,
        )

    async def _confirmed(
        self, command: DecisionCommand, permission: Permission, write: Write
    ) -> ConfigurationVersion:
        check_reason(command.reason)

        async def unit(confirm: Confirm) -> ConfigurationVersion:
            async with self.unit_of_work() as work:
                version = await write(work)
                await confirm(work)
                return version

        attempt = TotpAttempt(
            staff=command.by, permission=permission, subject="gateway_config", code=command.code
        )
        version = await self.verify_totp(
            attempt, lambda confirm: retry_on_conflict(lambda: unit(confirm)), command.origin
        )
        with suppress(StorageUnavailable, CannotDecrypt):
            await self.current.refresh()
        return version


async def _newest(work: Work, number: int) -> ConfigurationVersion:
    """Return version *number* if nothing came after it: what is older was decided long ago."""
    newest = await work.gateway_config.versions.newest(at_most=1)
    if not newest or number > newest[0].number or number < 1:
        raise NotFound("version of the gateway configuration", str(number))
    if number < newest[0].number:
        older = await work.gateway_config.versions.newest(at_most=newest[0].number - number + 1)
        raise VersionDecided(number, older[-1].state)
    return newest[0]
