"""A request that cannot be used, told whole: each fault of its body and of its query in one problem."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from litestar import Request
from litestar.exceptions import ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Empty

from domain.errors import DomainError
from entrypoints.http import problem_types
from entrypoints.http.body_faults import faults_in
from entrypoints.http.faults import FAULTS_MAX, Fault, FaultCode, body_fault, errors
from entrypoints.http.json_request import JsonRequest
from entrypoints.http.problems import Problem, as_problem
from entrypoints.http.query_parameters import query_faults

AnyRequest = Request[Any, Any, Any]

DATA: Final = "data"
"""The argument by which a route takes its body."""


def invalid_request(request: AnyRequest, error: ValidationException) -> Problem:
    """Return the problem of a request that the framework does not take, with all that is wrong with it."""
    faults = [*_body_faults(request), *query_faults(request)][:FAULTS_MAX] or _as_told(error)
    named = ", ".join(each.field for each in faults)
    return Problem(
        kind=problem_types.REQUEST_INVALID,
        detail=f"Not usable: {named}." if named else problem_types.REQUEST_INVALID.meaning,
        members=errors(*faults),
    )


def with_other_faults(request: AnyRequest, problem: Problem) -> Problem:
    """
    Return *problem*, by which the domain refuses a body of JSON, with what else it would refuse in the same body.

    The domain stops at the first; who sends a form by a program wants all of them at once.
    """
    if problem.kind.status != HTTPStatus.UNPROCESSABLE_ENTITY:
        return problem
    own: Sequence[Fault] = problem.members.get("errors", ())
    found = _body_faults(request)
    if not found:
        return problem
    named = {each.field for each in found}
    rest = [each for each in own if each.field not in named]
    return replace(problem, members={**problem.members, **errors(*found, *rest)})


def faults_of(error: DomainError) -> list[Fault]:
    """Return the faults that a refusal by the domain names."""
    return list(as_problem(error).members.get("errors", ()))


def _body_faults(request: AnyRequest) -> list[Fault]:
    handler: BaseRouteHandler | None = request.scope.get("route_handler")
    if (
        not isinstance(handler, HTTPRouteHandler)
        or not isinstance(request, JsonRequest)
        or not handler.opt.get("json")
        or handler.parsed_data_field is None
        or request.read_json is Empty
    ):
        return []
    return faults_in(request.read_json, handler.parsed_data_field.annotation, faults_of)


def _as_told(error: ValidationException) -> list[Fault]:
    """Return the faults by the framework's own word, for what is neither JSON nor query, such as a form with a file."""
    found: list[Any] = error.extra if isinstance(error.extra, list) else []
    said = "it is missing, or not of the kind that is taken"
    return [
        body_fault(tuple(key.split(".")) if key else (), FaultCode.INVALID, said)
        for each in found[:FAULTS_MAX]
        for key in [str(each.get("key", "")).removeprefix(DATA).removeprefix(".")]
    ]
