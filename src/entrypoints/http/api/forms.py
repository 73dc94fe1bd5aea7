"""The token with which scripts of our own pages prove where they come from."""

from http import HTTPStatus
from typing import Any

from litestar import Request, get

from entrypoints.http import problem_types as kinds
from entrypoints.http.api import examples
from entrypoints.http.api.wire import FormToken
from entrypoints.http.openapi_responses import answers
from entrypoints.http.problems import Refused
from entrypoints.http.security.browser_session import Sessions
from entrypoints.http.security.guards import public
from entrypoints.http.security.identity import Person


@get(
    "/api/csrf",
    opt=public(),
    security=[{"session": []}],
    summary="A form token for this session",
    operation_id="form_token",
    tags=["Session"],
    responses=answers(
        HTTPStatus.OK, FormToken, examples.FORM_TOKEN, kinds.NOT_SIGNED_IN, kinds.TOO_MANY_REQUESTS
    ),
)
async def form_token(request: Request[Person | None, Any, Any]) -> FormToken:
    """Return the token to send as X-CSRF-Token; a bearer needs none and gets none."""
    person = request.user
    if person is None or person.session is None:
        raise Refused(kinds.NOT_SIGNED_IN, "There is no cookie session to protect.")
    sessions: Sessions = request.app.state.sessions
    return FormToken(csrf_token=sessions.form_token(person.session))
