"""The form token for scripts of our own pages."""

from http import HTTPStatus
from typing import Any

from litestar import Request, get

from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.wire import FormToken
from entrypoints.http.openapi_responses import answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.guards import public
from entrypoints.http.security.identity import Caller


@get(
    "/api/csrf",
    opt=public(),
    security=[{"session": []}],
    summary="A form token for this session",
    operation_id="get_form_token",
    tags=["Session"],
    responses=answers(
        HTTPStatus.OK,
        FormToken,
        examples.FORM_TOKEN,
        problem_types.VERSION_UNKNOWN,
        problem_types.REQUEST_INVALID,
        problem_types.NOT_SIGNED_IN,
        problem_types.TOO_MANY_REQUESTS,
    ),
)
async def form_token(request: Request[Caller | None, Any, Any]) -> FormToken:
    """Return the token to send as X-CSRF-Token; a bearer needs none and gets none."""
    caller = request.user
    if caller is None or caller.session is None:
        raise HttpProblem(problem_types.NOT_SIGNED_IN, "There is no cookie session to protect.")
    cookies: SessionCookies = request.app.state.session_cookies
    return FormToken(csrf_token=cookies.form_token(caller.session))
