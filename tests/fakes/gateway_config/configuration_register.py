"""Versions of the gateway configuration in memory, under the rules of the table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile
from domain.gateway_config.configuration_version import ConfigurationVersion, VersionState
from fakes.store import Change, FaultOfOurs, Store


@dataclass(frozen=True, slots=True)
class MemoryConfigurationReads:
    store: Store

    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        await asyncio.sleep(0)
        numbers = sorted(self.store.configurations, reverse=True)
        return [self.store.configurations[number] for number in numbers[:at_most]]

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        every = await self.newest(at_most=len(self.store.configurations))
        return [each for each in every if each.state is VersionState.APPROVED][:at_most]

    async def revision(self) -> int:
        await asyncio.sleep(0)
        return sum(each.version + 1 for each in self.store.configurations.values())


@dataclass(frozen=True, slots=True)
class MemoryConfigurations:
    store: Store
    changes: list[Change]

    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return await MemoryConfigurationReads(self.store).newest(at_most=at_most)

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return await MemoryConfigurationReads(self.store).approved(at_most=at_most)

    def add(self, version: ConfigurationVersion) -> None:
        def change(store: Store) -> None:
            if version.number in store.configurations:
                raise ChangedMeanwhile("gateway_config_pkey")
            _put(store, version)

        self.changes.append(change)

    def save(self, version: ConfigurationVersion) -> None:
        def change(store: Store) -> None:
            known = store.configurations.get(version.number)
            if known is None or known.version != version.version:
                raise ChangedMeanwhile("version of the gateway configuration")
            _put(store, replace(version, version=version.version + 1))

        self.changes.append(change)


def _put(store: Store, version: ConfigurationVersion) -> None:
    if any(":" not in text for text in version.secrets.values()):
        raise FaultOfOurs("a secret lies there for all to read")
    own = version.decided_by == version.proposed_by and not version.alone
    if version.state is VersionState.APPROVED and own:
        raise FaultOfOurs("nobody approves their own proposal")
    others = [each for each in store.configurations.values() if each.number != version.number]
    if version.state is VersionState.PROPOSED and any(
        each.state is version.state for each in others
    ):
        raise ChangedMeanwhile("gateway_config_one_proposed")
    store.configurations[version.number] = version
