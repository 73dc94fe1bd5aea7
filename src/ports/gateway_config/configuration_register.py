"""The versions of the gateway configuration: each is kept for good, and changed only if it did not change since."""

from collections.abc import Sequence
from typing import Final, Protocol

from domain.gateway_config.configuration_version import ConfigurationVersion
from domain.gateway_config.gateway_secrets import SecretField
from ports.cipher import SecretLocation

TABLE: Final = "gateway_config"


class ConfigurationReads(Protocol):
    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        """Return up to *at_most* versions of any state, the newest first; none is an empty sequence."""
        ...

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        """Return up to *at_most* approved versions, the newest first."""
        ...

    async def revision(self) -> int:
        """Return a number that is another one after each change of any version; 0 while there is none."""
        ...


class ConfigurationRegister(Protocol):
    """The part of a unit of work that reads and writes versions of the gateway configuration."""

    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        """Return what ``ConfigurationReads.newest`` does."""
        ...

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        """Return what ``ConfigurationReads.approved`` does."""
        ...

    def add(self, version: ConfigurationVersion) -> None:
        """Collect a new version; a number that is taken makes the unit end in ``ChangedMeanwhile``."""
        ...

    def save(self, version: ConfigurationVersion) -> None:
        """Collect the changed version; one changed meanwhile makes the unit end in ``ChangedMeanwhile``."""
        ...


def secret_location(number: int, secret: SecretField) -> SecretLocation:
    """Return where a secret of version *number* is stored, which is the location it is encrypted for."""
    return SecretLocation(table=TABLE, column=secret.value, row=str(number))
