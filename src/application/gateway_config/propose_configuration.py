"""An officer changes the gateway configuration: what only narrows it alone, the rest as a proposal."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from application.gateway_config.configuration_audit import (
    Fingerprint,
    audit,
    differences,
)
from application.gateway_config.configuration_secrets import (
    ConfigurationSecrets,
    SecretUnreadable,
    secrets_of,
)
from application.gateway_config.current_configuration import (
    APPROVED_READ_MAX,
    CurrentConfiguration,
)
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.errors import DomainError, NotFound
from domain.gateway_config.configuration_version import (
    ConfigurationChanged,
    ConfigurationPending,
    ConfigurationUnchanged,
    ConfigurationVersion,
    OldSecretsAccepted,
    VersionState,
    in_effect,
    overlapping,
)
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import GatewaySecrets, SecretField, checked_secret
from domain.gateway_config.gateway_terms import ConfigurationInvalid, TermsChange
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from ports.audit_log import Origin
from ports.cipher import CannotDecrypt
from ports.clock import Clock
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work


class ConfigurationLocked(DomainError):
    """The operator keeps the configuration in the environment for now; nothing else is in effect."""

    def __init__(self) -> None:
        super().__init__("the configuration is kept in the environment (SHULK_GATEWAY_CONFIG)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChange:
    """What is to change; a secret that is left out stays as it is."""

    terms: TermsChange = field(default_factory=TermsChange)
    secrets: Mapping[SecretField, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeConfigurationCommand:
    """
    What *by* wants changed, and why, with a TOTP *code* of theirs.

    *based_on* is the version that they saw in effect. *effective_from* (UTC) is when it shall be in effect,
    None for as soon as it may.
    """

    change: ConfigurationChange
    reason: str
    based_on: int
    by: StaffId
    origin: Origin
    code: str = field(repr=False)
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedConfiguration:
    """What saving a change would lead to: *version* after *before*, which is in effect, as *after*."""

    before: GatewayConfiguration
    after: GatewayConfiguration
    version: ConfigurationVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeConfiguration:
    verify_totp: VerifyTotp
    unit_of_work: UnitOfWork
    current: CurrentConfiguration
    secrets: ConfigurationSecrets
    fingerprint: Fingerprint
    clock: Clock

    async def __call__(self, command: ProposeConfigurationCommand) -> ConfigurationVersion:
        """
        Return the new version: approved when it only narrows what is in effect, else proposed. Raises

        - ``ConfigurationLocked``, ``ConfigurationChanged``, ``ConfigurationPending`` and ``ConfigurationUnchanged``;
        - ``ConfigurationInvalid``, ``SecretUnreadable`` and ``OldSecretsAccepted``;
        - what ``VerifyTotp`` raises.
        """
        if self.current.locked:
            raise ConfigurationLocked

        await retry_on_conflict(lambda: self._lapse_overdue(command.origin))

        async def unit(confirm: Confirm) -> ConfigurationVersion:
            async with self.unit_of_work() as work:
                version = await self._new_version(work, command)
                work.gateway_config.versions.add(version)
                await confirm(work)
                return version

        attempt = TotpAttempt(
            staff=command.by,
            permission=Permission.PROPOSE_GATEWAY,
            subject="gateway_config",
            code=command.code,
        )
        version = await self.verify_totp(
            attempt, lambda confirm: retry_on_conflict(lambda: unit(confirm)), command.origin
        )
        # This process need not wait for its next look; the others have a minute.
        with suppress(StorageUnavailable, CannotDecrypt):
            await self.current.refresh()
        return version

    async def plan(self, command: ProposeConfigurationCommand) -> PlannedConfiguration:
        """Return what *command* would lead to; nothing is written. Raises as calling it, and asks for no code."""
        if self.current.locked:
            raise ConfigurationLocked
        async with self.unit_of_work() as work:
            return await self._planned(work, command)

    async def change_back_to(self, number: int) -> ConfigurationChange:
        """
        Return the change that brings back all of version *number*, which was in effect; 0 is the environment.

        Raises ``NotFound`` for one that never was, and ``SecretUnreadable`` for one with a secret that is lost.
        """
        if number == 0:
            return _all_of(self.current.bootstrap)
        at = self.clock.now()
        async with self.unit_of_work() as work:
            approved = await work.gateway_config.versions.approved(at_most=APPROVED_READ_MAX)
        for each in approved:
            if each.number == number and each.is_effective(at):
                return _all_of(self._configuration(each, {}))
        raise NotFound("version of the gateway configuration", str(number))

    async def _lapse_overdue(self, origin: Origin) -> None:
        """Write down that nobody decided about the last proposal in time, before another one is written."""
        async with self.unit_of_work() as work:
            for last in await work.gateway_config.versions.newest(at_most=1):
                if last.has_lapsed(self.clock.now()):
                    work.gateway_config.versions.save(last.lapse())
                    audit(work, "lapsed", origin, self.clock, number=last.number)

    async def _planned(
        self, work: Work, command: ProposeConfigurationCommand
    ) -> PlannedConfiguration:
        at = self.clock.now()
        newest = await work.gateway_config.versions.newest(at_most=1)
        approved = await work.gateway_config.versions.approved(at_most=APPROVED_READ_MAX)
        before = in_effect(approved, at)
        based_on = 0 if before is None else before.number
        for last in newest:
            if last.is_pending(at):
                raise ConfigurationPending(last.number)
        if command.based_on != based_on:
            raise ConfigurationChanged(based_on)
        number = newest[0].number + 1 if newest else 1
        old = self._old(before, command.change.secrets)
        new = configured(old, command.change, number)
        if (new.terms, new.secrets) == (old.terms, old.secrets):
            raise ConfigurationUnchanged
        retires = new.retires_evidence_of(old)
        _refuse_second_overlap(approved, at, retires=retires)
        version = ConfigurationVersion(
            number=number,
            state=VersionState.PROPOSED,
            terms=new.terms,
            secrets=self.secrets.encrypted(number, new.secrets),
            based_on=based_on,
            retires=retires,
            alone=new.secrets == old.secrets and not new.terms.widens(old.terms),
            reason=command.reason,
            proposed_by=command.by,
            proposed_at=at,
            wanted_from=command.effective_from,
        )
        if version.alone:
            version = version.approve(command.by, at)
        return PlannedConfiguration(before=old, after=new, version=version)

    async def _new_version(
        self, work: Work, command: ProposeConfigurationCommand
    ) -> ConfigurationVersion:
        planned = await self._planned(work, command)
        old, new, version = planned.before, planned.after, planned.version
        number = version.number
        facts = {**differences(old, new, self.fingerprint), "reason": command.reason}
        audit(work, "proposed", command.origin, self.clock, number=number, **facts)
        if not version.alone:
            return version
        effective = str(version.effective_from)
        audit(
            work,
            "approved",
            command.origin,
            self.clock,
            number=number,
            effective_from=effective,
            alone="narrows only",
        )
        return version

    def _old(
        self, before: ConfigurationVersion | None, given: Mapping[SecretField, str]
    ) -> GatewayConfiguration:
        """Return what the change starts from; a stored secret that is lost has to be among the *given* ones."""
        return self.current.bootstrap if before is None else self._configuration(before, given)

    def _configuration(
        self, version: ConfigurationVersion, given: Mapping[SecretField, str]
    ) -> GatewayConfiguration:
        texts: dict[SecretField, str] = {}
        for secret, text in self.secrets.readable(version).items():
            if text is None and secret not in given:
                raise SecretUnreadable(secret)
            texts[secret] = text or ""
        return GatewayConfiguration(
            number=version.number, terms=version.terms, secrets=secrets_of(texts)
        )


def _all_of(configuration: GatewayConfiguration) -> ConfigurationChange:
    terms = configuration.terms
    return ConfigurationChange(
        terms=TermsChange(
            merchant_id=terms.merchant_id,
            payment_page_client_id=terms.payment_page_client_id,
            api_version=terms.api_version,
            webhook_user=terms.webhook_user,
            methods=terms.methods,
            minimum=terms.limits.minimum,
            maximum=terms.limits.maximum,
            session_lifetime=terms.session_lifetime,
            maxima=terms.maxima,
        ),
        secrets=configuration.secrets.known(),
    )


def configured(
    before: GatewayConfiguration, change: ConfigurationChange, number: int
) -> GatewayConfiguration:
    """Return *before* with *change* as version *number*, or raise ``ConfigurationInvalid``."""
    known = before.secrets.known()
    if not change.secrets.keys() <= known.keys():
        raise ConfigurationInvalid(
            SecretField.API_KEY.value, "calls of this account are signed and encrypted instead"
        )
    given = {each: checked_secret(each, text) for each, text in change.secrets.items()}
    secrets: GatewaySecrets = secrets_of({**known, **given})
    return GatewayConfiguration(
        number=number, terms=change.terms.applied_to(before.terms), secrets=secrets
    )


def _refuse_second_overlap(
    approved: Sequence[ConfigurationVersion], at: datetime, *, retires: bool
) -> None:
    last = overlapping(approved, at)
    if retires and last is not None and last.overlap_until is not None:
        raise OldSecretsAccepted(last.overlap_until)
