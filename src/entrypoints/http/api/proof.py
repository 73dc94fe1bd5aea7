"""The proof pack of a payment: written to a temporary file, then streamed."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath
from litestar.response import Stream

from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.file_stream import streamed
from entrypoints.http.api.payment import named
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, refusals
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

PACKED: Final = {
    int(HTTPStatus.OK): ResponseSpec(
        data_container=bytes,
        generate_examples=False,
        description="The pack as a ZIP archive",
        media_type="application/octet-stream",
        examples=[Example(summary="The beginning of an archive", value="PK")],
    )
} | refusals(
    problem_types.NOT_FOUND,
    problem_types.PROOF_REFUSED,
    problem_types.PROOF_UNSIGNED,
    problem_types.DOCUMENT_NOT_READY,
    problem_types.REQUEST_INVALID,
    *ALWAYS,
)


@get(
    "/{transaction_id:str}/proof",
    opt=opened_to(Permission.MAKE_PROOFS, Budget.STAFF),
    security=SIGNED_IN,
    summary="The proof pack of a payment",
    operation_id="export_proof",
    responses=PACKED,
)
async def export_proof(
    request: Request[Caller, Any, Any], transaction_id: FromPath[str], deps: Deps
) -> Stream:
    """
    Return all that is known of the payment in one signed archive, which `shulk proof verify` checks with
    nothing but the public key of the audit log. The audit log names who made it.
    """
    wanted = named(transaction_id)
    origin = origin_of_request(request, Source.ADMIN)
    return await streamed(
        lambda file: deps.documents.make_proof(wanted, file, origin),
        f"proof-{wanted}.zip",
        "application/zip",
    )


proof_routes = Router("/api/admin/payments", route_handlers=[export_proof], tags=["Payments"])
