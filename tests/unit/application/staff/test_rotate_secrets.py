"""Keys change under a running service: text by text, resumable, and what does not decrypt is reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from application.staff.rotate_secrets import RotateSecrets
from domain.staff.staff_member import StaffId
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.encrypted_secrets import MemoryEncryptedSecrets
from ports.cipher import EncryptedText, SecretLocation, key_of
from ports.staff.encrypted_secrets import EncryptedSecret
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

NAMES: Final = ("asif", "bela", "chand", "devi", "esha")


def staffed(world: MemoryWorld) -> MemoryCipher:
    """Give each member a seed under the old key; return a cipher that knows both keys."""
    old = MemoryCipher(("old",))
    for name in NAMES:
        seed = old.encrypt(f"seed of {name}", seed_location(StaffId(name)))
        world.memory.store.staff[StaffId(name)] = a_member(name, seed=seed)
    return MemoryCipher(("new", "old"), old.vault)


def rotation(world: MemoryWorld, cipher: MemoryCipher, *, batch_size: int = 2) -> RotateSecrets:
    memory = world.memory
    return RotateSecrets(memory.secrets, cipher, memory.unit_of_work, world.clock, batch_size)


def keys(world: MemoryWorld) -> list[str]:
    members = world.memory.store.staff.values()
    return [key_of(EncryptedText(each.seed)) for each in members if each.seed]


async def test_nothing_is_left_under_the_old_key(world: MemoryWorld) -> None:
    """
    Batch by batch; every secret is what it was, and decrypts without the old key.
    """
    cipher = staffed(world)

    done = await rotation(world, cipher)(BY_STAFF)

    assert (done.reencrypted, done.undecryptable) == (5, ())
    assert set(keys(world)) == {"new"}
    only_new = MemoryCipher(("new",), cipher.vault)
    for name, member in world.memory.store.staff.items():
        assert (
            only_new.decrypt(EncryptedText(member.seed or ""), seed_location(name))
            == f"seed of {name}"
        )
    (line,) = world.audited("secrets.rotated")
    assert (line.subject, line.facts) == ("key:new", {"resealed": "5"})


async def test_a_second_run_finds_nothing_to_do(world: MemoryWorld) -> None:
    """
    It may be repeated as often as one likes.
    """
    cipher = staffed(world)
    await rotation(world, cipher)(BY_STAFF)

    assert (await rotation(world, cipher)(BY_STAFF)).reencrypted == 0


class Ended(Exception):
    """The process was ended here."""


@dataclass
class Interrupted:
    """Secrets that end the process after some were put."""

    secrets: MemoryEncryptedSecrets
    left: int

    async def by_key(self) -> Mapping[str, int]:
        return await self.secrets.by_key()

    async def not_under(
        self, key: str, *, after: SecretLocation | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        return await self.secrets.not_under(key, after=after, at_most=at_most)

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        if not self.left:
            raise Ended
        self.left -= 1
        return await self.secrets.replace(secret, text)


async def test_an_ended_run_is_gone_on_with(world: MemoryWorld) -> None:
    """
    What was done stays done, what was not is done by the next run.
    """
    cipher = staffed(world)
    ended = replace(rotation(world, cipher), secrets=Interrupted(world.memory.secrets, 3))

    with pytest.raises(Ended):
        await ended(BY_STAFF)
    assert sorted(keys(world)) == ["new"] * 3 + ["old"] * 2

    assert (await rotation(world, cipher)(BY_STAFF)).reencrypted == 2


async def test_what_does_not_decrypt_is_reported_and_left(world: MemoryWorld) -> None:
    """
    One broken text holds up none of the others.
    """
    cipher = staffed(world)
    devi = StaffId("devi")
    world.memory.store.staff[devi] = a_member("devi", seed="lost:text")

    done = await rotation(world, cipher)(BY_STAFF)

    assert (done.reencrypted, done.undecryptable) == (4, (seed_location(devi),))
    assert world.memory.store.staff[devi].seed == "lost:text"


async def test_a_text_changed_meanwhile_is_not_written_over(world: MemoryWorld) -> None:
    """
    Whoever set up a new app in this moment keeps it.
    """
    cipher = staffed(world)
    bela = StaffId("bela")
    newer = cipher.encrypt("a newer seed", seed_location(bela))

    @dataclass
    class Overtaken(Interrupted):
        async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
            if secret.location.row == bela:
                world.memory.store.staff[bela] = a_member("bela", seed=newer)
            return await Interrupted.replace(self, secret, text)

    overtaken = Overtaken(world.memory.secrets, 5)
    done = await replace(rotation(world, cipher), secrets=overtaken)(BY_STAFF)

    assert done.reencrypted == 4
    assert world.memory.store.staff[bela].seed == newer
