"""What differs between books and rebuilt payments, in rows: one for each payment, until it has healed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.identifiers import PaymentId
from domain.rebuild.differences import Difference, DifferenceKind
from ports.rebuild.booked_payments import KnownDifference

KNOWN: Final = prepare(
    text("""
        SELECT payment_id, found_at, differences FROM rebuild_difference
        WHERE payment_id > :after ORDER BY payment_id LIMIT :at_most
    """)
)
RECORD: Final = prepare(
    text("""
        WITH healed AS (
            DELETE FROM rebuild_difference WHERE payment_id = ANY(CAST(:healed AS text[]))
        )
        INSERT INTO rebuild_difference AS known (payment_id, found_at, differences)
        SELECT key, :at, value FROM jsonb_each(CAST(:found AS jsonb))
        ON CONFLICT (payment_id) DO UPDATE SET differences = excluded.differences
        WHERE known.differences <> excluded.differences
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresDifferences:
    database: Database

    async def known(self, *, after: str = "", at_most: int) -> Sequence[KnownDifference]:
        rows = await self.database.fetch(KNOWN, after=after, at_most=at_most)
        return [
            KnownDifference(
                payment=PaymentId(row["payment_id"]),
                found_at=row["found_at"],
                differences=[
                    Difference(
                        kind=DifferenceKind(each["kind"]),
                        books=each["books"],
                        rebuilt=each["rebuilt"],
                    )
                    for each in row["differences"]
                ],
            )
            for row in rows
        ]

    async def record(
        self,
        found: Mapping[PaymentId, Sequence[Difference]],
        healed: Sequence[PaymentId],
        at: datetime,
    ) -> None:
        told = {
            payment: [
                {"kind": each.kind.value, "books": each.books, "rebuilt": each.rebuilt}
                for each in differences
            ]
            for payment, differences in found.items()
        }
        await self.database.fetch(RECORD, found=json.dumps(told), healed=list(healed), at=at)
