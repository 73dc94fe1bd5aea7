"""What every register of the gateway configuration's versions promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.storage import Storage
from domain.catalogue.amount_limits import AmountLimits
from domain.errors import ChangedMeanwhile
from domain.gateway_config.configuration_version import ConfigurationVersion, VersionState
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import PaymentMethod
from domain.money import Money
from fakes.clock import NOON
from fakes.gateway_config.samples import ANITA, TERMS, ZOYA, a_version
from ports.cipher import EncryptedText
from ports.gateway_config.configuration_register import secret_location

SOON = NOON + timedelta(minutes=1)


async def put(storage: Storage, *versions: ConfigurationVersion) -> None:
    for version in versions:
        async with storage.unit_of_work() as work:
            work.gateway_config.versions.add(version)


async def save(storage: Storage, version: ConfigurationVersion) -> None:
    async with storage.unit_of_work() as work:
        work.gateway_config.versions.save(version)


class ConfigurationRegisterContract:
    async def test_nothing_is_stored_at_first(self, storage: Storage) -> None:
        """
        No version and revision 0: the environment is in effect.
        """
        assert await storage.configurations.newest(at_most=5) == []
        assert await storage.configurations.approved(at_most=5) == []
        assert await storage.configurations.revision() == 0

    async def test_a_version_is_kept_whole(self, storage: Storage) -> None:
        """
        Each field comes back as it was written, by both ways of reading.
        """
        terms = replace(
            TERMS,
            methods=frozenset({PaymentMethod.UPI, PaymentMethod.NET_BANKING}),
            limits=AmountLimits(minimum=Money(100_00), maximum=Money(90_000_00)),
            session_lifetime=timedelta(minutes=7),
            maxima={PaymentMethod.UPI: Money(1_00_000_00)},
        )
        version = a_version(
            terms=terms,
            secrets={SecretField.RESPONSE_KEY: "today:x", SecretField.WEBHOOK_PASSWORD: "today:y"},
            retires=True,
            wanted_from=NOON + timedelta(hours=3),
        ).approve(ANITA, SOON)
        await put(storage, version)

        assert await storage.configurations.newest(at_most=1) == [version]
        async with storage.unit_of_work() as work:
            assert await work.gateway_config.versions.approved(at_most=1) == [version]

    async def test_the_newest_come_first(self, storage: Storage) -> None:
        """
        Up to as many as were asked for; those that were not approved are left out where only approved ones count.
        """
        first = a_version(1).approve(ANITA, SOON)
        second = a_version(2).reject(ANITA, SOON, "not now")
        third = a_version(3)
        await put(storage, first, second, third)

        assert await storage.configurations.newest(at_most=2) == [third, second]
        assert await storage.configurations.approved(at_most=2) == [first]
        async with storage.unit_of_work() as work:
            assert await work.gateway_config.versions.newest(at_most=9) == [third, second, first]

    async def test_each_change_has_a_revision_of_its_own(self, storage: Storage) -> None:
        """
        A new version and a changed one are both seen by whoever compares.
        """
        seen = {await storage.configurations.revision()}
        await put(storage, a_version(1))
        seen.add(await storage.configurations.revision())
        await save(storage, a_version(1).reject(ANITA, SOON, "no"))
        seen.add(await storage.configurations.revision())
        await put(storage, a_version(2))
        seen.add(await storage.configurations.revision())

        assert len(seen) == 4

    async def test_of_two_with_one_number_one_is_written(self, storage: Storage) -> None:
        """
        The other unit ends in ChangedMeanwhile, and is decided anew.
        """
        ends = await asyncio.gather(
            put(storage, a_version(1)), put(storage, a_version(1)), return_exceptions=True
        )

        assert sorted(type(end).__name__ for end in ends) == ["ChangedMeanwhile", "NoneType"]

    async def test_one_version_is_proposed_at_a_time(self, storage: Storage) -> None:
        """
        A second one waits until the first is decided.
        """
        await put(storage, a_version(1))
        with pytest.raises(ChangedMeanwhile):
            await put(storage, a_version(2))
        await save(storage, a_version(1).lapse())
        await put(storage, a_version(2))

        newest = await storage.configurations.newest(at_most=2)
        assert [each.state for each in newest] == [VersionState.PROPOSED, VersionState.LAPSED]

    async def test_a_version_changed_meanwhile_is_not_written(self, storage: Storage) -> None:
        """
        Nor is one that does not exist.
        """
        await put(storage, a_version(1))
        await save(storage, a_version(1).approve(ANITA, SOON))
        with pytest.raises(ChangedMeanwhile):
            await save(storage, a_version(1).reject(ANITA, SOON, "too late"))
        with pytest.raises(ChangedMeanwhile):
            await save(storage, a_version(7))

    async def test_nobody_approves_alone_what_widens(self, storage: Storage) -> None:
        """
        The storage refuses it by itself; what only narrows is taken.
        """
        own = a_version(1, state=VersionState.APPROVED, decided_by=ZOYA, decided_at=NOON)
        own = replace(own, effective_from=SOON)
        with pytest.raises(storage.fault):
            await put(storage, own)
        await put(storage, replace(own, alone=True))

    async def test_no_secret_lies_there_for_all_to_read(self, storage: Storage) -> None:
        """
        A text that does not begin with the id of its key is refused.
        """
        for secret in SecretField:
            clear = a_version(1, secrets={**a_version().secrets, secret: "in-the-clear"})
            with pytest.raises(storage.fault):
                await put(storage, clear)

    async def test_its_secrets_are_among_those_that_are_rotated(self, storage: Storage) -> None:
        """
        Each is found by its place, replaced once, and seen as a change by whoever holds the version.
        """
        await put(storage, a_version(1))
        found = await storage.secrets.not_under("tomorrow", after=None, at_most=9)
        assert {each.location for each in found} == {
            secret_location(1, each) for each in SecretField
        }
        rest = await storage.secrets.not_under("tomorrow", after=found[0].location, at_most=9)
        assert list(rest) == list(found[1:])

        before = await storage.configurations.revision()
        assert await storage.secrets.replace(found[0], EncryptedText("tomorrow:1"))
        assert not await storage.secrets.replace(found[0], EncryptedText("tomorrow:2"))
        stored = await storage.configurations.newest(at_most=1)
        assert "tomorrow:1" in stored[0].secrets.values()
        assert await storage.configurations.revision() != before
        assert await storage.secrets.by_key() == {"today": 2, "tomorrow": 1}
