"""Filings in memory, with the database's own rules: one by one, never the same again, never changed."""

import asyncio
from dataclasses import dataclass

from domain.documents.tax_document import RegisteredDocument, TaxDocument
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from fakes.store import Change, FaultOfOurs, Store
from ports.documents.document_files import DocumentOnFile, Filing, PaymentOnFile
from ports.documents.document_renderer import Copy


@dataclass(frozen=True, slots=True)
class MemoryFilingWrites:
    changes: list[Change]

    def add(self, document: TaxDocument, filing: Filing) -> None:
        def change(store: Store) -> None:
            place = _place(document, filing.copy)
            before = store.filings.get(place, ())
            if 0 < filing.ordinal <= len(before):
                raise ChangedMeanwhile("document_file_pkey")
            if filing.ordinal != len(before) + 1:
                raise FaultOfOurs("copies are filed one by one")
            if before and before[-1].file == filing.file:
                raise FaultOfOurs("the same file is not filed again")
            if filing.void and not _is_void(store, document):
                raise FaultOfOurs("this document is not cancelled")
            store.filings[place] = (*before, filing)

        self.changes.append(change)


@dataclass(frozen=True, slots=True)
class MemoryFiledDocuments:
    store: Store

    async def about(self, payment: PaymentId) -> PaymentOnFile:
        await asyncio.sleep(0)
        known = self.store.payments.get(payment)
        if known is None:
            raise NotFound("payment", payment)
        return PaymentOnFile(
            student=known.student.id,
            paid=bool(known.captured),
            supplied=payment in self.store.enrolments,
            documents=[
                self._on_file(each)
                for each in self.store.documents
                if each.document.particulars.payment.order == payment
            ],
        )

    def _on_file(self, registered: RegisteredDocument) -> DocumentOnFile:
        found = (self.store.filings.get(_place(registered.document, copy)) for copy in sorted(Copy))
        return DocumentOnFile(
            registered=registered, filings=tuple(each[-1] for each in found if each)
        )


def _place(document: TaxDocument, copy: Copy) -> tuple[str, str, Copy]:
    return document.particulars.company.gstin.text, str(document.number), copy


def _is_void(store: Store, document: TaxDocument) -> bool:
    return any(each.document == document and each.cancelled for each in store.documents)
