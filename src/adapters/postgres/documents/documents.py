"""The register of tax documents in rows: the statement that inserts a document also gives it its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Select,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.documents.tables import document_number, tax_document
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import ISSUED, Write, prepare
from domain.documents.document_number import SEQUENCE_DIGITS, DocumentNumber, number_prefix
from domain.documents.document_snapshot import around_number, from_snapshot
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument, TaxDocument
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.tax.gstin import Gstin

NUMBERED: Final = "numbered"
KEPT: Final = (
    tax_document.c.snapshot,
    tax_document.c.sha256,
    tax_document.c.cancelled_at,
    tax_document.c.cancelled_why,
)
GIVEN: Final = tuple(
    each
    for each in tax_document.columns
    if each.name not in {"id", "sequence", "number", "snapshot", "sha256", "state"}
    and not each.name.startswith("cancelled")
)
"""The columns that are known before a document has its number."""

# The counter's row is locked until the statement ends. Another issue in the same series waits for
# that and gets the next number. If the statement fails, the number is not used up. A database
# sequence would leave a gap.
NEXT_NUMBER = prepare(
    insert(document_number)
    .values(
        gstin=bindparam("gstin"),
        series=bindparam("series"),
        financial_year=bindparam("financial_year"),
        last=literal_column("1"),
    )
    .on_conflict_do_update(
        constraint="document_number_pkey", set_={"last": document_number.c.last + 1}
    )
    .returning(document_number.c.last)
)


def _issue() -> Any:
    last: Any = table(NUMBERED, column("last")).c.last
    # ``lpad`` would cut an eighth digit off; the counter's constraint refuses such a number before.
    number = bindparam("stem", type_=tax_document.c.number.type) + func.lpad(
        last.cast(tax_document.c.snapshot.type), SEQUENCE_DIGITS, literal_column("'0'")
    )
    text = tax_document.c.snapshot.type
    snapshot = bindparam("head", type_=text) + number + bindparam("tail", type_=text)
    bytes_of = func.convert_to(snapshot, literal_column("'UTF8'"))
    made = {
        "sequence": last,
        "number": number,
        "snapshot": snapshot,
        "sha256": func.encode(func.sha256(bytes_of), literal_column("'hex'")),
        "state": literal_column("'issued'"),
    }
    given = {each.name: bindparam(each.name, type_=each.type) for each in GIVEN}
    named = {**given, **made}
    return (
        insert(tax_document)
        .from_select(list(named), select(*named.values()))
        .returning(tax_document.c.number)
    )


ISSUE = prepare(_issue())
CANCEL = prepare(
    update(tax_document)
    .where(
        tax_document.c.gstin == bindparam("of"),
        tax_document.c.number == bindparam("told"),
        tax_document.c.state == literal_column("'issued'"),
    )
    .values(
        state=literal_column("'cancelled'"),
        cancelled_at=bindparam("at"),
        cancelled_why=bindparam("why"),
    )
    .returning(literal(1))
)


def _kept() -> Select[Any]:
    return select(*KEPT)


OF_PAYMENT = prepare(
    _kept().where(tax_document.c.payment_id == bindparam("wanted")).order_by(tax_document.c.id)
)
BY_NUMBER = prepare(
    _kept().where(
        tax_document.c.gstin == bindparam("of"), tax_document.c.number == bindparam("wanted")
    )
)
BY_HASH = prepare(_kept().where(tax_document.c.sha256 == bindparam("wanted")))


@dataclass(frozen=True, slots=True)
class PostgresDocuments:
    connection: Connection
    writes: list[Write]

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        return [to_document(row) for row in await self.connection.fetch(OF_PAYMENT, wanted=payment)]

    def issue(self, particulars: Particulars) -> None:
        if any(write.name == NUMBERED for write in self.writes):
            raise ValueError("one document a unit")
        values = to_columns(particulars)
        self.writes.append(Write(NEXT_NUMBER, values, name=NUMBERED))
        self.writes.append(Write(ISSUE, values, expects="tax document", name=ISSUED))

    def cancel(self, document: TaxDocument, cancellation: Cancellation) -> None:
        values = {
            "of": document.particulars.company.gstin.text,
            "told": str(document.number),
            "at": cancellation.at,
            "why": cancellation.why,
        }
        self.writes.append(Write(CANCEL, values, expects="tax document"))


@dataclass(frozen=True, slots=True)
class PostgresDocumentReads:
    """*seller* is our present GSTIN: a document number is unique for one GSTIN only."""

    database: Database
    seller: Gstin

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        return [to_document(row) for row in await self.database.fetch(OF_PAYMENT, wanted=payment)]

    async def by_number(self, number: DocumentNumber) -> RegisteredDocument:
        rows = await self.database.fetch(BY_NUMBER, of=self.seller.text, wanted=str(number))
        if not rows:
            raise NotFound("tax document", str(number))
        return to_document(rows[0])

    async def by_hash(self, sha256: str) -> RegisteredDocument:
        rows = await self.database.fetch(BY_HASH, wanted=sha256)
        if not rows:
            raise NotFound("tax document", "with that hash")
        return to_document(rows[0])


def to_document(row: Mapping[str, Any]) -> RegisteredDocument:
    """Return the document in *row*, or raise ``SnapshotDamaged``."""
    at = row["cancelled_at"]
    return RegisteredDocument(
        document=from_snapshot(row["snapshot"], row["sha256"]),
        sha256=row["sha256"],
        cancelled=None if at is None else Cancellation(at=at, why=row["cancelled_why"]),
    )


def to_columns(said: Particulars) -> dict[str, object]:
    """Return the columns of a new document, without those that follow from its number."""
    head, tail = around_number(said)
    original = said.original
    return {
        "gstin": said.company.gstin.text,
        "series": said.series,
        "financial_year": said.year.start,
        "kind": said.kind,
        "document_date": said.date,
        "issued_at": said.issued_at,
        "payment_id": said.payment.order,
        "refund_id": original.refund.refund if original else None,
        "original_number": str(original.number) if original else None,
        "ordinal": original.ordinal if original else None,
        "buyer_gstin": said.buyer.gstin.text if said.buyer.gstin else None,
        "place_code": said.place.code,
        "sac": said.sac,
        "gst_rate": said.gst_rate.percent,
        "taxable_paise": said.heads.taxable.paise,
        "cgst_paise": said.heads.cgst.paise,
        "sgst_paise": said.heads.sgst.paise,
        "igst_paise": said.heads.igst.paise,
        "stem": number_prefix(said.series, said.year),
        "head": head,
        "tail": tail,
    }
