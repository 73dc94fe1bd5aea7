"""The console's archive: months as files, until when these are kept, and which were deleted."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get
from litestar.response import Response

from domain.audit.archive_state import ArchiveState
from domain.identifiers import PaymentId, is_payment_id
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import ARCHIVE
from entrypoints.http.dependencies import Deps
from entrypoints.http.security.identity import Caller

KIND_WORDS: Final = {
    "audit_log": "Audit log",
    "inbox": "Webhooks of the bank",
    "outbox": "Tasks",
    "decision_basis": "Decisions",
}
STATE_WORDS: Final = {
    ArchiveState.OPEN: "To be exported anew",
    ArchiveState.EXPORTED: "Exported",
    ArchiveState.VERIFIED: "Read back",
    ArchiveState.DROPPED: "In the archive",
    ArchiveState.DELETING: "About to be deleted",
    ArchiveState.DELETED: "Deleted",
}
NO_PAYMENT: Final = "This is no id of a payment. It begins with SK."
ID_MAX: Final = 40

By = Request[Caller, Any, Any]


@get(ARCHIVE, opt=opened("GET", ARCHIVE), include_in_schema=False)
async def archive(request: By, deps: Deps) -> Response[Any]:
    """Show all archived months, or those whose files hold something about a payment."""
    payment = request.query_params.get("payment", "").strip()
    fault = NO_PAYMENT if payment and not is_payment_id(payment) else ""
    about = PaymentId(payment) if payment and not fault else None
    return console_page(
        request,
        "archive.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        fault=fault,
        # What is no id may be anything, and is not repeated.
        payment=about or "",
        id_max=ID_MAX,
        months=[] if fault else await deps.archive(about),
        kind_words=KIND_WORDS,
        state_words=STATE_WORDS,
    )
