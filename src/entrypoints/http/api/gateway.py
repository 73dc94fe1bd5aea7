"""The routes for the bank: callback and webhook, each verified, and each only a reason to read the order."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import MediaType, Request, Response, Router, get, post
from litestar.background_tasks import BackgroundTask
from litestar.enums import RequestEncodingType
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from entrypoints.http import problem_types
from entrypoints.http.api.gateway_messages import Event, SignedForm, SignedQuery
from entrypoints.http.api.tracking import without_tracking
from entrypoints.http.api.wire import Accepted
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.openapi_responses import BY_THE_BANK, NO_CREDENTIALS, answers, refusal_pages
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import Connection, client_of, origin_of_request, public
from entrypoints.settings.settings import Settings
from entrypoints.telemetry.telemetry import Telemetry
from ports.audit_log import Source
from ports.payments.gateway_messages import ForgedMessage, MalformedMessage
from ports.payments.inbox import EntryState

log = logging.getLogger(__name__)

WEBHOOK: Final = "/api/payment/webhook"
REFUSAL: Final = "shulk_webhook_refusal"
"""Where the scope holds why a webhook was refused before the router, which answers it."""

FIELDS_MAX: Final = 64
FROM_THE_BANK: Final = public(None, from_elsewhere=True, foreign_credentials=True, any_query=True)
CALLBACK: Final = FROM_THE_BANK | {"page": True}
CALLBACK_ANSWERS: Final = refusal_pages(
    problem_types.FORGED_MESSAGE,
    problem_types.MALFORMED_MESSAGE,
    problem_types.NOT_FOUND,
    problem_types.STORAGE_UNAVAILABLE,
)

Any_ = Request[Any, Any, Any]


@get(
    "/callback",
    status_code=HTTP_303_SEE_OTHER,
    opt=CALLBACK,
    security=NO_CREDENTIALS,
    summary="The student returns from the bank",
    operation_id="return_from_bank",
    operation_class=SignedQuery,
    responses=CALLBACK_ANSWERS,
)
async def callback_by_get(request: Any_, deps: Deps) -> Redirect:
    """Check the signed return, ask the bank, and send the student on to the result page."""
    return await _receive(request, request.scope["query_string"], deps)


@post(
    "/callback",
    status_code=HTTP_303_SEE_OTHER,
    opt=CALLBACK,
    security=NO_CREDENTIALS,
    summary="The student returns from the bank by a form",
    operation_id="return_from_bank_by_form",
    operation_class=SignedForm,
    responses=CALLBACK_ANSWERS
    | refusal_pages(
        problem_types.UNSUPPORTED_MEDIA_TYPE,
        problem_types.BODY_TOO_LARGE,
        problem_types.BODY_TOO_SLOW,
    ),
)
async def callback_by_post(request: Any_, deps: Deps) -> Redirect:
    """Do the same for a form that the bank's page sends through the student's browser."""
    if request.content_type[0] != RequestEncodingType.URL_ENCODED.value:
        raise HttpProblem(
            problem_types.UNSUPPORTED_MEDIA_TYPE,
            "A return by POST comes as application/x-www-form-urlencoded.",
        )
    return await _receive(request, await request.body(), deps)


@post(
    "/webhook",
    status_code=HTTPStatus.OK,
    opt=FROM_THE_BANK,
    security=BY_THE_BANK,
    summary="The bank tells something",
    operation_id="receive_bank_event",
    operation_class=Event,
    responses=answers(
        HTTPStatus.OK,
        Accepted,
        {},
        problem_types.FORGED_MESSAGE,
        problem_types.MALFORMED_MESSAGE,
        problem_types.BODY_TOO_LARGE,
        problem_types.BODY_TOO_SLOW,
        problem_types.TOO_MANY_REQUESTS,
        problem_types.STORAGE_UNAVAILABLE,
    ),
)
async def webhook(
    request: Any_,
    deps: Deps,
) -> Response[Accepted]:
    """Keep the event durably, then answer 200; what it means is looked into afterwards."""
    if (refusal := request.scope.get(REFUSAL)) is not None:
        raise refusal  # type: ignore[misc]  # what was raised before the router
    await take_webhook(request, deps, request.body)
    return Response(
        Accepted(), media_type=MediaType.JSON, background=BackgroundTask(deps.process.wake_workers)
    )


async def take_webhook(
    request: Connection, deps: Dependencies, body: Callable[[], Awaitable[bytes]]
) -> None:
    """
    Return once the event is stored durably; *body* reads it, and is called for whoever has the credentials alone.

    Raises ``ForgedMessage``, ``MalformedMessage``, ``StorageUnavailable``, and ``HttpProblem`` after too many guesses.
    """
    headers, failed = _headers(request), request.app.state.failed_authentication
    address = client_of(request)
    await failed.refuse_guesses(address)
    try:
        with _telemetry(request).evidence("webhook") as tell:
            # Before the body is read: nobody without credentials makes us wait for a megabyte.
            deps.evidence.check_webhook_sender(headers)
            kept = await deps.evidence.receive_webhook(headers, await body())
            tell("known" if kept is EntryState.APPLIED else "taken")
    except ForgedMessage:
        await failed.count(address)
        raise
    failed.trust(address)


async def _receive(request: Any_, encoded: bytes, deps: Dependencies) -> Redirect:
    origin = origin_of_request(request, Source.CALLBACK, actor="bank")
    with _telemetry(request).evidence("callback") as tell:
        fields, foreign = without_tracking(_fields(encoded))
        if foreign:
            log.info("callback.changed", extra={"fields": list(foreign)})
        returned = await deps.evidence.receive_callback(fields, origin)
        tell("taken")
    answered = "?answered=1" if returned.answered else ""
    return Redirect(
        f"/result/{returned.payment}{answered}",
        status_code=HTTP_303_SEE_OTHER,
        background=BackgroundTask(deps.process.wake_workers),
    )


def _telemetry(request: Connection) -> Telemetry:
    found: Telemetry = request.app.state.telemetry
    return found


def _fields(encoded: bytes) -> list[tuple[str, str]]:
    """Return names and values decoded once, in order, with repeats."""
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise MalformedMessage("its fields cannot be decoded") from None


def _headers(request: Connection) -> Mapping[str, str]:
    # A header sent twice is one value with a comma to HTTP, and thereby no valid credential.
    names = {name.lower() for name in request.headers}
    return {name: ", ".join(request.headers.getall(name)) for name in names}


def bank_routes(settings: Settings) -> list[Router]:
    """Return the routes for the bank, the webhook with a body limit of its own."""
    return [
        Router(
            "/api/payment",
            route_handlers=[callback_by_get, callback_by_post],
            tags=["From the bank"],
        ),
        Router(
            "/api/payment",
            route_handlers=[webhook],
            request_max_body_size=settings.webhook_body_limit_bytes,
            tags=["From the bank"],
        ),
    ]
