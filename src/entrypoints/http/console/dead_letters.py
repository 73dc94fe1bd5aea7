"""The console's dead letters: what was given up and why, tried again, closed undone or dismissed."""

import re
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.notifications.dead_letters import WHY_MAX, ClosingRefused
from domain.errors import NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.staff.access import Permission
from domain.text.card_number import CardNumberRefused
from domain.text.email_address import EMAIL_MAX, email_fault
from entrypoints.http import problem_types
from entrypoints.http.api.dead_letter_cursor import (
    NUMBER_MAX,
    read_dead_letter_cursor,
    read_refused_webhook_cursor,
    write_dead_letter_cursor,
    write_refused_webhook_cursor,
)
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import DEAD_LETTER, DEAD_LETTERS, REFUSED_WEBHOOKS
from entrypoints.http.console.words import TASK_WORDS
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.notifications.outbox import OutboxTask

SHOWN: Final = 20
AGAIN, CLOSE = "again", "close"
NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
TO_STUDENTS: Final = frozenset(
    {
        OutboxTask.PAYMENT_CONFIRMATION,
        OutboxTask.PAYMENT_FAILURE,
        OutboxTask.REFUND_REQUESTED,
        OutboxTask.REFUND_CONFIRMATION,
    }
)
"""What may go to another address of the student."""

By = Request[Caller, Any, Any]


@get(DEAD_LETTERS, opt=opened("GET", DEAD_LETTERS), include_in_schema=False)
async def dead_letters(request: PageRequest, deps: Deps) -> Response[Any]:
    """Show a page of dead letters, oldest first, all or those of a task or a payment, and refused webhooks."""
    return await _listed(request, deps)


@post(
    REFUSED_WEBHOOKS,
    status_code=HTTPStatus.OK,
    opt=opened("POST", REFUSED_WEBHOOKS),
    include_in_schema=False,
)
async def dismiss_webhooks(request: By, deps: Deps) -> Response[Any]:
    """Dismiss the refused webhooks that were ticked, for a reason; what is done already stays done."""
    form = await request.form()
    told = form.getall("webhook", [])[:SHOWN]
    ticked = {int(each) for each in told if isinstance(each, str) and NUMBER.fullmatch(each)}
    why = str(form.get("why", "")).strip()
    origin = origin_of_request(request, Source.ADMIN)
    if not ticked:
        fault = "Tick the webhooks that need nothing more."
        return await _listed(request, deps, ticked=ticked, why=why, webhook_fault=fault)
    try:
        await deps.dead_letters.dismiss_webhooks(ticked, why, origin)
    except (ClosingRefused, CardNumberRefused) as refusal:
        # A card number is not shown again.
        fault = problem_of(refusal).detail
        return await _listed(request, deps, ticked=ticked, why_fault=fault)
    except NotFound:
        # Somebody else was faster: nothing is left to do.
        pass
    return Redirect(f"{DEAD_LETTERS}#webhooks", status_code=HTTP_303_SEE_OTHER)


async def _listed(
    request: PageRequest | By,
    deps: Dependencies,
    *,
    ticked: Collection[int] = (),
    why: str = "",
    webhook_fault: str = "",
    why_fault: str = "",
) -> Response[Any]:
    asked = {name: request.query_params.get(name, "").strip() for name in ("task", "payment")}
    cursor = request.query_params.get("cursor") or None
    if asked["task"] and asked["task"] not in set(OutboxTask):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such task.")
    fault = ""
    if asked["payment"] and not is_payment_id(asked["payment"]):
        fault, asked["payment"] = "That is not the id of a payment: SK and 18 characters.", ""
    found = await deps.dead_letters.outbox.dead_letters(
        at_most=SHOWN + 1,
        task=OutboxTask(asked["task"]) if asked["task"] else None,
        payment=PaymentId(asked["payment"]) if asked["payment"] else None,
        after=read_dead_letter_cursor(cursor) if cursor is not None else None,
    )
    shown = found[:SHOWN]
    behind = request.query_params.get("webhooks") or None
    refused = await deps.dead_letters.inbox.refused(
        at_most=SHOWN + 1,
        after=read_refused_webhook_cursor(behind) if behind is not None else None,
    )
    more_webhooks = None
    if len(refused) > SHOWN:
        told = urlencode({"webhooks": write_refused_webhook_cursor(refused[SHOWN - 1])})
        more_webhooks = f"{DEAD_LETTERS}?{told}#webhooks"
    older = None
    if len(found) > SHOWN:
        older = _address(asked, write_dead_letter_cursor(shown[-1]))
    return console_page(
        request,
        "dead_letters.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY
        if fault or webhook_fault or why_fault
        else HTTPStatus.OK,
        letters=shown,
        webhooks=refused[:SHOWN],
        more_webhooks=more_webhooks,
        first_webhooks=f"{DEAD_LETTERS}#webhooks",
        is_first_webhooks=behind is None,
        may_decide=request.user.may(Permission.CLOSE_DEAD_LETTERS),
        ticked=ticked,
        why=why,
        webhook_fault=webhook_fault,
        why_fault=why_fault,
        why_max=WHY_MAX,
        asked=asked,
        fault=fault,
        filtered=any(asked.values()),
        is_first=cursor is None,
        first=_address(asked),
        next=older,
        tasks=TASK_WORDS,
    )


@get(DEAD_LETTER, opt=opened("GET", DEAD_LETTER), include_in_schema=False)
async def dead_letter(request: By, letter: FromPath[int], deps: Deps) -> Response[Any]:
    """Show one dead letter with its error, and what may be done about it."""
    return await _shown(request, deps, letter, {})


@post(
    DEAD_LETTER,
    status_code=HTTPStatus.OK,
    opt=opened("POST", DEAD_LETTER),
    include_in_schema=False,
)
async def decide_dead_letter(request: By, letter: FromPath[int], deps: Deps) -> Response[Any]:
    """Let it be tried again, or close it undone for a reason."""
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("email", "why")}
    decision = str(form.get("decision", ""))
    if decision not in {AGAIN, CLOSE}:
        raise HttpProblem(
            problem_types.REQUEST_INVALID, "A dead letter is tried again or is closed."
        )
    origin = origin_of_request(request, Source.ADMIN)
    _refuse_no_number(letter)
    if decision == AGAIN:
        to = fields["email"] or None
        fault = None if to is None else email_fault(to, international_local=True)
        if fault is not None:
            said = f"{fault[:1].upper()}{fault[1:]}."
            return await _shown(request, deps, letter, fields, email_fault=said)
        await deps.dead_letters.requeue(letter, origin, email=to)
        await deps.process.wake_workers()
        return Redirect(DEAD_LETTERS, status_code=HTTP_303_SEE_OTHER)
    try:
        await deps.dead_letters.close(letter, fields["why"], origin)
    except (ClosingRefused, CardNumberRefused) as refusal:
        # A card number is not shown again.
        fault = problem_of(refusal).detail
        return await _shown(request, deps, letter, {**fields, "why": ""}, why_fault=fault)
    return Redirect(DEAD_LETTERS, status_code=HTTP_303_SEE_OTHER)


async def _shown(
    request: By,
    deps: Dependencies,
    number: int,
    fields: Mapping[str, str],
    *,
    email_fault: str = "",
    why_fault: str = "",
) -> Response[Any]:
    _refuse_no_number(number)
    letter = await deps.dead_letters.outbox.dead_letter(number)
    wrong = bool(email_fault or why_fault)
    return console_page(
        request,
        "dead_letter.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        letter=letter,
        about_payment=is_payment_id(letter.payment),
        to_student=letter.task in TO_STUDENTS,
        may_decide=request.user.may(Permission.CLOSE_DEAD_LETTERS),
        fields=fields,
        email_fault=email_fault,
        why_fault=why_fault,
        why_max=WHY_MAX,
        email_max=EMAIL_MAX,
        tasks=TASK_WORDS,
    )


def _refuse_no_number(number: int) -> None:
    if not 0 < number <= NUMBER_MAX:
        raise NotFound("dead letter", "not a number of one")


def _address(asked: Mapping[str, str], cursor: str = "") -> str:
    said = {name: value for name, value in {**asked, "cursor": cursor}.items() if value}
    return f"{DEAD_LETTERS}?{urlencode(said)}" if said else DEAD_LETTERS
