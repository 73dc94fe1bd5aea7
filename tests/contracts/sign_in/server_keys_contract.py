"""What any register of server keys must do: keep them whole, refuse old versions, and know their last use."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.storage import Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.sign_in.server_key import SCOPES, ServerKey, ServerKeyId, digest
from domain.staff.access import Permission
from fakes.clock import NOON

HOUR: Final = timedelta(hours=1)


def a_key(name: str = "A", **changes: Any) -> ServerKey:
    """Return a key that nothing happened to yet."""
    return ServerKey(
        **{
            "id": ServerKeyId("KY" + name * 18),
            "name": f"Back end {name}",
            "scopes": frozenset({Permission.PAY, Permission.SEE_OWN_PAYMENTS}),
            "secret_sha256": digest(f"secret {name}"),
            "added_at": NOON,
            **changes,
        }
    )


KEY: Final = a_key()
ENDED: Final = a_key(
    secret_sha256=digest("later"),
    previous_sha256=KEY.secret_sha256,
    previous_until=NOON + HOUR,
    revoked_at=NOON + HOUR,
    version=1,
)


async def save(storage: Storage, *keys: ServerKey) -> None:
    for each in keys:
        async with storage.unit_of_work() as work:
            work.sign_in.server_keys.save(each)


class ServerKeysContract:
    async def test_a_key_is_kept_whole(self, storage: Storage) -> None:
        """
        As it was added with every scope and an end, rotated, and revoked.
        """
        whole = a_key("B", scopes=SCOPES, expires_at=NOON + HOUR)
        await save(storage, KEY, ENDED, whole)

        assert await storage.server_keys.get(KEY.id) == replace(ENDED, version=2)
        assert await storage.server_keys.get(whole.id) == replace(whole, version=1)
        with pytest.raises(NotFound):
            await storage.server_keys.get(ServerKeyId("KYNONE"))

    async def test_the_oldest_comes_first(self, storage: Storage) -> None:
        """
        Of two that were added together, the one with the lesser id.
        """
        await save(storage, a_key("A", added_at=NOON + HOUR), a_key("C"), a_key("B"))

        assert [each.id[2] for each in await storage.server_keys.all()] == ["B", "C", "A"]

    async def test_an_old_version_is_refused(self, storage: Storage) -> None:
        """
        Whoever was slower is told; so is whoever adds what is there.
        """
        await save(storage, KEY, ENDED)
        for version in (0, 1):
            with pytest.raises(ChangedMeanwhile):
                await save(storage, replace(KEY, version=version))

        assert (await storage.server_keys.get(KEY.id)).revoked_at == ENDED.revoked_at

    async def test_the_last_use_is_kept(self, storage: Storage) -> None:
        """
        The latest of all; it stays when the key is saved by whoever read it before, and changes no version.
        """
        await save(storage, KEY)
        for at in (NOON + HOUR, NOON):
            await storage.server_keys.note_use(KEY.id, at)
        await save(storage, ENDED)

        found = await storage.server_keys.get(KEY.id)
        assert (found.last_used_at, found.version) == (NOON + HOUR, 2)
