"""The API of what was given up: tasks of the outbox are requeued or closed, refused webhooks dismissed."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from domain.errors import NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.staff.access import Permission
from domain.text.email_address import email_fault
from entrypoints.http import problem_types
from entrypoints.http.api.dead_letter_cursor import (
    NUMBER_MAX,
    read_dead_letter_cursor,
    read_refused_webhook_cursor,
    write_dead_letter_cursor,
    write_refused_webhook_cursor,
)
from entrypoints.http.api.dead_letter_wire import (
    DEAD_LETTER,
    WEBHOOK,
    DeadLetterClosed,
    DeadLetterRequeued,
    DeadLettersView,
    DeadLetterView,
    RefusedWebhooksView,
    RefusedWebhookView,
    WebhookDismissed,
)
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.dependencies import Deps
from entrypoints.http.faults import FaultCode, errors, field_errors, parameter_fault
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.notifications.outbox import OutboxTask

WHY_EXAMPLE: Final = Example(summary="A reason", value={"why": "Told by telephone"})
OF_ONE: Final = (problem_types.NOT_FOUND, problem_types.CHANGED_MEANWHILE)
FOR_A_REASON: Final = (problem_types.DEAD_LETTER_REASON, problem_types.CARD_NUMBER, *OF_ONE)

By = Request[Caller, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")]


@get(
    "/",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Dead letters",
    operation_id="list_dead_letters",
    responses=answers(
        HTTPStatus.OK,
        DeadLettersView,
        {"items": [DEAD_LETTER], "next": None},
        problem_types.CURSOR_INVALID,
        *ALWAYS,
    ),
)
async def dead_letters(
    deps: Deps,
    *,
    task: Annotated[
        OutboxTask | None, QueryParameter(required=False, description="Only of this task.")
    ] = None,
    payment: Annotated[
        str | None, QueryParameter(required=False, description="Only about this payment.")
    ] = None,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Limit = PAGE_USUAL,
) -> DeadLettersView:
    """Return the tasks that were given up and that nobody has dealt with, the oldest first."""
    if payment is not None and not is_payment_id(payment):
        fault = parameter_fault("payment", FaultCode.INVALID, "it is not the id of a payment")
        raise HttpProblem(problem_types.REQUEST_INVALID, members=errors(fault))
    found = await deps.dead_letters.outbox.dead_letters(
        at_most=limit + 1,
        task=task,
        payment=PaymentId(payment) if payment is not None else None,
        after=read_dead_letter_cursor(cursor) if cursor is not None else None,
    )
    shown = found[:limit]
    return DeadLettersView(
        items=[DeadLetterView.of(each) for each in shown],
        next=write_dead_letter_cursor(shown[-1]) if len(found) > limit else None,
    )


@get(
    "/{letter:int}",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="One dead letter",
    operation_id="get_dead_letter",
    responses=answers(HTTPStatus.OK, DeadLetterView, DEAD_LETTER, problem_types.NOT_FOUND, *ALWAYS),
)
async def dead_letter(letter: FromPath[int], deps: Deps) -> DeadLetterView:
    """Return one task that was given up, with its last error."""
    return DeadLetterView.of(await deps.dead_letters.outbox.dead_letter(_number(letter)))


@post(
    "/{letter:int}/requeue",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.CLOSE_DEAD_LETTERS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Try a dead letter again",
    operation_id="requeue_dead_letter",
    responses=answers(HTTPStatus.OK, DeadLetterView, DEAD_LETTER, *OF_ONE, *WITH_BODY),
)
async def requeue_dead_letter(
    request: By,
    letter: FromPath[int],
    data: Annotated[
        DeadLetterRequeued,
        Body(
            title="Another address, or none",
            examples=[Example(summary="As it was", value={})],
        ),
    ],
    deps: Deps,
) -> DeadLetterView:
    """Let a worker try it again, and return it as it was given up. Mend the cause first."""
    fault = None if data.email is None else email_fault(data.email, international_local=True)
    if fault is not None:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            members=field_errors(("email", fault), code=FaultCode.INVALID),
        )
    origin = origin_of_request(request, Source.ADMIN)
    done = await deps.dead_letters.requeue(_number(letter), origin, email=data.email)
    await deps.process.wake_workers()
    return DeadLetterView.of(done)


@post(
    "/{letter:int}/close",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.CLOSE_DEAD_LETTERS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Close a dead letter undone",
    operation_id="close_dead_letter",
    responses=answers(HTTPStatus.OK, DeadLetterView, DEAD_LETTER, *FOR_A_REASON, *WITH_BODY),
)
async def close_dead_letter(
    request: By,
    letter: FromPath[int],
    data: Annotated[DeadLetterClosed, Body(title="Why", examples=[WHY_EXAMPLE])],
    deps: Deps,
) -> DeadLetterView:
    """Close it for a reason, and return it as it was given up; nobody tries it again."""
    origin = origin_of_request(request, Source.ADMIN)
    return DeadLetterView.of(await deps.dead_letters.close(_number(letter), data.why, origin))


@get(
    "/",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Refused webhooks",
    operation_id="list_refused_webhooks",
    responses=answers(
        HTTPStatus.OK,
        RefusedWebhooksView,
        {"items": [WEBHOOK], "next": None},
        problem_types.CURSOR_INVALID,
        *ALWAYS,
    ),
)
async def refused_webhooks(
    deps: Deps,
    *,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Limit = PAGE_USUAL,
) -> RefusedWebhooksView:
    """Return webhooks of the bank about no order of ours that nobody has dismissed, the oldest first."""
    found = await deps.dead_letters.inbox.refused(
        at_most=limit + 1,
        after=read_refused_webhook_cursor(cursor) if cursor is not None else None,
    )
    shown = found[:limit]
    return RefusedWebhooksView(
        items=[RefusedWebhookView.of(each) for each in shown],
        next=write_refused_webhook_cursor(shown[-1]) if len(found) > limit else None,
    )


@get(
    "/{webhook:int}",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="One refused webhook",
    operation_id="get_refused_webhook",
    responses=answers(HTTPStatus.OK, RefusedWebhookView, WEBHOOK, problem_types.NOT_FOUND, *ALWAYS),
)
async def refused_webhook(webhook: FromPath[int], deps: Deps) -> RefusedWebhookView:
    """Return one refused webhook that nobody has dismissed."""
    for found in await deps.dead_letters.inbox.refused(at_most=1, ids=[_number(webhook)]):
        return RefusedWebhookView.of(found)
    raise NotFound("refused webhook", str(webhook))


@post(
    "/{webhook:int}/dismiss",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.CLOSE_DEAD_LETTERS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Dismiss a refused webhook",
    operation_id="dismiss_refused_webhook",
    responses=answers(HTTPStatus.OK, RefusedWebhookView, WEBHOOK, *FOR_A_REASON, *WITH_BODY),
)
async def dismiss_refused_webhook(
    request: By,
    webhook: FromPath[int],
    data: Annotated[WebhookDismissed, Body(title="Why", examples=[WHY_EXAMPLE])],
    deps: Deps,
) -> RefusedWebhookView:
    """Say that nothing has to be done about it, and return it as it was."""
    origin = origin_of_request(request, Source.ADMIN)
    (done,) = await deps.dead_letters.dismiss_webhooks([_number(webhook)], data.why, origin)
    return RefusedWebhookView.of(done)


def _number(told: int) -> int:
    """Return *told* where it can be the number of one."""
    if not 0 < told <= NUMBER_MAX:
        raise NotFound("entry", "not a number of one")
    return told


dead_letter_routes = Router(
    "/api/admin/dead-letters",
    route_handlers=[dead_letters, dead_letter, requeue_dead_letter, close_dead_letter],
    tags=["Given up"],
)
refused_webhook_routes = Router(
    "/api/admin/refused-webhooks",
    route_handlers=[refused_webhooks, refused_webhook, dismiss_refused_webhook],
    tags=["Given up"],
)
