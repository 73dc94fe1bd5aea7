"""Server keys are kept by administrators and by commands, and back ends prove themselves by them."""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest

from application.sign_in.authenticate_server import AuthenticateServer
from application.sign_in.manage_server_keys import (
    KeyWithSecret,
    ManageServerKeys,
    NewServerKey,
)
from application.staff.verify_totp import TotpAttempt, VerifyTotp
from domain.errors import NotFound
from domain.sign_in.server_key import (
    KEY_SECRET_CHARS,
    ServerKeyId,
    ServerKeyInvalid,
    ServerKeyRefused,
)
from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.second_factor import TotpLimit, TotpWrong
from domain.staff.staff_member import StaffId
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_now
from ports.sign_in.server_keys import KEYS_MAX
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

HOUR: Final = timedelta(hours=1)
ZOYA, MIRA = StaffId("zoya"), StaffId("mira")
SEEDS: Final = {ZOYA: "SEED91", MIRA: "SEED92"}
NUMBERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class KeyOffice:
    """An administrator and an officer of finance, both with apps, and what keeps server keys."""

    def __init__(self, world: MemoryWorld) -> None:
        self.memory, self.clock = world.memory, world.clock
        cipher, factor = MemoryCipher(), CountingFactor()
        for staff, role in ((ZOYA, Role.ADMIN), (MIRA, Role.FINANCE)):
            seed = cipher.encrypt(SEEDS[staff], seed_location(staff))
            self.memory.store.staff[staff] = a_member(staff, role, seed=seed)
        second_factor: Any = factor
        drawn, secrets = count(), count()
        self.manage = ManageServerKeys(
            keys=self.memory.server_keys,
            unit_of_work=self.memory.unit_of_work,
            verify_totp=VerifyTotp(
                unit_of_work=self.memory.unit_of_work,
                second_factor=second_factor,
                cipher=cipher,
                clock=self.clock,
                limit=TotpLimit(attempts=5, lock=timedelta(minutes=15)),
            ),
            clock=self.clock,
            new_id=lambda: ServerKeyId(f"KY{_letters(next(drawn), 18)}"),
            new_secret=lambda: _letters(next(secrets), KEY_SECRET_CHARS),
        )
        self.authenticate = AuthenticateServer(self.memory.server_keys, self.clock)

    def attempt(self, staff: StaffId = ZOYA, code: str | None = None) -> TotpAttempt:
        self.clock.move(timedelta(seconds=30))
        return TotpAttempt(
            staff=staff,
            permission=Permission.WRITE_KEYS,
            subject="server_key:new",
            code=code or code_now(SEEDS[staff], self.clock.now()),
        )

    async def added(self, attempt: TotpAttempt | None = None, **changes: Any) -> KeyWithSecret:
        new = {
            "name": "Back end",
            "scopes": frozenset({Permission.PAY}),
            "expires_at": None,
            "origin": BY_STAFF,
            **changes,
        }
        return await self.manage.add(NewServerKey(**new), attempt)

    async def why_not(self, secret: str) -> str:
        with pytest.raises(ServerKeyInvalid) as refused:
            await self.authenticate(secret)
        return refused.value.why

    def audited(self) -> list[tuple[str, str, dict[str, str]]]:
        return [
            (each.action, each.subject, dict(each.facts))
            for each in self.memory.store.audit
            if each.action.startswith("server_key")
        ]


def _letters(number: int, length: int) -> str:
    text = ""
    while number or not text:
        number, letter = divmod(number, len(NUMBERS))
        text = NUMBERS[letter] + text
    return text.rjust(length, "A")


@pytest.fixture
def office(world: MemoryWorld) -> KeyOffice:
    return KeyOffice(world)


async def test_a_key_is_added_and_only_its_digest_is_kept(office: KeyOffice) -> None:
    """
    The audit log says what it may do, and until when.
    """
    added = await office.added(expires_at=office.clock.now() + HOUR)

    (kept,) = await office.memory.server_keys.all()
    assert added.secret.startswith(f"shulk_sk_{added.key.id}_")
    assert added.secret not in (repr(added), repr(kept), kept.secret_sha256)
    assert (await office.authenticate(added.secret)).scopes == {Permission.PAY}
    facts = {
        "name": "Back end",
        "scopes": "payments:pay",
        "expires_at": (office.clock.now() + HOUR).isoformat(),
    }
    assert office.audited() == [("server_key.added", added.key.id, facts)]


async def test_an_administrator_confirms_by_a_code(office: KeyOffice) -> None:
    """
    A wrong code makes no key and changes none; nobody but an administrator has one that counts.
    """
    added = await office.added(office.attempt())
    rotated = await office.manage.rotate(added.key.id, HOUR, BY_STAFF, office.attempt())
    with pytest.raises(TotpWrong):
        await office.added(office.attempt(code="000000"))
    with pytest.raises(TotpWrong):
        await office.manage.rotate(added.key.id, HOUR, BY_STAFF, office.attempt(code="000000"))
    with pytest.raises(NotAllowed):
        await office.added(office.attempt(MIRA))

    assert [action for action, *_ in office.audited()] == [
        "server_key.added",
        "server_key.rotated",
    ]
    await office.authenticate(rotated.secret)


async def test_during_a_rotation_both_secrets_open(office: KeyOffice) -> None:
    """
    Afterwards the new one alone.
    """
    first = await office.added()
    second = await office.manage.rotate(first.key.id, HOUR, BY_STAFF, None)

    for each in (first, second):
        assert (await office.authenticate(each.secret)).id == first.key.id
    office.clock.move(HOUR)
    assert await office.why_not(first.secret) == "wrong secret"
    await office.authenticate(second.secret)
    until = office.clock.now().isoformat()
    assert office.audited()[-1] == (
        "server_key.rotated",
        first.key.id,
        {"previous_until": until},
    )


async def test_a_key_is_revoked_once(office: KeyOffice) -> None:
    """
    It opens nothing from then on; asked again, nothing more is written.
    """
    added = await office.added()
    revoked = await office.manage.revoke(added.key.id, BY_STAFF)
    again = await office.manage.revoke(added.key.id, BY_STAFF)

    assert again.revoked_at == revoked.revoked_at == office.clock.now()
    assert await office.why_not(added.secret) == "revoked"
    assert [action for action, *_ in office.audited()] == [
        "server_key.added",
        "server_key.revoked",
    ]
    with pytest.raises(ServerKeyRefused):
        await office.manage.rotate(added.key.id, HOUR, BY_STAFF, None)


async def test_whoever_meets_ends_revoked(office: KeyOffice) -> None:
    """
    A rotation at the same moment goes before, or is refused.
    """
    added = await office.added()

    await asyncio.gather(
        office.manage.rotate(added.key.id, HOUR, BY_STAFF, None),
        office.manage.revoke(added.key.id, BY_STAFF),
        return_exceptions=True,
    )

    assert await office.why_not(added.secret) == "revoked"


async def test_there_are_so_many_keys_at_most(office: KeyOffice) -> None:
    """
    Those that are revoked are not counted.
    """
    added = [await office.added() for _ in range(KEYS_MAX)]
    with pytest.raises(ServerKeyRefused):
        await office.added()
    await office.manage.revoke(added[-1].key.id, BY_STAFF)

    await office.added()


async def test_what_is_no_key_opens_nothing(office: KeyOffice) -> None:
    """
    The log is told why; an id that nobody has is as good as none.
    """
    added = await office.added()
    other = added.secret.replace(added.key.id, f"KY{'Z' * 18}")

    assert await office.why_not("shulk_sk_") == "not of the form of a key"
    assert await office.why_not(other) == "unknown"
    with pytest.raises(NotFound):
        await office.manage.revoke(ServerKeyId("KYNONE"), BY_STAFF)
    with pytest.raises(NotFound):
        await office.manage.rotate(ServerKeyId("KYNONE"), HOUR, BY_STAFF, None)


async def test_the_last_use_is_noted_each_minute(office: KeyOffice) -> None:
    """
    Not each time, since each note is a write.
    """
    added = await office.added()
    first = office.clock.now()
    seen = []
    for move in (timedelta(0), timedelta(seconds=59), timedelta(seconds=1)):
        office.clock.move(move)
        await office.authenticate(added.secret)
        seen.append((await office.memory.server_keys.get(added.key.id)).last_used_at)

    assert seen == [first, first, first + timedelta(minutes=1)]
