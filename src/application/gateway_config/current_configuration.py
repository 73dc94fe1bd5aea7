"""The configuration in effect, held by each process: it costs a payment no round trip, and is read again when due."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from application.gateway_config.configuration_secrets import ConfigurationSecrets
from domain.gateway_config.configuration_version import (
    ConfigurationVersion,
    in_effect,
    overlapping,
)
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from ports.cipher import CannotDecrypt
from ports.clock import Clock
from ports.gateway_config.configuration_register import ConfigurationReads

APPROVED_READ_MAX: Final = 100
NOT_READ: Final = -1

log = logging.getLogger(__name__)


@dataclass(slots=True)
class CurrentConfiguration:
    """
    *bootstrap* is in effect until a stored version is, and always when the configuration is *locked*.

    Versions are in effect from an instant on, at least a minute after they are stored. So all processes
    change at that instant, when each has refreshed within the minute. *hide* keeps the secrets that were read
    out of the log.
    """

    bootstrap: GatewayConfiguration
    reads: ConfigurationReads
    secrets: ConfigurationSecrets
    clock: Clock
    hide: Callable[[Iterable[str]], None]
    locked: bool = False
    _revision: int = field(default=NOT_READ, init=False)
    _approved: tuple[ConfigurationVersion, ...] = field(default=(), init=False)
    _known: dict[int, GatewayConfiguration] = field(default_factory=dict, init=False, repr=False)

    def __call__(self) -> GatewayConfiguration:
        """Return the configuration in effect now."""
        found = in_effect(self._approved, self.clock.now())
        return self.bootstrap if found is None else self._known[found.number]

    def accepted(self) -> tuple[GatewayConfiguration, ...]:
        """Return the configurations by whose secrets the bank may prove itself: the one in effect comes first."""
        current = self()
        last = overlapping(self._approved, self.clock.now())
        if last is None:
            return (current,)
        retired = self.bootstrap if last.based_on == 0 else self._known.get(last.based_on)
        return (current,) if retired is None else (current, retired)

    async def refresh(self) -> bool:
        """
        Read the stored versions again if they have changed, and return whether they had.

        Raises ``CannotDecrypt`` when a secret that is to be used cannot be read, and ``StorageUnavailable``;
        what was in effect stays in effect.
        """
        if self.locked:
            return False
        revision = await self.reads.revision()
        if revision == self._revision:
            return False
        approved = tuple(await self.reads.approved(at_most=APPROVED_READ_MAX))
        self._known = self._decrypted(approved)
        for each in self._known.values():
            self.hide(each.secrets.known().values())
        self._approved, self._revision = approved, revision
        log.info("gateway_config.read", extra={"version": self().number})
        return True

    def _decrypted(
        self, approved: tuple[ConfigurationVersion, ...]
    ) -> dict[int, GatewayConfiguration]:
        """Return what is in effect or will be, and what was before where its secrets may be accepted."""
        at = self.clock.now()
        current = in_effect(approved, at)
        oldest = 0 if current is None else current.number
        known: dict[int, GatewayConfiguration] = {}
        for version in approved:
            if version.number in self._known:
                # What a version says never changes; only its texts are encrypted again under other keys.
                known[version.number] = self._known[version.number]
            elif version.number >= oldest:
                known[version.number] = self.secrets.configuration(version)
        for number in {each.based_on for each in approved if each.retires} - known.keys():
            known |= self._retired(approved, number)
        return known

    def _retired(
        self, approved: tuple[ConfigurationVersion, ...], number: int
    ) -> dict[int, GatewayConfiguration]:
        """Return version *number* by its number; one whose key is gone is accepted no longer."""
        for version in approved:
            if version.number == number:
                try:
                    return {number: self.secrets.configuration(version)}
                except CannotDecrypt:
                    log.warning("gateway_config.old_secrets_unreadable", extra={"version": number})
        return {}
