"""The server keys of the platform's back ends from the command line."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from application.sign_in.manage_server_keys import KeyWithSecret, ManageServerKeys, NewServerKey
from domain.sign_in.server_key import ServerKey, ServerKeyId, ServerKeyState
from domain.staff.access import Permission
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.sign_in.server_keys import ServerKeys


def find_keys(settings: Settings) -> Sequence[tuple[ServerKey, ServerKeyState]]:
    """Return every key with the state it is in now, the oldest first."""

    async def read(container: Shulk) -> Sequence[tuple[ServerKey, ServerKeyState]]:
        keys: ServerKeys = container.storage.server_keys()
        at = container.clock().now()
        return [(each, each.state(at)) for each in await keys.all()]

    return run_in_container(settings, read)


def add_key(
    settings: Settings, name: str, scopes: Iterable[str], days: int | None
) -> KeyWithSecret:
    """Return a new key, which ends in so many *days*, None for never."""

    async def done(container: Shulk) -> KeyWithSecret:
        ends = container.clock().now() + timedelta(days=days) if days is not None else None
        new = NewServerKey(
            name=name,
            scopes=frozenset(map(Permission, scopes)),
            expires_at=ends,
            origin=BY_COMMAND,
        )
        return await _manage(container).add(new, None)

    return run_in_container(settings, done)


def rotate_key(settings: Settings, key: str, overlap: timedelta) -> KeyWithSecret:
    """Return the key with a new secret; the one before stays valid for *overlap*."""

    async def done(container: Shulk) -> KeyWithSecret:
        return await _manage(container).rotate(ServerKeyId(key), overlap, BY_COMMAND, None)

    return run_in_container(settings, done)


def revoke_key(settings: Settings, key: str) -> datetime | None:
    """Revoke the key and return since when it is."""

    async def done(container: Shulk) -> datetime | None:
        return (await _manage(container).revoke(ServerKeyId(key), BY_COMMAND)).revoked_at

    return run_in_container(settings, done)


def _manage(container: Shulk) -> ManageServerKeys:
    manage: ManageServerKeys = container.use_cases().sign_in().manage_server_keys()
    return manage
