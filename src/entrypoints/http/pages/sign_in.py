"""Signing in with the platform's token, and signing out again."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Router, post
from litestar.enums import RequestEncodingType
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from entrypoints.http import problem_types
from entrypoints.http.api.wire import FormToken
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest, local_path
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import BrowserSessions
from entrypoints.http.security.guards import public
from entrypoints.http.security.headers import origin_of
from entrypoints.http.security.identity import Caller, TokenInvalid, TokenReader, not_signed_in
from entrypoints.http.security.rate_limits import Budget
from entrypoints.settings.settings import Settings

log = logging.getLogger(__name__)


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platform's token, and the page of ours to go on to."""

    token: str
    next: str = "/"


@post(
    "/exchange",
    status_code=HTTPStatus.OK,
    opt=public(Budget.SIGN_IN, from_elsewhere=True, foreign_credentials=True),
)
async def exchange(request: PageRequest, deps: Deps) -> Response[Any]:
    """
    Take the platform's token and hand out the session cookie.

    A form, which the platform posts from its own site, is sent on to ``next``; JSON is answered with
    the session's form token.
    """
    _check_where_from(request, deps.settings)
    by_form = request.content_type[0] == RequestEncodingType.URL_ENCODED.value
    asked = await _form(request) if by_form else await _json(request)
    tokens: TokenReader = request.app.state.tokens
    try:
        caller = await tokens.read(asked.token, deps.clock.now())
    except TokenInvalid as error:
        raise not_signed_in(error.why) from None
    return enter(request, deps, caller, asked.next, by_form=by_form)


@post("/end", status_code=HTTP_303_SEE_OTHER, opt=public(Budget.SIGN_IN, page=True))
async def end(request: PageRequest) -> Redirect:
    """Sign this browser out."""
    sessions: BrowserSessions = request.app.state.browser_sessions
    return Redirect("/", status_code=HTTP_303_SEE_OTHER, cookies=[sessions.end()])


def enter(
    request: PageRequest, deps: Dependencies, caller: Caller, path: str, *, by_form: bool
) -> Response[Any]:
    """Return the answer that signs *caller* in."""
    sessions: BrowserSessions = request.app.state.browser_sessions
    cookie = sessions.begin(caller, deps.clock.now())
    if by_form:
        return Redirect(local_path(path), status_code=HTTP_303_SEE_OTHER, cookies=[cookie])
    entered = sessions.read({cookie.key: cookie.value or ""}, deps.clock.now())
    token = sessions.form_token(entered.session or "") if entered else ""
    return Response(FormToken(csrf_token=token), media_type=MediaType.JSON, cookies=[cookie])


def _check_where_from(request: PageRequest, settings: Settings) -> None:
    """
    Refuse a token that a foreign site makes a browser bring: it could sign its visitor in as somebody else.

    Browsers name the origin of every such request; what names none is no browser.
    """
    if request.headers.get("sec-fetch-site") == "same-origin":
        return  # a page of ours, which the browser itself vouches for; it sends no origin along
    origin = request.headers.get("origin")
    known = {origin_of(settings.public_url), *map(origin_of, settings.platform_origins)}
    if origin is not None and origin not in known:
        log.warning("sign_in.refused", extra={"event_type": "security"})
        raise HttpProblem(problem_types.CSRF_REFUSED)


async def _form(request: PageRequest) -> Exchange:
    return _read(dict(await request.form()))


async def _json(request: PageRequest) -> Exchange:
    if request.content_type[0] != RequestEncodingType.JSON.value:
        raise HttpProblem(problem_types.UNSUPPORTED_MEDIA_TYPE)
    try:
        return msgspec.json.decode(await request.body(), type=Exchange)
    except msgspec.ValidationError:
        raise _unusable() from None
    except msgspec.DecodeError:
        raise HttpProblem(problem_types.BODY_MALFORMED) from None


def _read(said: object) -> Exchange:
    try:
        return msgspec.convert(said, Exchange)
    except msgspec.ValidationError:
        raise _unusable() from None


def _unusable() -> HttpProblem:
    return HttpProblem(problem_types.REQUEST_INVALID, "It takes token and next, both text.")


session_routes = Router("/session", route_handlers=[exchange, end], include_in_schema=False)
