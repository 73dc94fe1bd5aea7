"""The page behind a document's QR code: it shows that we issued the document with this hash."""

import re
from typing import Any, Final

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from domain.documents.tax_document import DocumentKind, RegisteredDocument
from domain.errors import NotFound
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.security.guards import public

KINDS: Final = {
    DocumentKind.TAX_INVOICE: "Tax invoice",
    DocumentKind.BILL_OF_SUPPLY: "Bill of supply",
    DocumentKind.CREDIT_NOTE: "Credit note",
    DocumentKind.COMMERCIAL_CREDIT: "Commercial credit note",
}

_HASH: Final = re.compile(r"[0-9a-f]{64}")


@get("/check/{sha256:str}", opt=public(page=True), include_in_schema=False)
async def check_document(request: PageRequest, sha256: FromPath[str], deps: Deps) -> Template:
    """
    Show number, date and total of the document with this hash, or ``NotFound``.

    The address cannot be guessed: it is the hash of a text that holds our random order id. Nothing
    about the buyer is shown, not even to whoever holds the paper.
    """
    if not _HASH.fullmatch(sha256):
        raise NotFound("document", "with this address")
    return page(request, "check.html", **_shown(await deps.documents.register.by_hash(sha256)))


def _shown(registered: RegisteredDocument) -> dict[str, Any]:
    document = registered.document
    said = document.particulars
    return {
        "kind": KINDS[document.kind],
        "number": str(document.number),
        "date": said.date,
        "issuer": said.company.legal_name,
        "gstin": str(said.company.gstin),
        "total": document.heads.total,
        "sha256": registered.sha256,
        "cancelled": registered.cancelled is not None,
    }
