"""What any keeper of staff and of encrypted secrets must do: run against the fakes and against PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.storage import BY_MIRA, Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.staff.access import Role
from domain.staff.staff_member import StaffId, StaffMember
from fakes.clock import NOON
from fakes.hooked import ENDPOINT
from fakes.samples import a_member
from ports.audit_log import AuditEntry
from ports.cipher import EncryptedText
from ports.staff.encrypted_secrets import EncryptedSecret
from ports.staff.staff_register import seed_location

MIRA = a_member("mira", Role.FINANCE, Role.ADMIN, seed="old:encrypted")


async def add(storage: Storage, *members: StaffMember) -> None:
    async with storage.unit_of_work() as work:
        for member in members:
            work.staff.register.add(member)


async def save(storage: Storage, member: StaffMember, *lines: AuditEntry) -> None:
    async with storage.unit_of_work() as work:
        work.staff.register.save(member)
        for line in lines:
            work.audit.add(line)


async def get(storage: Storage, name: str = "mira") -> StaffMember:
    async with storage.unit_of_work() as work:
        return await work.staff.register.get(StaffId(name))


class StaffContract:
    """Subclasses give the fixture ``storage``."""

    async def test_a_member_is_read_as_added(self, storage: Storage) -> None:
        """
        Whole, with nothing set that was not.
        """
        await add(storage, MIRA, a_member("ravi", Role.SUPPORT))

        assert await get(storage) == MIRA
        assert await get(storage, "ravi") == a_member("ravi", Role.SUPPORT)

    async def test_a_stranger_is_not_found(self, storage: Storage) -> None:
        """
        Asking for an unknown id is an error, never None.
        """
        with pytest.raises(NotFound) as refusal:
            await get(storage)
        assert refusal.value.key == "mira"

    async def test_members_are_listed(self, storage: Storage) -> None:
        """
        Those who are active first, then by name; one is found by its id, and an unknown one is not.
        """
        ravi, zoya = a_member("ravi", Role.SUPPORT), a_member("zoya", Role.ADMIN)
        await add(storage, MIRA.activated(active=False), zoya, ravi)

        assert [each.id for each in await storage.staff.members(at_most=9)] == [
            "ravi",
            "zoya",
            "mira",
        ]
        assert await storage.staff.members(at_most=1) == [ravi]
        assert await storage.staff.member(zoya.id) == zoya
        with pytest.raises(NotFound):
            await storage.staff.member(StaffId("nobody"))

    async def test_an_id_is_taken_once(self, storage: Storage) -> None:
        """
        The second one decides again, and will find the first.
        """
        await add(storage, MIRA)

        with pytest.raises(ChangedMeanwhile):
            await add(storage, a_member("mira"))
        assert await get(storage) == MIRA

    async def test_a_save_is_one_version_further(self, storage: Storage) -> None:
        """
        Every field is written, roles among them.
        """
        await add(storage, MIRA)
        changed = replace(
            MIRA,
            name="Mira Devi",
            roles=frozenset({Role.SUPPORT}),
            active=False,
            seed="new:encrypted",
            last_step=59_000_000,
            attempts=2,
            locked_until=NOON + timedelta(minutes=15),
        )

        await save(storage, changed)

        assert await get(storage) == replace(changed, version=MIRA.version + 1)

    async def test_the_second_of_two_writers_is_told(self, storage: Storage) -> None:
        """
        A copy read before someone else's save can no longer be saved, and nothing goes with it.
        """
        await add(storage, MIRA)
        mine = await get(storage)
        await save(storage, mine.accept(100))

        with pytest.raises(ChangedMeanwhile):
            await save(storage, mine.accept(100), BY_MIRA)
        assert (await get(storage)).last_step == 100
        assert await storage.audit_lines() == []

    async def test_nobody_unknown_is_saved(self, storage: Storage) -> None:
        """
        Saving adds nobody.
        """
        with pytest.raises(ChangedMeanwhile):
            await save(storage, MIRA)

    @pytest.mark.parametrize("before", [99, None])
    async def test_a_used_step_is_never_forgotten(
        self, storage: Storage, before: int | None
    ) -> None:
        """
        Even a fault of ours does not make a code good again.
        """
        await add(storage, replace(MIRA, last_step=100))

        with pytest.raises(storage.fault):
            await save(storage, replace(await get(storage), last_step=before))
        assert (await get(storage)).last_step == 100

    async def test_no_seed_lies_open(self, storage: Storage) -> None:
        """
        Even a fault of ours does not store one unencrypted.
        """
        with pytest.raises(storage.fault):
            await add(storage, replace(MIRA, seed="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))


class EncryptedSecretsContract:
    """Subclasses give the fixture ``storage``."""

    async def test_texts_are_counted_by_their_key(self, storage: Storage) -> None:
        """
        Those without a secret count for none.
        """
        assert dict(await storage.secrets.by_key()) == {}
        await add(
            storage,
            a_member("asif", seed="old:a"),
            a_member("bela", seed="old:b"),
            a_member("chand", seed="new:c"),
            a_member("devi"),
        )

        assert dict(await storage.secrets.by_key()) == {"old": 2, "new": 1}

    async def test_others_are_found_in_batches(self, storage: Storage) -> None:
        """
        In one lasting order, each with its location; those under the key itself are left out.
        """
        names = ("asif", "bela", "chand")
        await add(storage, *(a_member(name, seed=f"old:{name}") for name in names))
        await add(storage, a_member("azad", seed="new:a"), a_member("devi"))
        secrets = storage.secrets

        first = await secrets.not_under("new", after=None, at_most=2)
        rest = await secrets.not_under("new", after=first[-1].location, at_most=2)

        assert [*first, *rest] == [
            EncryptedSecret(seed_location(StaffId(name)), EncryptedText(f"old:{name}"))
            for name in names
        ]
        assert not await secrets.not_under("new", after=rest[-1].location, at_most=2)

    async def test_a_key_is_told_by_its_whole_name(self, storage: Storage) -> None:
        """
        ``k1`` is not ``k10``.
        """
        await add(storage, a_member("asif", seed="k1:a"), a_member("bela", seed="k10:b"))

        found = await storage.secrets.not_under("k1", after=None, at_most=9)

        assert [each.text for each in found] == ["k10:b"]

    async def test_the_secrets_of_endpoints_are_among_them(self, storage: Storage) -> None:
        """
        Both that are valid during a rotation: each is found, and replaced only if it has not changed.
        """
        endpoint = replace(ENDPOINT, previous_secret="old:p", previous_until=NOON, secret="old:s")
        async with storage.unit_of_work() as work:
            work.webhooks.endpoints.save(endpoint)

        found = await storage.secrets.not_under("new", after=None, at_most=9)

        assert [(each.location.column, each.text) for each in found] == [
            ("previous_secret", "old:p"),
            ("secret", "old:s"),
        ]
        for each in found:
            assert await storage.secrets.replace(each, EncryptedText("new:x"))
            assert not await storage.secrets.replace(each, EncryptedText("new:y"))
        kept = await storage.endpoints.get(ENDPOINT.id)
        assert kept == replace(endpoint, previous_secret="new:x", secret="new:x", version=3)

    async def test_a_text_is_replaced(self, storage: Storage) -> None:
        """
        Nothing else of the member changes, and whoever read them before is told.
        """
        await add(storage, MIRA)
        before = await get(storage)
        (secret,) = await storage.secrets.not_under("new", after=None, at_most=9)

        assert await storage.secrets.replace(secret, EncryptedText("new:encrypted"))

        assert await get(storage) == replace(
            before, seed="new:encrypted", version=before.version + 1
        )
        with pytest.raises(ChangedMeanwhile):
            await save(storage, before)

    async def test_a_text_changed_meanwhile_is_left(self, storage: Storage) -> None:
        """
        So is one whose row is not there at all.
        """
        await add(storage, MIRA)
        (secret,) = await storage.secrets.not_under("new", after=None, at_most=9)
        await save(storage, replace(await get(storage), seed="new:another"))

        assert not await storage.secrets.replace(secret, EncryptedText("new:encrypted"))
        assert (await get(storage)).seed == "new:another"
        nowhere = EncryptedSecret(seed_location(StaffId("nobody")), EncryptedText("old:encrypted"))
        assert not await storage.secrets.replace(nowhere, EncryptedText("new:encrypted"))
