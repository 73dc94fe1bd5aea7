"""The columns that hold encrypted texts; each text is replaced only if it has not changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Table,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
    update,
)

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.gateway_config.tables import gateway_config
from adapters.postgres.staff.tables import staff
from adapters.postgres.webhooks.tables import webhook_endpoint
from domain.gateway_config.gateway_secrets import SecretField
from ports.cipher import EncryptedText, SecretLocation
from ports.staff.encrypted_secrets import EncryptedSecret

ONE = literal(1)
ENCRYPTED: Final[tuple[tuple[Table, Column[str], ColumnElement[str]], ...]] = (
    (staff, staff.c.totp_seed, staff.c.id),
    *(
        (gateway_config, gateway_config.c[each.value], cast(gateway_config.c.number, String(40)))
        for each in SecretField
    ),
    (webhook_endpoint, webhook_endpoint.c.secret, webhook_endpoint.c.id),
    (webhook_endpoint, webhook_endpoint.c.previous_secret, webhook_endpoint.c.id),
)
"""Each table with secrets, the column that holds them, and the column that identifies the row."""

_all = union_all(
    *(
        select(
            literal(table.name).label("table_name"),
            literal(column.name).label("column_name"),
            row.label("row_name"),
            column.label("encrypted"),
            func.split_part(column, ":", 1).label("key"),
        ).where(column.is_not(None))
        for table, column, row in ENCRYPTED
    )
).subquery("secret")
_location = tuple_(_all.c.table_name, _all.c.column_name, _all.c.row_name)

BY_KEY = prepare(select(_all.c.key, func.count().label("texts")).group_by(_all.c.key))
NOT_UNDER = prepare(
    select(_all.c.table_name, _all.c.column_name, _all.c.row_name, _all.c.encrypted)
    .where(
        _all.c.key != bindparam("active"),
        _location > tuple_(bindparam("table"), bindparam("column"), bindparam("row")),
    )
    .order_by(_all.c.table_name, _all.c.column_name, _all.c.row_name)
    .limit(bindparam("most"))
)


def _replacing(table: Table, column: Column[str], row: ColumnElement[str]) -> Prepared:
    # The version is raised too, so that a unit that read the old text cannot write it back.
    return prepare(
        update(table)
        .where(row == bindparam("of_row"), column == bindparam("old"))
        .values({column.name: bindparam("new"), "version": table.c.version + 1})
        .returning(ONE)
    )


REPLACE: Final = {
    (table.name, column.name): _replacing(table, column, row) for table, column, row in ENCRYPTED
}


@dataclass(frozen=True, slots=True)
class PostgresEncryptedSecrets:
    database: Database

    async def by_key(self) -> Mapping[str, int]:
        return {row["key"]: row["texts"] for row in await self.database.fetch(BY_KEY)}

    async def not_under(
        self, key: str, *, after: SecretLocation | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        rows = await self.database.fetch(
            NOT_UNDER,
            active=key,
            table=after.table if after else "",
            column=after.column if after else "",
            row=after.row if after else "",
            most=at_most,
        )
        return [
            EncryptedSecret(
                SecretLocation(
                    table=row["table_name"], column=row["column_name"], row=row["row_name"]
                ),
                EncryptedText(row["encrypted"]),
            )
            for row in rows
        ]

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        location = secret.location
        rows = await self.database.fetch(
            REPLACE[location.table, location.column], of_row=location.row, old=secret.text, new=text
        )
        return bool(rows)
