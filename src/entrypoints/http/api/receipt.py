"""Downloads of a payment's documents: the invoice and the credit notes, as they were filed."""

import re
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, QueryParameter

from application.documents.download_document import DownloadDocumentCommand
from domain.documents.document_number import DocumentNumber
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.payment import StudentNamed, named
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, refusals
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.documents.document_files import DocumentNotReady
from ports.documents.document_renderer import Copy

PDF: Final = "application/pdf"
KEPT: Final = "private, no-cache"
"""The student's own browser may cache it, and revalidates it each time."""

NUMBER_EXAMPLES: Final = [Example(summary="A credit note", value="CRN/2627/0000001")]
SAID: Final = {
    int(HTTPStatus.OK): ResponseSpec(
        data_container=bytes,
        generate_examples=False,
        description="The document as PDF, under its number: `INV-2627-0000001.pdf`",
        media_type=PDF,
        examples=[Example(summary="A tax invoice", value="%PDF-1.7 ...")],
    ),
    int(HTTPStatus.NOT_MODIFIED): ResponseSpec(
        data_container=None,
        generate_examples=False,
        description="The asker has it: its ETag was among those of If-None-Match",
    ),
} | refusals(
    problem_types.NOT_FOUND,
    problem_types.NO_DOCUMENT,
    problem_types.DOCUMENT_NOT_READY,
    problem_types.REQUEST_INVALID,
    problem_types.STUDENT_INVALID,
    *ALWAYS,
)

_TAG: Final = re.compile(r'"([0-9a-f]{64})"')


@get(
    "/receipt/{transaction_id:str}",
    opt=opened_to(
        Permission.SEE_OWN_PAYMENTS,
        Budget.READ,
        or_else=Permission.SEE_ALL_PAYMENTS,
        server_keys=True,
    ),
    security=BY_KEY_TOO,
    summary="Invoice or credit note as PDF",
    operation_id="download_document",
    responses=SAID,
)
async def receipt(
    request: Request[Caller, Any, Any],
    transaction_id: FromPath[str],
    deps: Deps,
    *,
    number: Annotated[
        str | None,
        QueryParameter(
            required=False,
            description="Number of the document, one of `invoice_number` and `credit_note_numbers` of"
            " the payment's status; the invoice when it is left out.",
            examples=NUMBER_EXAMPLES,
        ),
    ] = None,
    copy: Annotated[
        Copy,
        QueryParameter(
            description="`original` is the recipient's; `duplicate`, the supplier's, is for staff only."
        ),
    ] = Copy.ORIGINAL,
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> Response[bytes | None]:
    """
    Return the payment's invoice, or its document with that number, to its student or to staff.

    The bytes are those that were filed and mailed. For a moment after a payment they are not there
    yet: `document-not-ready`, and the same request is answered a little later.
    """
    if copy is Copy.DUPLICATE:
        request.user.check(Permission.SEE_ALL_PAYMENTS)
    wanted = DownloadDocumentCommand(
        payment=named(transaction_id),
        student=None if request.user.may(Permission.SEE_ALL_PAYMENTS) else request.user.id,
        number=DocumentNumber.parse(number) if number is not None else None,
        copy=copy,
        had=frozenset(_TAG.findall(request.headers.get("if-none-match", ""))),
    )
    try:
        file = await deps.documents.download_document(wanted)
    except DocumentNotReady:
        await deps.process.wake_workers()
        raise
    headers = {"ETag": f'"{file.file}"', "Cache-Control": KEPT}
    if file.content is None:
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    named_as = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=PDF, headers=headers | named_as)


receipt_routes = Router("/api/payment", route_handlers=[receipt], tags=["Documents"])
