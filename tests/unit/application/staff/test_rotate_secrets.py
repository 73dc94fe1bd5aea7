"""Keys change under a running service: text by text, resumable, and what does not open is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from application.staff.rotate_secrets import RotateSecrets
from domain.staff.staff_member import StaffId
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.encrypted_secrets import MemorySealedSecrets
from ports.cipher import Place, SealedText, key_of
from ports.staff.encrypted_secrets import SealedSecret
from ports.staff.staff_register import seed_place
from worlds.memory import Academy

NAMES: Final = ("asif", "bela", "chand", "devi", "esha")


def staffed(academy: Academy) -> MemoryCipher:
    """Give each member a seed under the old key; return a cipher that knows both keys."""
    old = MemoryCipher(("old",))
    for name in NAMES:
        seed = old.seal(f"seed of {name}", seed_place(StaffId(name)))
        academy.memory.store.staff[StaffId(name)] = a_member(name, seed=seed)
    return MemoryCipher(("new", "old"), old.vault)


def rotation(academy: Academy, cipher: MemoryCipher, *, batch_size: int = 2) -> RotateSecrets:
    memory = academy.memory
    return RotateSecrets(memory.secrets, cipher, memory.unit_of_work, academy.clock, batch_size)


def keys(academy: Academy) -> list[str]:
    members = academy.memory.store.staff.values()
    return [key_of(SealedText(each.seed)) for each in members if each.seed]


async def test_nothing_is_left_under_the_old_key(academy: Academy) -> None:
    """
    Batch by batch; every secret is what it was, and opens without the old key.
    """
    cipher = staffed(academy)

    done = await rotation(academy, cipher)(BY_STAFF)

    assert (done.resealed, done.unopened) == (5, ())
    assert set(keys(academy)) == {"new"}
    only_new = MemoryCipher(("new",), cipher.vault)
    for name, member in academy.memory.store.staff.items():
        assert only_new.open(SealedText(member.seed or ""), seed_place(name)) == f"seed of {name}"
    (line,) = academy.audited("secrets.rotated")
    assert (line.subject, line.facts) == ("key:new", {"resealed": "5"})


async def test_a_second_run_finds_nothing_to_do(academy: Academy) -> None:
    """
    It may be repeated as often as one likes.
    """
    cipher = staffed(academy)
    await rotation(academy, cipher)(BY_STAFF)

    assert (await rotation(academy, cipher)(BY_STAFF)).resealed == 0


class Ended(Exception):
    """The process was ended here."""


@dataclass
class Interrupted:
    """Secrets that end the process after some were put."""

    secrets: MemorySealedSecrets
    left: int

    async def by_key(self) -> Mapping[str, int]:
        return await self.secrets.by_key()

    async def not_under(
        self, key: str, *, after: Place | None, at_most: int
    ) -> Sequence[SealedSecret]:
        return await self.secrets.not_under(key, after=after, at_most=at_most)

    async def replace(self, secret: SealedSecret, text: SealedText) -> bool:
        if not self.left:
            raise Ended
        self.left -= 1
        return await self.secrets.replace(secret, text)


async def test_an_ended_run_is_gone_on_with(academy: Academy) -> None:
    """
    What was done stays done, what was not is done by the next run.
    """
    cipher = staffed(academy)
    ended = replace(rotation(academy, cipher), secrets=Interrupted(academy.memory.secrets, 3))

    with pytest.raises(Ended):
        await ended(BY_STAFF)
    assert sorted(keys(academy)) == ["new"] * 3 + ["old"] * 2

    assert (await rotation(academy, cipher)(BY_STAFF)).resealed == 2


async def test_what_does_not_open_is_told_and_left(academy: Academy) -> None:
    """
    One broken text holds up none of the others.
    """
    cipher = staffed(academy)
    devi = StaffId("devi")
    academy.memory.store.staff[devi] = a_member("devi", seed="lost:text")

    done = await rotation(academy, cipher)(BY_STAFF)

    assert (done.resealed, done.unopened) == (4, (seed_place(devi),))
    assert academy.memory.store.staff[devi].seed == "lost:text"


async def test_a_text_changed_meanwhile_is_not_written_over(academy: Academy) -> None:
    """
    Whoever set up a new app in this moment keeps it.
    """
    cipher = staffed(academy)
    bela = StaffId("bela")
    newer = cipher.seal("a newer seed", seed_place(bela))

    @dataclass
    class Overtaken(Interrupted):
        async def replace(self, secret: SealedSecret, text: SealedText) -> bool:
            if secret.place.row == bela:
                academy.memory.store.staff[bela] = a_member("bela", seed=newer)
            return await Interrupted.replace(self, secret, text)

    overtaken = Overtaken(academy.memory.secrets, 5)
    done = await replace(rotation(academy, cipher), secrets=overtaken)(BY_STAFF)

    assert done.resealed == 4
    assert academy.memory.store.staff[bela].seed == newer
