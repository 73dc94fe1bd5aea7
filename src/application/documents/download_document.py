"""Handing a payment's document over to whom it belongs, or to staff: as the file that was filed."""

from dataclasses import dataclass

from application.documents.fetch_file import FetchFile, file_name
from application.documents.issue_document import standing_invoice
from domain.documents.document_number import DocumentNumber
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from ports.documents.document_files import (
    DocumentNotReady,
    DocumentOnFile,
    FiledDocuments,
    NoDocument,
    PaymentOnFile,
)
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadDocumentCommand:
    """
    *student* is who asks for their own, None for staff, who may see everybody's. Without a *number*
    the invoice is meant. Whoever asks has the files *had* already.
    """

    payment: PaymentId
    student: StudentId | None
    number: DocumentNumber | None = None
    copy: Copy = Copy.ORIGINAL
    had: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A PDF under a name in plain ASCII; *content* is None when the asker has it already."""

    name: str
    file: FileHash
    content: bytes | None


@dataclass(frozen=True, slots=True)
class DownloadDocument:
    filed: FiledDocuments
    fetch_file: FetchFile

    async def __call__(self, wanted: DownloadDocumentCommand) -> DocumentFile:
        """
        Return the file that was asked for.

        Raises ``NotFound`` for what is not there and for what is another's alike, ``NoDocument`` where
        none is due, ``DocumentNotReady`` while one is, and ``FilesUnavailable``.
        """
        on_file = await self.filed.about(wanted.payment)
        if wanted.student not in {None, on_file.student}:
            raise NotFound("payment", wanted.payment)
        known = _chosen(on_file, wanted)
        filing = known.filing(wanted.copy)
        if filing is None:
            number = known.registered.document.number
            raise DocumentNotReady(f"{number} is issued, and its file is being made")
        content = None
        if filing.file not in wanted.had:
            content = await self.fetch_file(wanted.payment, known, filing)
        return DocumentFile(name=file_name(known, wanted.copy), file=filing.file, content=content)


def _chosen(on_file: PaymentOnFile, wanted: DownloadDocumentCommand) -> DocumentOnFile:
    if wanted.number is not None:
        for each in on_file.documents:
            if each.registered.document.number == wanted.number:
                return each
        raise NotFound("document", str(wanted.number))
    standing = invoice_on_file(on_file)
    if standing is not None:
        return standing
    if on_file.paid and on_file.supplied:
        raise DocumentNotReady("the invoice is due, and not issued yet")
    raise NoDocument("nothing was paid here that has to be invoiced")


def invoice_on_file(on_file: PaymentOnFile) -> DocumentOnFile | None:
    """Return the invoice or bill that is not void, None when there is none."""
    invoice = standing_invoice([each.registered for each in on_file.documents])
    return next((each for each in on_file.documents if each.registered is invoice), None)
