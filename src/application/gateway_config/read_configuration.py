"""What staff may see of the gateway configuration: every value but the secrets, and of those their masks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.gateway_config.configuration_audit import Fingerprint
from application.gateway_config.configuration_secrets import ConfigurationSecrets
from application.gateway_config.current_configuration import (
    APPROVED_READ_MAX,
    CurrentConfiguration,
)
from domain.gateway_config.configuration_version import (
    ConfigurationVersion,
    in_effect,
    overlapping,
)
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import SecretField, tail_of
from domain.gateway_config.gateway_terms import GatewayTerms
from ports.clock import Clock
from ports.gateway_config.configuration_register import ConfigurationReads

HISTORY_MAX: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMask:
    """
    All that is shown of a secret. *tail* is empty for a short one.

    *readable* is False for one that does not decrypt any more: it has to be entered again.
    """

    secret: SecretField
    tail: str = ""
    fingerprint: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationView:
    """Version *number* without its secrets; *stored* is None for what the process was started with."""

    number: int
    terms: GatewayTerms
    secrets: Sequence[SecretMask]
    stored: ConfigurationVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationOverview:
    """
    *pending* waits for a second officer or for its instant. *history* begins with the newest version.

    *old_secrets* is the version since which the secrets before are still accepted, until its *overlap_until*.
    """

    in_effect: ConfigurationView
    pending: ConfigurationView | None
    old_secrets: ConfigurationVersion | None
    history: Sequence[ConfigurationView]
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConfiguration:
    current: CurrentConfiguration
    reads: ConfigurationReads
    secrets: ConfigurationSecrets
    fingerprint: Fingerprint
    clock: Clock

    async def __call__(self) -> ConfigurationOverview:
        """Return the configuration in effect by what is stored now, what waits, and the versions before."""
        at: datetime = self.clock.now()
        newest = await self.reads.newest(at_most=HISTORY_MAX)
        approved = (
            () if self.current.locked else await self.reads.approved(at_most=APPROVED_READ_MAX)
        )
        current = in_effect(approved, at)
        history = [self._view(each) for each in newest]
        pending = history[0] if newest and newest[0].is_pending(at) else None
        return ConfigurationOverview(
            in_effect=self.view_of(self.current.bootstrap)
            if current is None
            else self._view(current),
            pending=pending,
            old_secrets=overlapping(approved, at),
            history=history,
            locked=self.current.locked,
        )

    def view_of(self, configuration: GatewayConfiguration) -> ConfigurationView:
        """Return what may be seen of *configuration*, which need not be stored."""
        known: Mapping[SecretField, str] = configuration.secrets.known()
        return ConfigurationView(
            number=configuration.number,
            terms=configuration.terms,
            secrets=[self._mask(secret, text) for secret, text in known.items()],
        )

    def _view(self, version: ConfigurationVersion) -> ConfigurationView:
        readable = self.secrets.readable(version)
        return ConfigurationView(
            number=version.number,
            terms=version.terms,
            secrets=[self._mask(secret, text) for secret, text in readable.items()],
            stored=version,
        )

    def _mask(self, secret: SecretField, text: str | None) -> SecretMask:
        if text is None:
            return SecretMask(secret=secret, readable=False)
        return SecretMask(secret=secret, tail=tail_of(text), fingerprint=self.fingerprint(text))
