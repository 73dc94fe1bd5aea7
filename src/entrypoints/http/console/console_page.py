"""What all pages of the console share: the frame, and what is said instead of a page that cannot be shown."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Response
from litestar.enums import HttpMethod
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from entrypoints.http import problem_types
from entrypoints.http.console.places import PLACES, SIGN_IN, navigation
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.page import CONSOLE, PageRequest, local_path, page, shared
from entrypoints.http.pages.demo_sign_in import demo_code
from entrypoints.http.problems import Problem
from entrypoints.http.security.guards import opened_to, public
from entrypoints.http.security.identity import Caller


def opened(method: str, address: str, **more: Any) -> dict[str, Any]:
    """Return the options of the route that the table names, and *more*; raises ``KeyError`` for one without a row."""
    place = PLACES[method, address]
    if place.permission is None:
        return public(place.budget, page=True, problem_page=console_problem)
    return opened_to(
        place.permission,
        place.budget,
        page=True,
        console=True,
        problem_page=console_problem,
        **more,
    )


def console_page(
    request: PageRequest, name: str, *, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> Template:
    """Return the page *name* of the console in its frame."""
    return page(request, f"console/{name}", status=status, **framed(request), **context)


def framed(request: PageRequest) -> dict[str, Any]:
    """Return what the frame needs: the navigation, and on which installation this is."""
    deps: Dependencies = request.app.state.deps
    caller: Caller | None = request.scope.get("user")
    return {
        "navigation": navigation(caller, request.scope["path"]),
        "demo_code": demo_code(deps.settings, caller.id, deps.clock.now()) if caller else "",
        "environment": "" if deps.settings.is_production else deps.settings.environment.value,
        "now": deps.clock.now(),
    }


def console_problem(request: PageRequest, problem: Problem) -> Response[Any]:
    """Return the way to the sign-in where that is missing, otherwise a page that tells the problem."""
    if problem.kind in {problem_types.NOT_SIGNED_IN, problem_types.SECOND_FACTOR_NEEDED}:
        return Redirect(sign_in_address(request), status_code=HTTP_303_SEE_OTHER)
    context = shared(request, in_english=True) | framed(request)
    context |= {"problem": problem, "kind": problem.kind}
    return Template(
        "console/problem.html",
        context=context,
        status_code=int(problem.kind.status),
        headers=dict(problem.headers),
        media_type=MediaType.HTML,
    )


def sign_in_address(request: PageRequest) -> str:
    """Return the sign-in that leads back to the page that was asked for; a form cannot be sent again."""
    if request.method != HttpMethod.GET:
        return SIGN_IN
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    asked = f"{path}?{query}" if query else path
    return f"{SIGN_IN}?{urlencode({'next': asked})}"


def console_path(offered: str) -> str:
    """Return *offered* if it is a page of the console, otherwise its first one."""
    path = local_path(offered)
    within = path == CONSOLE or path.startswith((f"{CONSOLE}/", f"{CONSOLE}?"))
    return path if within and not path.startswith(SIGN_IN) else CONSOLE
