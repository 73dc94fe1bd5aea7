"""The console's endpoints of the platform: added, tested, rotated, disabled, replayed, and what each was told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.webhooks.manage_endpoints import EndpointWithSecret, NewEndpoint, TestedEndpoint
from domain.business_day import IST
from domain.errors import DomainError, NotFound
from domain.staff.access import Permission
from domain.text.card_number import CardNumberRefused
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import (
    DESCRIPTION_MAX,
    URL_MAX,
    WHY_MAX,
    EndpointId,
    EndpointState,
    PlatformEndpoint,
)
from entrypoints.http import problem_types
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import WEBHOOK, WEBHOOKS
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

SHOWN: Final = 20
NUMBER_DIGITS_MAX: Final = 18
ID_MAX: Final = 20
NO_TIME: Final = "A time is chosen by its two days and hours, and ends after it begins."
NOT_SURE: Final = "Say that nothing is to be told there any more."
DELIVERY_WORDS: Final[Mapping[str, str]] = {"new": "Waits", "done": "Taken", "dead": "Given up"}
TYPES: Final = tuple(
    each for each in WebhookEventType if each is not WebhookEventType.ENDPOINT_TEST
)

By = Request[Caller, Any, Any]


class EndpointAction(StrEnum):
    """What may be done about an endpoint."""

    TEST = "test"
    ROTATE = "rotate"
    DISABLE = "disable"
    ENABLE = "enable"
    REPLAY = "replay"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a form held, and what came of it; *at* names the part of the page that a *fault* is about."""

    fields: Mapping[str, str]
    at: str = ""
    fault: str = ""
    tested: TestedEndpoint | None = None
    replayed: int | None = None


@get(WEBHOOKS, opt=opened("GET", WEBHOOKS), include_in_schema=False)
async def webhooks(request: By, deps: Deps) -> Response[Any]:
    """Show all endpoints with their state, and the form for another one."""
    return await _listed(request, deps, {}, frozenset())


@post(WEBHOOKS, status_code=HTTPStatus.OK, opt=opened("POST", WEBHOOKS), include_in_schema=False)
async def add_webhook(request: By, deps: Deps) -> Response[Any]:
    """Add an endpoint; its secret is shown at once, and only now."""
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("url", "description")}
    types = frozenset(each for each in TYPES if each.value in form.getall("type", []))
    new = NewEndpoint(
        url=fields["url"],
        types=types,
        description=fields["description"],
        origin=origin_of_request(request, Source.ADMIN),
    )
    try:
        added = await deps.webhooks.manage.add(new)
    except CardNumberRefused as refusal:
        # It is not shown again.
        without = {**fields, "description": ""}
        return await _listed(request, deps, without, types, fault=problem_of(refusal).detail)
    except DomainError as refusal:
        return await _listed(request, deps, fields, types, fault=problem_of(refusal).detail)
    return _secret(request, added)


@get(WEBHOOK, opt=opened("GET", WEBHOOK), include_in_schema=False)
async def webhook(request: By, endpoint_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show one endpoint, what it was told, and what may be done."""
    return await _shown(request, deps, endpoint_id, Said(fields={}))


@post(WEBHOOK, status_code=HTTPStatus.OK, opt=opened("POST", WEBHOOK), include_in_schema=False)
async def act_on_webhook(request: By, endpoint_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Do what the form says: test it, give it a new secret, disable or enable it, replay, or remove it."""
    form = await request.form()
    act = str(form.get("act", ""))
    if act not in set(EndpointAction):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such act on an endpoint.")
    fields = {name: str(form.get(name, "")).strip() for name in ("why", "since", "until", "sure")}
    if fault := _fault_of(EndpointAction(act), fields):
        told = Said(fields=fields, at=act, fault=fault)
        return await _shown(request, deps, endpoint_id, told)
    try:
        return await _act(request, deps, _named(endpoint_id), EndpointAction(act), fields)
    except NotFound:
        raise
    except DomainError as refusal:
        # A card number is not shown again.
        told = Said(fields={**fields, "why": ""}, at=act, fault=problem_of(refusal).detail)
        return await _shown(request, deps, endpoint_id, told)


async def _act(
    request: By,
    deps: Dependencies,
    endpoint: EndpointId,
    act: EndpointAction,
    fields: Mapping[str, str],
) -> Response[Any]:
    manage, origin = deps.webhooks.manage, origin_of_request(request, Source.ADMIN)
    match act:
        case EndpointAction.TEST:
            tested = await manage.test(endpoint, origin)
            return await _shown(request, deps, endpoint, Said(fields={}, tested=tested))
        case EndpointAction.ROTATE:
            return _secret(request, await manage.rotate(endpoint, origin))
        case EndpointAction.DISABLE:
            await manage.disable(endpoint, fields["why"], origin)
        case EndpointAction.ENABLE:
            await manage.enable(endpoint, origin)
            await deps.process.wake_workers()
        case EndpointAction.REPLAY:
            sent = await manage.replay(
                endpoint, _instant(fields["since"]), _instant(fields["until"]), origin
            )
            await deps.process.wake_workers()
            return await _shown(request, deps, endpoint, Said(fields={}, replayed=sent))
        case _:
            await manage.remove(endpoint, origin)
            return Redirect(WEBHOOKS, status_code=HTTP_303_SEE_OTHER)
    return Redirect(f"{WEBHOOKS}/{endpoint}", status_code=HTTP_303_SEE_OTHER)


def _named(endpoint: str) -> EndpointId:
    if not (endpoint.isascii() and endpoint.isalnum() and len(endpoint) <= ID_MAX):
        raise NotFound("webhook endpoint", "not an id of one")
    return EndpointId(endpoint)


def _fault_of(act: EndpointAction, fields: Mapping[str, str]) -> str:
    """Return what the form lacks, nothing where it is whole."""
    if act is EndpointAction.REMOVE and fields["sure"] != "yes":
        return NOT_SURE
    if act is EndpointAction.REPLAY:
        try:
            for name in ("since", "until"):
                _instant(fields[name])
        except ValueError:
            return NO_TIME
    return ""


def _instant(typed: str) -> datetime:
    """Return the minute that was chosen, which is of India, or raise ``ValueError``."""
    chosen = datetime.fromisoformat(typed)
    return chosen.replace(tzinfo=IST) if chosen.tzinfo is None else chosen


async def _listed(
    request: By,
    deps: Dependencies,
    fields: Mapping[str, str],
    types: frozenset[WebhookEventType],
    *,
    fault: str = "",
) -> Response[Any]:
    return console_page(
        request,
        "webhooks.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        endpoints=await deps.webhooks.endpoints.all(),
        state_of=_state_of,
        may_write=request.user.may(Permission.WRITE_WEBHOOKS),
        fields=fields,
        marked=types,
        fault=fault,
        types=TYPES,
        url_max=URL_MAX,
        description_max=DESCRIPTION_MAX,
    )


async def _shown(request: By, deps: Dependencies, wanted: str, said: Said) -> Response[Any]:
    endpoint = await deps.webhooks.endpoints.get(_named(wanted))
    before = request.query_params.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= NUMBER_DIGITS_MAX
    if before and not is_number:
        raise HttpProblem(problem_types.CURSOR_INVALID)
    found = await deps.webhooks.deliveries.log(
        endpoint.id, at_most=SHOWN + 1, before=int(before) if before else None
    )
    now = deps.clock.now()
    return console_page(
        request,
        "webhook.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if said.fault else HTTPStatus.OK,
        endpoint=endpoint,
        state=_state_of(endpoint, now),
        deliveries=found[:SHOWN],
        is_first=not before,
        first=f"{WEBHOOKS}/{endpoint.id}",
        older=f"{WEBHOOKS}/{endpoint.id}?before={found[SHOWN - 1].id}"
        if len(found) > SHOWN
        else None,
        may_write=request.user.may(Permission.WRITE_WEBHOOKS),
        said=said,
        since=said.fields.get("since") or _minute(now - timedelta(days=1)),
        until=said.fields.get("until") or _minute(now),
        words=DELIVERY_WORDS,
        plain_words=plain_words,
        why_max=WHY_MAX,
    )


def _minute(at: datetime) -> str:
    return at.astimezone(IST).strftime("%Y-%m-%dT%H:%M")


def _state_of(endpoint: PlatformEndpoint, now: datetime) -> tuple[str, str]:
    """Return the state as a word, and the status by which it is coloured."""
    if endpoint.state is EndpointState.DISABLED:
        return "Disabled", "failed"
    if endpoint.failing_since is None:
        return "In use", "done"
    rests = endpoint.paused_until is not None and endpoint.paused_until > now
    return ("Fails, and rests" if rests else "Fails"), "failed"


def _secret(request: By, shown: EndpointWithSecret) -> Response[Any]:
    return console_page(
        request, "webhook_secret.html", endpoint=shown.endpoint, secret=shown.secret
    )
