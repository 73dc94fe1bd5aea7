"""Server keys in rows, written only over the version that was read; when one was used is kept beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from domain.errors import NotFound
from domain.sign_in.server_key import ServerKey, ServerKeyId
from domain.staff.access import Permission

ALL: Final = prepare(text("SELECT * FROM server_key ORDER BY added_at, id"))
GET: Final = prepare(text("SELECT * FROM server_key WHERE id = :id"))
ADD: Final = prepare(
    text("""
        INSERT INTO server_key (id, name, scopes, secret_sha256, previous_sha256, previous_until, added_at,
            expires_at, revoked_at, version)
        VALUES (:id, :name, CAST(:scopes AS text[]), :secret_sha256, :previous_sha256,
            CAST(:previous_until AS timestamptz), :added_at, CAST(:expires_at AS timestamptz),
            CAST(:revoked_at AS timestamptz), 1)
        ON CONFLICT DO NOTHING RETURNING 1
    """)
)
SAVE: Final = prepare(
    text("""
        UPDATE server_key SET secret_sha256 = :secret_sha256, previous_sha256 = :previous_sha256,
            previous_until = CAST(:previous_until AS timestamptz),
            revoked_at = CAST(:revoked_at AS timestamptz), version = version + 1
        WHERE id = :id AND version = CAST(:version AS integer) RETURNING 1
    """)
)
NOTE_USE: Final = prepare(
    text("""
        UPDATE server_key SET last_used_at = greatest(last_used_at, CAST(:at AS timestamptz))
        WHERE id = :id RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresServerKeyWrites:
    writes: list[Write]

    def save(self, key: ServerKey) -> None:
        statement = SAVE if key.version else ADD
        self.writes.append(Write(statement, to_columns(key), expects="server key"))


@dataclass(frozen=True, slots=True)
class PostgresServerKeys:
    database: Database

    async def all(self) -> Sequence[ServerKey]:
        return [to_key(row) for row in await self.database.fetch(ALL)]

    async def get(self, key: ServerKeyId) -> ServerKey:
        rows = await self.database.fetch(GET, id=key)
        if not rows:
            raise NotFound("server key", key)
        return to_key(rows[0])

    async def note_use(self, key: ServerKeyId, at: datetime) -> None:
        await self.database.fetch(NOTE_USE, id=key, at=at)


def to_columns(key: ServerKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "secret_sha256": key.secret_sha256,
        "previous_sha256": key.previous_sha256,
        "previous_until": key.previous_until,
        "added_at": key.added_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "version": key.version,
    }


def to_key(row: Record) -> ServerKey:
    return ServerKey(
        id=ServerKeyId(row["id"]),
        name=row["name"],
        # One that a later release gave means nothing to this one.
        scopes=frozenset(each for each in Permission if each in row["scopes"]),
        secret_sha256=row["secret_sha256"],
        previous_sha256=row["previous_sha256"],
        previous_until=row["previous_until"],
        added_at=row["added_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
        version=row["version"],
    )
