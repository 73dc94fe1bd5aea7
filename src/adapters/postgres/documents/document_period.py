"""The documents of one month: read through a cursor, in one read-only transaction on one snapshot."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, case, func, select

from adapters.postgres.documents.documents import KEPT, to_document
from adapters.postgres.documents.tables import tax_document
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Prepared, prepare
from domain.documents.tax_document import DocumentKind, RegisteredDocument
from domain.gst_returns.gstr1 import SeriesRun, Sums
from domain.gst_returns.return_period import ReturnPeriod
from domain.money import Money
from domain.tax.gstin import Gstin

AT_A_TIME: Final = 200
TIME_LIMIT: Final = timedelta(seconds=60)
"""The server sorts the whole month before it returns the first row, so this read may take longer."""

IN_PERIOD: Final = and_(
    tax_document.c.gstin == bindparam("seller"),
    tax_document.c.document_date >= bindparam("first"),
    tax_document.c.document_date < bindparam("end"),
)
IN_RETURN: Final = and_(
    IN_PERIOD,
    tax_document.c.kind != bindparam("commercial", DocumentKind.COMMERCIAL_CREDIT, String),
)
DOCUMENTS = prepare(
    select(*KEPT)
    .where(IN_PERIOD)
    .order_by(
        tax_document.c.buyer_gstin.asc().nulls_last(),
        tax_document.c.place_code,
        tax_document.c.number,
    )
)


def _runs() -> Prepared:
    # For consecutive numbers, the number minus the row's position is the same.
    place: ColumnElement[Any] = func.row_number().over(
        partition_by=(tax_document.c.kind, tax_document.c.financial_year),
        order_by=tax_document.c.sequence,
    )
    dated = (
        select(
            tax_document.c.kind,
            tax_document.c.financial_year,
            tax_document.c.number,
            tax_document.c.state,
            (tax_document.c.sequence - place).label("run"),
        )
        .where(IN_RETURN)
        .subquery()
    )
    return prepare(
        select(
            dated.c.kind,
            func.min(dated.c.number).label("first"),
            func.max(dated.c.number).label("last"),
            func.count().label("total"),
            func.count().filter(dated.c.state == "cancelled").label("cancelled"),
        )
        .group_by(dated.c.kind, dated.c.financial_year, dated.c.run)
        .order_by(func.min(dated.c.number))
    )


RUNS = _runs()
_sign = case((tax_document.c.refund_id.is_(None), 1), else_=-1)
HEADS: Final = ("taxable_paise", "cgst_paise", "sgst_paise", "igst_paise")
CONTROL = prepare(
    select(
        *(func.coalesce(func.sum(tax_document.c[head] * _sign), 0).label(head) for head in HEADS)
    ).where(IN_RETURN, tax_document.c.state == "issued")
)


@dataclass(frozen=True, slots=True)
class PostgresDocumentPeriod:
    connection: Connection
    wanted: dict[str, object]

    async def documents(self) -> AsyncIterator[RegisteredDocument]:
        async for row in self.connection.stream(TIME_LIMIT, AT_A_TIME, DOCUMENTS, **self.wanted):
            yield to_document(row)

    async def runs(self) -> Sequence[SeriesRun]:
        return [
            SeriesRun(
                kind=DocumentKind(row["kind"]),
                first=row["first"],
                last=row["last"],
                total=row["total"],
                cancelled=row["cancelled"],
            )
            for row in await self.connection.fetch(RUNS, **self.wanted)
        ]

    async def control(self) -> Sums:
        (row,) = await self.connection.fetch(CONTROL, **self.wanted)
        taxable, cgst, sgst, igst = (Money(int(row[head])) for head in HEADS)
        return Sums(taxable=taxable, cgst=cgst, sgst=sgst, igst=igst)


@dataclass(frozen=True, slots=True)
class PostgresDocumentPeriods:
    database: Database

    @asynccontextmanager
    async def __call__(
        self, seller: Gstin, period: ReturnPeriod
    ) -> AsyncIterator[PostgresDocumentPeriod]:
        wanted: dict[str, object] = {
            "seller": seller.text,
            "first": period.first,
            "end": period.end,
        }
        async with (
            self.database.borrow() as connection,
            connection.transaction(limit=TIME_LIMIT, on_one_snapshot=True),
        ):
            yield PostgresDocumentPeriod(connection, wanted)
