"""What the pages that begin a payment share: a key for the form, and the way to the bank."""

import secrets
from typing import Any, Final

from litestar import Request
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import DomainError
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.page import page
from entrypoints.http.problems import HttpProblem, Problem, as_problem
from entrypoints.http.security.headers import form_targets, origin_of

KEY_BYTES: Final = 24


def new_key() -> str:
    """Return an idempotency key for one form: however often it is sent, it opens one payment."""
    return secrets.token_urlsafe(KEY_BYTES)


def leave_for(request: Request[Any, Any, Any], deps: Dependencies, address: str) -> Response[Any]:
    """Send the student to the bank, by a page of our own where a form may not lead there directly."""
    if origin_of(address) in form_targets(deps.settings):
        return Redirect(address, status_code=HTTP_303_SEE_OTHER)
    return page(request, "to_payment_page.html", address=address)


def problem_of(error: DomainError | HttpProblem) -> Problem:
    """Return what a page tells about *error*."""
    return error.problem if isinstance(error, HttpProblem) else as_problem(error)
