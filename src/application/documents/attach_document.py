"""What goes with a letter: the recipient's copy of the document that the letter is about."""

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
    Both return None where there is no document that stands: nothing was invoiced, or it is void.

    Both raise ``DocumentNotReady`` for one whose file is not there, and ``FilesUnavailable``.
    """

    filed: FiledDocuments
    fetch_file: FetchFile

    async def invoice(self, payment: PaymentId) -> DocumentAttachment | None:
        """Return the invoice or bill of *payment*."""
        return await self._enclosed(payment, invoice_on_file(await self.filed.about(payment)))

    async def note(self, payment: PaymentId, refund: RefundId) -> DocumentAttachment | None:
        """Return the note for *refund*."""
        on_file = await self.filed.about(payment)
        notes = (each for each in on_file.documents if _is_note_for(each, refund))
        return await self._enclosed(payment, next(notes, None))

    async def _enclosed(
        self, payment: PaymentId, known: DocumentOnFile | None
    ) -> DocumentAttachment | None:
        if known is None:
            return None
        document, filing = known.registered.document, known.filing(Copy.ORIGINAL)
        if filing is None:
            raise DocumentNotReady(f"{document.number} has no file yet")
        content = await self.fetch_file(payment, known, filing)
        return DocumentAttachment(
            document, Attachment(name=file_name(known, Copy.ORIGINAL), content=content)
        )


def _is_note_for(known: DocumentOnFile, refund: RefundId) -> bool:
    original = known.registered.document.particulars.original
    stands = known.registered.cancelled is None
    return stands and original is not None and original.refund.refund == refund
