"""A back end of the platform with a server key, as tests of the HTTP application need it."""

from typing import Any, Final

from domain.sign_in.server_key import (
    KEY_SECRET_CHARS,
    SCOPES,
    ServerKey,
    ServerKeyId,
    digest,
    key_text,
)
from domain.staff.access import Permission
from worlds.http import HttpWorld

KEY_ID: Final = ServerKeyId("KY" + "A" * 18)
SECRET: Final = key_text(KEY_ID, "B" * KEY_SECRET_CHARS)


def add_key(world: HttpWorld, *scopes: Permission, **changes: Any) -> None:
    """Give the back end its key: of all scopes, unless some are named."""
    key = ServerKey(
        **{
            "id": KEY_ID,
            "name": "Back end",
            "scopes": frozenset(scopes or SCOPES),
            "secret_sha256": digest(SECRET),
            "added_at": world.clock.now(),
            "version": 1,
            **changes,
        }
    )
    world.memory.store.server_keys[key.id] = key


def by_key(student: str | None = None, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of the back end, for *student* or for the platform."""
    named = {} if student is None else {"Shulk-Student": student}
    return {"Authorization": f"Bearer {secret}", **named}
