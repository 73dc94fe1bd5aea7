"""Filings in rows: each ordinal of a copy is written once, and the last filing of each copy is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
)

from adapters.postgres.documents.documents import KEPT, to_document
from adapters.postgres.documents.tables import document_file, tax_document
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import enrolment, payment
from domain.documents.tax_document import TaxDocument
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from ports.documents.document_files import DocumentOnFile, Filing, PaymentOnFile
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash

ADD = prepare(
    insert(document_file)
    .values({each.name: bindparam(each.name, type_=each.type) for each in document_file.columns})
    .returning(literal(1))
)
_later: Table = document_file.alias("later")  # type: ignore[assignment]  # an alias has its columns


def last_filing() -> ColumnElement[bool]:
    """Return the condition that joins a ``tax_document`` to the last filing of each of its copies."""
    return and_(
        document_file.c.gstin == tax_document.c.gstin,
        document_file.c.number == tax_document.c.number,
        not_(
            exists().where(
                _later.c.gstin == document_file.c.gstin,
                _later.c.number == document_file.c.number,
                _later.c.copy == document_file.c.copy,
                _later.c.ordinal > document_file.c.ordinal,
            )
        ),
    )


ABOUT = prepare(
    select(
        payment.c.student_id,
        (func.coalesce(payment.c.captured_paise, 0) > 0).label("paid"),
        exists().where(enrolment.c.payment_id == payment.c.id).label("supplied"),
        tax_document.c.id,
        *KEPT,
        document_file.c.copy,
        document_file.c.ordinal,
        document_file.c.sha256.label("file"),
        document_file.c.size_bytes,
        document_file.c.void,
        document_file.c.release,
        document_file.c.filed_at,
    )
    .select_from(
        payment.outerjoin(tax_document, tax_document.c.payment_id == payment.c.id).outerjoin(
            document_file, last_filing()
        )
    )
    .where(payment.c.id == bindparam("wanted"))
    .order_by(tax_document.c.id, document_file.c.copy)
)


@dataclass(frozen=True, slots=True)
class PostgresFilingWrites:
    writes: list[Write]

    def add(self, document: TaxDocument, filing: Filing) -> None:
        self.writes.append(Write(ADD, to_columns(document, filing)))


@dataclass(frozen=True, slots=True)
class PostgresFiledDocuments:
    database: Database

    async def about(self, payment: PaymentId) -> PaymentOnFile:
        rows = await self.database.fetch(ABOUT, wanted=payment)
        if not rows:
            raise NotFound("payment", payment)
        return PaymentOnFile(
            student=StudentId(rows[0]["student_id"]),
            paid=rows[0]["paid"],
            supplied=rows[0]["supplied"],
            documents=_to_documents([row for row in rows if row["id"] is not None]),
        )


def _to_documents(rows: Sequence[Record]) -> Sequence[DocumentOnFile]:
    documents = []
    for _, group in groupby(rows, key=lambda row: row["id"]):
        copies = list(group)
        filings = tuple(to_filing(row) for row in copies if row["copy"] is not None)
        documents.append(DocumentOnFile(registered=to_document(copies[0]), filings=filings))
    return documents


def to_filing(row: Record) -> Filing:
    return Filing(
        copy=Copy(row["copy"]),
        ordinal=row["ordinal"],
        file=FileHash(row["file"]),
        size_bytes=row["size_bytes"],
        void=row["void"],
        release=row["release"],
        filed_at=row["filed_at"],
    )


def to_columns(document: TaxDocument, filing: Filing) -> dict[str, Any]:
    return {
        "gstin": document.particulars.company.gstin.text,
        "number": str(document.number),
        "copy": filing.copy,
        "ordinal": filing.ordinal,
        "sha256": filing.file,
        "size_bytes": filing.size_bytes,
        "void": filing.void,
        "release": filing.release,
        "filed_at": filing.filed_at,
    }
