"""Requests and answers about the server keys of the platform's back ends."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from application.sign_in.manage_server_keys import KeyWithSecret
from domain.sign_in.server_key import (
    KEY_NAME_MAX,
    OVERLAP_MAX,
    OVERLAP_USUAL,
    SCOPES,
    ServerKey,
    ServerKeyState,
)
from domain.staff.access import Permission
from entrypoints.http.api.refund_wire import Code

HOUR: Final = 3600
OVERLAP_HOURS_MAX: Final = int(OVERLAP_MAX.total_seconds()) // HOUR
OVERLAP_HOURS: Final = int(OVERLAP_USUAL.total_seconds()) // HOUR
Scopes = Annotated[
    list[Permission],
    Meta(
        min_length=1,
        max_length=len(SCOPES),
        description=f"Some of {', '.join(f'`{each}`' for each in sorted(SCOPES))}.",
    ),
]


class ServerKeyAdded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`scopes` are all that the key may do. Without `expires_at` it has no end. `otp` is a code of whoever adds it."""

    name: Annotated[str, Meta(min_length=1, max_length=KEY_NAME_MAX, examples=["Back end"])]
    scopes: Scopes
    otp: Code
    expires_at: (
        Annotated[datetime, Meta(tz=True, examples=["2027-11-30T00:00:00+05:30"])] | None
    ) = None


class ServerKeyRotated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For `overlap_hours` the secret before stays valid. `otp` is a code of whoever rotates it."""

    otp: Code
    overlap_hours: Annotated[int, Meta(ge=0, le=OVERLAP_HOURS_MAX)] = OVERLAP_HOURS


class ServerKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """`last_used_at` is known to the minute, null while nobody used it. Until `previous_until` two are valid."""

    id: str
    name: str
    scopes: Sequence[Permission]
    state: ServerKeyState
    added_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ServerKey, at: datetime) -> Self:
        return cls(
            id=key.id,
            name=key.name,
            scopes=sorted(key.scopes),
            state=key.state(at),
            added_at=key.added_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            previous_until=key.previous_until,
            revoked_at=key.revoked_at,
        )


class ServerKeySecretView(msgspec.Struct, frozen=True, kw_only=True):
    """The `secret` is what the back end sends, shown by this answer alone."""

    key: ServerKeyView
    secret: str

    @classmethod
    def of(cls, shown: KeyWithSecret, at: datetime) -> Self:
        return cls(key=ServerKeyView.of(shown.key, at), secret=shown.secret)


class ServerKeysView(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest comes first; those that were revoked or have expired are among them."""

    items: Sequence[ServerKeyView]


KEY: Final[dict[str, Any]] = {
    "id": "KYABCDEFGH234567JKLM",
    "name": "Back end",
    "scopes": ["payments:own", "payments:pay"],
    "state": "active",
    "added_at": "2026-11-30T06:30:00Z",
    "expires_at": None,
    "last_used_at": "2026-11-30T06:45:00Z",
    "previous_until": None,
    "revoked_at": None,
}
WITH_SECRET: Final[dict[str, Any]] = {
    "key": KEY | {"last_used_at": None},
    "secret": "shulk_sk_KYABCDEFGH234567JKLM_...",
}
ADDED: Final[dict[str, Any]] = {
    "name": "Back end",
    "scopes": ["payments:own", "payments:pay"],
    "otp": "123456",
}
ROTATED: Final = {"otp": "123456", "overlap_hours": 24}
