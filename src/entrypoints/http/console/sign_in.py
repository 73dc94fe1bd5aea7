"""The door of the console: whoever the platform vouches for as staff proves by a TOTP that it is they."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from litestar import Router, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.sign_in.confirm_session import ConfirmSessionCommand
from domain.errors import DomainError
from domain.sign_in.browser_session import BrowserSession
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpLocked, TotpNotEnrolled, TotpRefused, TotpUsed, TotpWrong
from entrypoints.http import problem_types
from entrypoints.http.console.console_page import console_page, console_path, opened
from entrypoints.http.console.places import SIGN_IN
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

CODE_MAX: Final = 20
MINUTE: Final = 60


@get("/", opt=opened("GET", SIGN_IN))
async def ask_code(request: PageRequest) -> Response[Any]:
    """Ask for the code; whoever gave it already goes on."""
    caller, onward = _staff(request), console_path(request.query_params.get("next", ""))
    if caller is not None and caller.confirmed:
        return Redirect(onward, status_code=HTTP_303_SEE_OTHER)
    return console_page(request, "sign_in.html", next=onward, fault="")


@post("/", status_code=HTTPStatus.OK, opt=opened("POST", SIGN_IN))
async def confirm(request: PageRequest, deps: Deps) -> Response[Any]:
    """Open the console when the code is right, under a new cookie."""
    form = await request.form()
    onward = console_path(str(form.get("next", "")))
    session = await _present_session(request, deps)
    cookies: SessionCookies = request.app.state.session_cookies
    drawn = cookies.draw()
    command = ConfirmSessionCommand(
        session=session,
        renewed=drawn.id,
        origin=origin_of_request(request, Source.SIGN_IN),
        code=str(form.get("code", ""))[:CODE_MAX],
    )
    try:
        confirmed = await deps.sign_in.confirm_session(command)
    except (TotpRefused, TotpLocked, TotpNotEnrolled) as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        fault = fault_of_code(refusal)
        return console_page(request, "sign_in.html", status=status, next=onward, fault=fault)
    return Redirect(
        onward, status_code=HTTP_303_SEE_OTHER, cookies=[cookies.begin(drawn, confirmed)]
    )


def fault_of_code(refusal: DomainError) -> str:
    """Return in a person's words why the code was not taken."""
    match refusal:
        case TotpLocked():
            minutes = ceil(refusal.retry_after.total_seconds() / MINUTE)
            return (
                "Too many codes were tried. The next one is checked in"
                f" {minutes} minute{'s' if minutes > 1 else ''}."
            )
        case TotpNotEnrolled():
            return "No authenticator app is set up for you. Ask an operator to do it."
        case _:
            return SAID[type(refusal)]


SAID: Final[Mapping[type[DomainError], str]] = {
    TotpWrong: "The code is wrong or too old. Type the one that the app shows now.",
    TotpUsed: "This code was used already. Wait for the next one: at most 30 seconds.",
}


def _staff(request: PageRequest) -> Caller | None:
    """Return the member of staff who is signed in, None for nobody; raises ``NotAllowed`` for anybody else."""
    caller: Caller | None = request.user
    if caller is not None and not caller.may(Permission.USE_CONSOLE):
        raise NotAllowed(Permission.USE_CONSOLE)
    return caller


async def _present_session(request: PageRequest, deps: Dependencies) -> BrowserSession:
    _staff(request)
    cookies: SessionCookies = request.app.state.session_cookies
    named = cookies.session_named(request.cookies)
    session = await deps.sign_in.sessions.find(named, deps.clock.now()) if named else None
    if session is None:
        raise HttpProblem(problem_types.NOT_SIGNED_IN)
    return session


sign_in_routes = Router(SIGN_IN, route_handlers=[ask_code, confirm], include_in_schema=False)
