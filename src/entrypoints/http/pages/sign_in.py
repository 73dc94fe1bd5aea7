"""Signing in with the platform's token, and signing out again."""

import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import MediaType, Router, post
from litestar.enums import RequestEncodingType
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.sign_in.begin_session import SignInCommand
from domain.errors import NotFound
from domain.sign_in.browser_session import BrowserSession, SessionId, TokenExchanged
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.wire import FormToken
from entrypoints.http.body_faults import faults_in
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.faults import errors
from entrypoints.http.openapi_responses import NO_CREDENTIALS
from entrypoints.http.page import CONSOLE, PageRequest, local_path
from entrypoints.http.pages.exchange_description import RESPONSES, ExchangeOperation
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.guards import origin_of_request, public, refused_token
from entrypoints.http.security.headers import origin_of
from entrypoints.http.security.identity import (
    Caller,
    TokenInvalid,
    TokenReader,
    token_digest,
)
from entrypoints.http.security.rate_limits import Budget
from entrypoints.settings.settings import Settings
from ports.audit_log import Source

BROWSER_MAX: Final = 300
CLEARED: Final = '"cache", "storage"'
"""Not ``cookies``: browsers would clear those of the platform too, where it shares our registered domain."""

log = logging.getLogger(__name__)


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platform's token, and the page of ours to go on to."""

    token: str
    next: str = "/"


@post(
    "/exchange",
    status_code=HTTPStatus.OK,
    opt=public(Budget.SIGN_IN, from_elsewhere=True, foreign_credentials=True),
    tags=["Session"],
    security=NO_CREDENTIALS,
    summary="Sign a browser in with the platform's token",
    operation_id="exchange_token",
    operation_class=ExchangeOperation,
    responses=RESPONSES,
)
async def exchange(request: PageRequest, deps: Deps) -> Response[Any]:
    """
    Take the platform's token, once, and hand out the cookie of a session.

    A form, which a page of the platform posts from one of `SHULK_PLATFORM_ORIGINS`, is led on to `next`, a path of
    this service; JSON is answered with the session's form token.
    """
    _check_where_from(request, deps.settings)
    by_form = request.content_type[0] == RequestEncodingType.URL_ENCODED.value
    asked = await _form(request) if by_form else await _json(request)
    tokens: TokenReader = request.app.state.tokens
    try:
        caller = await tokens.read(asked.token, deps.clock.now())
    except TokenInvalid as error:
        raise await refused_token(request, error) from None
    return await enter(
        request, deps, caller, asked.next, by_form=by_form, token=token_digest(asked.token)
    )


@post(
    "/end",
    status_code=HTTP_303_SEE_OTHER,
    opt=public(Budget.SIGN_IN, page=True),
    include_in_schema=False,
)
async def end(request: PageRequest, deps: Deps) -> Redirect:
    """Sign this browser out: its session ends here, and whoever kept a copy of its cookie has nothing."""
    caller: Caller | None = request.user
    if caller is not None and caller.session is not None:
        origin = origin_of_request(request, Source.SIGN_IN)
        with suppress(NotFound):  # ended a moment before, elsewhere
            await deps.sign_in.end_sessions(caller.id, origin, only=SessionId(caller.session))
    return signed_out(request)


def signed_out(request: PageRequest) -> Redirect:
    """Return the answer that makes the browser forget what it knows of us."""
    cookies: SessionCookies = request.app.state.session_cookies
    return Redirect(
        "/",
        status_code=HTTP_303_SEE_OTHER,
        cookies=[cookies.end()],
        headers={"Clear-Site-Data": CLEARED},
    )


async def enter(
    request: PageRequest,
    deps: Dependencies,
    caller: Caller,
    path: str,
    *,
    by_form: bool,
    token: str | None = None,
) -> Response[Any]:
    """
    Return the answer that signs *caller* in, under a new cookie.

    A token that was exchanged before is refused. Where the browser is signed in as the same person
    already (the form was sent twice), it goes on with the session that it has.
    """
    known: SessionCookies = request.app.state.session_cookies
    present = await _present_session(request, deps)
    drawn = known.draw()
    origin = origin_of_request(request, Source.SIGN_IN, caller.actor)
    command = SignInCommand(
        id=drawn.id,
        subject=caller.id,
        name=caller.name,
        email=caller.email,
        phone=caller.phone,
        roles=caller.roles,
        token_sha256=token,
        replaces=present,
        browser=origin.user_agent[:BROWSER_MAX],
        origin=origin,
    )
    try:
        session = await deps.sign_in.begin_session(command)
        cookies = [known.begin(drawn, session)]
    except TokenExchanged:
        if present is None or present.subject != caller.id:
            error = TokenInvalid("exchanged before", subject=caller.id)
            raise await refused_token(request, error) from None
        session, cookies = present, []
    if by_form:
        onward = local_path(path)
        if onward == "/" and not caller.may(Permission.PAY) and caller.may(Permission.USE_CONSOLE):
            onward = CONSOLE  # there is nothing for them to buy
        return Redirect(onward, status_code=HTTP_303_SEE_OTHER, cookies=cookies)
    answer = FormToken(csrf_token=known.form_token(session.id))
    return Response(answer, media_type=MediaType.JSON, cookies=cookies)


async def _present_session(request: PageRequest, deps: Dependencies) -> BrowserSession | None:
    """Return the session that the browser has already, None when it has none."""
    cookies: SessionCookies = request.app.state.session_cookies
    named = cookies.session_named(request.cookies)
    return await deps.sign_in.sessions.find(named, deps.clock.now()) if named else None


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
        said = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        raise HttpProblem(problem_types.BODY_MALFORMED) from None
    return _read(said)


def _read(said: object) -> Exchange:
    try:
        return msgspec.convert(said, Exchange)
    except msgspec.ValidationError:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            "It takes token and next, both text.",
            members=errors(*faults_in(said, Exchange)),
        ) from None


session_routes = Router("/session", route_handlers=[exchange, end])
