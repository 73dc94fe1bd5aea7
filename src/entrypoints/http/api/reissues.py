"""Re-issues of settlements that wait for finance: taken, or declined."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import settlement_examples as examples
from entrypoints.http.api.settlement_wire import NAMED_MAX, FileShown, ReissueAsked
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import SIGNED_IN, WITH_BODY, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.file_store import FileHash

Asked = Request[Caller, Any, Any]
Decision = Annotated[
    ReissueAsked,
    Body(
        title="Which, and why",
        examples=[Example(summary="A settlement", value=examples.REISSUE)],
    ),
]


@post(
    "/settlement-files/{sha256:str}/take",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Take a re-issue that waits",
    operation_id="take_reissue",
    responses=answers(
        HTTPStatus.OK,
        FileShown,
        examples.FILE,
        problem_types.NOT_FOUND,
        problem_types.REISSUE_NOT_WAITING,
        problem_types.REFUND_REASON,
        problem_types.CARD_NUMBER,
        *WITH_BODY,
    ),
)
async def take_reissue(
    request: Asked,
    sha256: FromPath[str],
    data: Decision,
    deps: Deps,
) -> FileShown:
    """Let the re-issue of a settlement in this file stand for what other files have reported of it."""
    origin = origin_of_request(request, Source.ADMIN)
    file = FileHash(sha256[:NAMED_MAX])
    taken = await deps.settlements.take(file, data.settlement, data.reason, origin)
    return FileShown.of(taken)


@post(
    "/settlement-files/{sha256:str}/decline",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Decline a re-issue that waits",
    operation_id="decline_reissue",
    responses=answers(
        HTTPStatus.OK,
        FileShown,
        examples.FILE,
        problem_types.NOT_FOUND,
        problem_types.REISSUE_NOT_WAITING,
        problem_types.REFUND_REASON,
        problem_types.CARD_NUMBER,
        *WITH_BODY,
    ),
)
async def decline_reissue(
    request: Asked,
    sha256: FromPath[str],
    data: Decision,
    deps: Deps,
) -> FileShown:
    """
    Keep that the re-issue of a settlement in this file is not taken: what other files have reported still counts,
    and no reconciliation awaits it. It may be taken later all the same.
    """
    origin = origin_of_request(request, Source.ADMIN)
    file = FileHash(sha256[:NAMED_MAX])
    declined = await deps.settlements.decline(file, data.settlement, data.reason, origin)
    return FileShown.of(declined)
