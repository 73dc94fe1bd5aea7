"""Two administrators with apps, one of finance, and the use cases that change the gateway configuration."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from application.gateway_config.configuration_secrets import ConfigurationSecrets
from application.gateway_config.current_configuration import CurrentConfiguration
from application.gateway_config.decide_configuration import DecideConfiguration, DecisionCommand
from application.gateway_config.propose_configuration import (
    ConfigurationChange,
    ProposeConfiguration,
    ProposeConfigurationCommand,
)
from application.gateway_config.read_configuration import ReadConfiguration
from application.staff.verify_totp import VerifyTotp
from domain.gateway_config.configuration_version import EFFECT_LEAD, ConfigurationVersion
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import TermsChange
from domain.staff.access import Role
from domain.staff.second_factor import TotpLimit
from domain.staff.staff_member import StaffId
from fakes.cipher import MemoryCipher
from fakes.gateway_config.samples import ANITA, BOOTSTRAP, ZOYA
from fakes.samples import a_member
from fakes.staff.second_factor import CountingFactor, code_now
from ports.audit_log import AuditEntry, Origin, Source
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

MIRA: Final = StaffId("mira")
SEEDS: Final = {ZOYA: "SEED91", ANITA: "SEED92", MIRA: "SEED93"}
LIMIT: Final = TotpLimit(attempts=5, lock=timedelta(minutes=15))
NEW_PASSWORD: Final = "the-second-webhook-password-0004"
NEW_KEY: Final = "the-second-api-key-0005"


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class Office:
    def __init__(self, world: MemoryWorld, bootstrap: GatewayConfiguration = BOOTSTRAP) -> None:
        self.world, self.cipher = world, MemoryCipher()
        memory = world.memory
        for staff, role in ((ZOYA, Role.ADMIN), (ANITA, Role.ADMIN), (MIRA, Role.FINANCE)):
            seed = self.cipher.encrypt(SEEDS[staff], seed_location(staff))
            memory.store.staff[staff] = a_member(staff, role, seed=seed)
        factor: Any = CountingFactor()
        verify = VerifyTotp(
            unit_of_work=memory.unit_of_work,
            second_factor=factor,
            cipher=self.cipher,
            clock=world.clock,
            limit=LIMIT,
        )
        self.secrets = ConfigurationSecrets(self.cipher)
        self.hidden: set[str] = set()
        self.current = self.process(bootstrap)
        self.propose_it = ProposeConfiguration(
            verify_totp=verify,
            unit_of_work=memory.unit_of_work,
            current=self.current,
            secrets=self.secrets,
            fingerprint=fingerprint,
            clock=world.clock,
        )
        self.decide = DecideConfiguration(
            verify_totp=verify,
            unit_of_work=memory.unit_of_work,
            current=self.current,
            clock=world.clock,
        )
        self.read = ReadConfiguration(
            current=self.current,
            reads=memory.configurations,
            secrets=self.secrets,
            fingerprint=fingerprint,
            clock=world.clock,
        )

    def process(self, bootstrap: GatewayConfiguration = BOOTSTRAP) -> CurrentConfiguration:
        """Return what another process of ours holds."""
        return CurrentConfiguration(
            bootstrap,
            self.world.memory.configurations,
            self.secrets,
            self.world.clock,
            self.hidden.update,
        )

    async def propose(
        self,
        secrets: Mapping[SecretField, str] | None = None,
        **told: Any,
    ) -> ConfigurationVersion:
        self.pass_time()
        return await self.propose_it(self.command(secrets, **told))

    def command(
        self,
        secrets: Mapping[SecretField, str] | None = None,
        *,
        by: StaffId = ZOYA,
        based_on: int | None = None,
        reason: str = "the bank asked for it",
        effective_from: Any = None,
        **terms: Any,
    ) -> ProposeConfigurationCommand:
        return ProposeConfigurationCommand(
            change=ConfigurationChange(terms=TermsChange(**terms), secrets=secrets or {}),
            reason=reason,
            based_on=self.current().number if based_on is None else based_on,
            by=by,
            origin=by_staff(by),
            code=self.code(by),
            effective_from=effective_from,
        )

    def decision(
        self, number: int, by: StaffId = ANITA, reason: str = "looked at", code: str = ""
    ) -> DecisionCommand:
        self.pass_time()
        return DecisionCommand(
            number=number,
            reason=reason,
            by=by,
            origin=by_staff(by),
            code=code or self.code(by),
        )

    async def put_in_effect(
        self, secrets: Mapping[SecretField, str] | None = None, **terms: Any
    ) -> ConfigurationVersion:
        """Propose and approve it, and let its instant come."""
        version = await self.propose(secrets, **terms)
        if not version.alone:
            version = await self.decide.approve(self.decision(version.number))
        self.pass_time(EFFECT_LEAD)
        return version

    def code(self, staff: StaffId) -> str:
        return code_now(SEEDS[staff], self.world.clock.now())

    def pass_time(self, by: timedelta = timedelta(seconds=30)) -> None:
        self.world.clock.move(by)

    def lose_secret(self, number: int, secret: SecretField) -> None:
        """Let the key of one stored secret be gone."""
        store = self.world.memory.store
        version = store.configurations[number]
        lost = {**version.secrets, secret: "lost:key"}
        store.configurations[number] = replace(version, secrets=lost, version=version.version + 1)

    @property
    def audited(self) -> list[AuditEntry]:
        return [each for each in self.world.memory.store.audit if each.subject == "gateway_config"]


def by_staff(staff: StaffId) -> Origin:
    return Origin(actor=f"staff:{staff}", source=Source.ADMIN)
