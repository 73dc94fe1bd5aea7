"""Where a person is signed in: the browsers, and the buttons that sign them out."""

from typing import Any, Final

from litestar import Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.sign_in.browser_session import BrowserSession, SessionId
from domain.text.language import Sentence
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.pages.sign_in import signed_out
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request, public
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

ADDRESS: Final = "/sessions"
SHOWN_MAX: Final = 50
ID_MAX: Final = 64
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SOME_BROWSER: Final = "A browser"
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@get("/", opt=public(page=True))
async def sessions(request: PageRequest, deps: Deps) -> Template:
    """Show every browser in which the person is signed in now."""
    caller = _signed_in(request)
    live = await deps.sign_in.sessions.of(caller.id, deps.clock.now())
    return page(
        request,
        "sessions.html",
        sessions=[_shown(each, caller) for each in live[:SHOWN_MAX]],
        others=sum(each.id != caller.session for each in live),
    )


@post("/{session:str}/end", status_code=HTTP_303_SEE_OTHER, opt=public(Budget.SIGN_IN, page=True))
async def end_one(request: PageRequest, session: FromPath[str], deps: Deps) -> Redirect:
    """Sign one of the person's browsers out."""
    caller, named = _signed_in(request), SessionId(session[:ID_MAX])
    origin = origin_of_request(request, Source.SIGN_IN)
    await deps.sign_in.end_sessions(caller.id, origin, only=named)
    return signed_out(request) if named == caller.session else _back()


@post("/end-others", status_code=HTTP_303_SEE_OTHER, opt=public(Budget.SIGN_IN, page=True))
async def end_others(request: PageRequest, deps: Deps) -> Redirect:
    """Sign the person out everywhere but in this browser."""
    caller = _signed_in(request)
    origin = origin_of_request(request, Source.SIGN_IN)
    this = SessionId(caller.session) if caller.session else None
    await deps.sign_in.end_sessions(caller.id, origin, but=this)
    return _back()


def browser_in(user_agent: str) -> str:
    """Return what a person calls the browser that sends *user_agent*: ``Firefox on Windows``."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), SOME_BROWSER)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if not system:
        return browser
    return Sentence.of("%(browser)s on %(system)s", browser=browser, system=system)


def _signed_in(request: PageRequest) -> Caller:
    caller: Caller | None = request.user
    if caller is None:
        raise HttpProblem(problem_types.NOT_SIGNED_IN)
    return caller


def _shown(session: BrowserSession, caller: Caller) -> dict[str, Any]:
    return {
        "id": session.id,
        "browser": browser_in(session.browser),
        "ip": session.ip,
        "began_at": session.began_at,
        "seen_at": session.seen_at,
        "is_this": session.id == caller.session,
    }


def _back() -> Redirect:
    return Redirect(ADDRESS, status_code=HTTP_303_SEE_OTHER)


sessions_routes = Router(
    ADDRESS, route_handlers=[sessions, end_one, end_others], include_in_schema=False
)
