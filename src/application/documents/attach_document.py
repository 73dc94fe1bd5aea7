"""Attach the recipient's copy of a document to the email that is about it."""

from dataclasses import dataclass

from application.documents.download_document import invoice_on_file
from application.documents.fetch_file import FetchFile, file_name
from domain.documents.tax_document import TaxDocument
from domain.identifiers import PaymentId, RefundId
from ports.documents.document_files import DocumentNotReady, DocumentOnFile, FiledDocuments
from ports.documents.document_renderer import Copy
from ports.notifications.email_sender import Attachment


@dataclass(frozen=True, slots=True)
class DocumentAttachment:
    document: TaxDocument
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class AttachDocument:
    """
    Both methods return None when there is no such document, or it is cancelled.

    Both raise ``FilesUnavailable``, and ``DocumentNotReady`` while the document's file is not there.
    """

    filed: FiledDocuments
    fetch_file: FetchFile

    async def invoice(self, payment: PaymentId) -> DocumentAttachment | None:
        """Return the invoice or bill of supply of *payment*."""
        return await self._attachment(payment, invoice_on_file(await self.filed.about(payment)))

    async def note(self, payment: PaymentId, refund: RefundId) -> DocumentAttachment | None:
        """Return the credit note for *refund*."""
        on_file = await self.filed.about(payment)
        notes = (each for each in on_file.documents if _is_note_for(each, refund))
        return await self._attachment(payment, next(notes, None))

    async def _attachment(
        self, payment: PaymentId, on_file: DocumentOnFile | None
    ) -> DocumentAttachment | None:
        if on_file is None:
            return None
        document, filing = on_file.registered.document, on_file.filing(Copy.ORIGINAL)
        if filing is None:
            raise DocumentNotReady(f"{document.number} has no file yet")
        content = await self.fetch_file(payment, on_file, filing)
        return DocumentAttachment(
            document, Attachment(name=file_name(on_file, Copy.ORIGINAL), content=content)
        )


def _is_note_for(document: DocumentOnFile, refund: RefundId) -> bool:
    original = document.registered.document.particulars.original
    stands = document.registered.cancelled is None
    return stands and original is not None and original.refund.refund == refund
