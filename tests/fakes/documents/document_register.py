"""The register of tax documents in memory: the number is given as the document is written."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.documents.document_number import DocumentNumber
from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.tax_document import (
    Cancellation,
    DocumentKind,
    Particulars,
    RegisteredDocument,
    TaxDocument,
    sum_of,
)
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from domain.tax.gstin import Gstin
from fakes.store import Change, FaultOfOurs, Store


@dataclass(frozen=True, slots=True)
class MemoryDocuments:
    store: Store
    changes: list[Change]

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        await asyncio.sleep(0)
        return _of(self.store, payment)

    def issue(self, particulars: Particulars) -> None:
        if any(getattr(change, "issues", False) for change in self.changes):
            raise ValueError("one document a unit")

        self.changes.append(_Issue(particulars))

    def cancel(self, document: TaxDocument, cancellation: Cancellation) -> None:
        def change(store: Store) -> None:
            for place, known in enumerate(store.documents):
                if known.document == document and known.cancelled is None:
                    if _notes(store, document):
                        raise FaultOfOurs("a document with notes against it is not cancelled")
                    store.documents[place] = replace(known, cancelled=cancellation)
                    return
            raise ChangedMeanwhile("tax document")

        self.changes.append(change)


@dataclass(frozen=True, slots=True)
class _Issue:
    said: Particulars
    issues: bool = True

    def __call__(self, store: Store) -> None:
        said = self.said
        _refuse_second(store, said)
        run = (said.company.gstin.text, said.series, said.year.start)
        store.document_numbers[run] = store.document_numbers.get(run, 0) + 1
        document = TaxDocument(
            number=DocumentNumber(said.series, said.year, store.document_numbers[run]),
            particulars=said,
        )
        store.documents.append(
            RegisteredDocument(document=document, sha256=sha256_of(snapshot(document)))
        )


@dataclass(frozen=True, slots=True)
class MemoryDocumentReads:
    store: Store
    seller: Gstin

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        await asyncio.sleep(0)
        return _of(self.store, payment)

    async def by_number(self, number: DocumentNumber) -> RegisteredDocument:
        await asyncio.sleep(0)
        for known in self.store.documents:
            at = known.document
            if (at.number, at.particulars.company.gstin) == (number, self.seller):
                return known
        raise NotFound("tax document", str(number))

    async def by_hash(self, sha256: str) -> RegisteredDocument:
        await asyncio.sleep(0)
        for known in self.store.documents:
            if known.sha256 == sha256:
                return known
        raise NotFound("tax document", "with that hash")


def _of(store: Store, payment: PaymentId) -> Sequence[RegisteredDocument]:
    return [
        known for known in store.documents if known.document.particulars.payment.order == payment
    ]


def _refuse_second(store: Store, said: Particulars) -> None:
    about = _of(store, said.payment.order)
    if said.original is None:
        if any(not one.document.kind.credits and one.cancelled is None for one in about):
            raise ChangedMeanwhile("tax_document_one_invoice")
        return
    original = next(
        (
            one
            for one in about
            if one.document.number == said.original.number
            and one.document.particulars.company.gstin == said.company.gstin
        ),
        None,
    )
    notes = [
        one
        for one in about
        if one.document.particulars.original
        and one.document.particulars.original.number == said.original.number
    ]
    for one in notes:
        known = one.document.particulars.original
        if known and known.ordinal == said.original.ordinal:
            raise ChangedMeanwhile("tax_document_note_order")
        if known and known.refund.refund == said.original.refund.refund and not one.cancelled:
            raise ChangedMeanwhile("tax_document_one_note")
    if original is None or original.cancelled or original.document.kind.credits:
        raise FaultOfOurs("a note refers to an issued document about the same payment")
    standing = [one.document for one in notes if one.cancelled is None]
    charged = original.document.heads
    every = sum_of([*(one.heads for one in standing), said.heads])
    taxed = sum_of(
        [
            *(one.heads for one in standing if one.kind is DocumentKind.CREDIT_NOTE),
            *([said.heads] if said.kind is DocumentKind.CREDIT_NOTE else []),
        ]
    )
    if (
        every.total > charged.total
        or taxed.taxable > charged.taxable
        or every.cgst > charged.cgst
        or every.igst > charged.igst
    ):
        raise FaultOfOurs("the notes pass what was charged")


def _notes(store: Store, document: TaxDocument) -> bool:
    return any(
        one.cancelled is None
        and one.document.particulars.original is not None
        and one.document.particulars.original.number == document.number
        for one in store.documents
    )
