"""Download a payment's document as it was filed: its own student may, and staff."""

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
    *student* is the student who asks, None for staff, who may download every document.

    Without a *number* the invoice is meant. *had* are hashes of files that the client has already.
    """

    payment: PaymentId
    student: StudentId | None
    number: DocumentNumber | None = None
    copy: Copy = Copy.ORIGINAL
    had: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A PDF under a *name* in plain ASCII; *content* is None when the client has the file already."""

    name: str
    file: FileHash
    content: bytes | None


@dataclass(frozen=True, slots=True)
class DownloadDocument:
    filed: FiledDocuments
    fetch_file: FetchFile

    async def __call__(self, command: DownloadDocumentCommand) -> DocumentFile:
        """
        Return the file of the document and copy.

        Raises
        - ``NotFound``, also for another student's payment;
        - ``NoDocument`` when no invoice is due;
        - ``DocumentNotReady`` when the document is due and not issued, or its file is not there yet;
        - ``FilesUnavailable``.
        """
        on_file = await self.filed.about(command.payment)
        if command.student not in {None, on_file.student}:
            raise NotFound("payment", command.payment)
        document = _chosen(on_file, command)
        filing = document.filing(command.copy)
        if filing is None:
            number = document.registered.document.number
            raise DocumentNotReady(f"{number} is issued, and its file is being made")
        content = None
        if filing.file not in command.had:
            content = await self.fetch_file(command.payment, document, filing)
        return DocumentFile(
            name=file_name(document, command.copy), file=filing.file, content=content
        )


def _chosen(on_file: PaymentOnFile, command: DownloadDocumentCommand) -> DocumentOnFile:
    if command.number is not None:
        for each in on_file.documents:
            if each.registered.document.number == command.number:
                return each
        raise NotFound("document", str(command.number))
    invoice = invoice_on_file(on_file)
    if invoice is not None:
        return invoice
    if on_file.paid and on_file.supplied:
        raise DocumentNotReady("the invoice is due, and not issued yet")
    raise NoDocument("nothing was paid here that has to be invoiced")


def invoice_on_file(on_file: PaymentOnFile) -> DocumentOnFile | None:
    """Return the invoice or bill of supply that is not cancelled, None when there is none."""
    invoice = standing_invoice([each.registered for each in on_file.documents])
    return next((each for each in on_file.documents if each.registered is invoice), None)
