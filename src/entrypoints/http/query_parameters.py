"""The query of the API's routes: what is not known there, or comes twice, is refused, as in a body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from entrypoints.http import problem_types
from entrypoints.http.body_faults import faults_in
from entrypoints.http.faults import (
    FAULTS_MAX,
    NAME_SHOWN_MAX,
    Fault,
    FaultCode,
    errors,
    parameter_fault,
)
from entrypoints.http.problems import HttpProblem

API: Final = "/api/"
MANY: Final = "any_query"
"""The option of a route of the API that takes whatever query comes: the bank's, and the pages about the interface."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter: by which argument of its route it is read, and whether it may be repeated."""

    argument: str
    repeatable: bool
    required: bool


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """By the address of a route and its method: the query parameters that it reads."""

    of_routes: Mapping[tuple[str, str], Mapping[str, Parameter]]

    @classmethod
    def of(cls, app: Litestar) -> Self:
        """Return those of every route of the API that is strict about them."""
        return cls(
            {
                (route.path_format, str(method)): {
                    each.field_alias: Parameter(each.field_name, each.is_sequence, each.is_required)
                    for each in read.expected_query_params
                }
                for route in app.routes
                if isinstance(route, HTTPRoute) and route.path_format.startswith(API)
                for method, (handler, read) in route.route_handler_map.items()
                if not handler.opt.get(MANY) and method != "OPTIONS"
            }
        )

    def read_by(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> Mapping[str, Parameter] | None:
        """Return the parameters of the route that was found, None where any are taken."""
        scope = connection.scope
        return self.of_routes.get((scope.get("path_template", ""), str(scope.get("method", ""))))


async def known_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Refuse parameters that the route does not read, and repeats of those that it reads once."""
    if not connection.scope["query_string"]:
        return
    parameters: QueryParameters = connection.app.state.query_parameters
    if (known := parameters.read_by(connection)) is None:
        return
    if strays := _strays(connection, known):
        faults = [*strays, *query_faults(connection)][:FAULTS_MAX]
        named = ", ".join(each.field for each in faults)
        raise HttpProblem(
            problem_types.REQUEST_INVALID, f"Not usable: {named}.", members=errors(*faults)
        )


def query_faults(connection: ASGIConnection[Any, Any, Any, Any]) -> list[Fault]:
    """Return what is wrong with the parameters that the route does read."""
    parameters: QueryParameters = connection.app.state.query_parameters
    kinds = connection.route_handler.signature_model.__annotations__
    found: list[Fault] = []
    for name, each in (parameters.read_by(connection) or {}).items():
        came = connection.query_params.getall(name, [])
        if not came and each.required:
            found.append(parameter_fault(name, FaultCode.MISSING, "it is missing"))
        if came:
            value = came if each.repeatable else came[-1]
            found += [
                _as_parameter(name, fault) for fault in faults_in(value, kinds[each.argument])
            ]
    return found


def _as_parameter(name: str, fault: Fault) -> Fault:
    return parameter_fault(
        name, fault.code, fault.detail, allowed=fault.allowed, allowed_values=fault.allowed_values
    )


def _strays(
    connection: ASGIConnection[Any, Any, Any, Any], known: Mapping[str, Parameter]
) -> list[Fault]:
    found = []
    for name in dict.fromkeys(connection.query_params):
        shown = name[:NAME_SHOWN_MAX]
        if name not in known:
            said = "it is not known here"
            found.append(
                parameter_fault(shown, FaultCode.UNKNOWN_NAME, said, allowed_values=sorted(known))
            )
        elif not known[name].repeatable and len(connection.query_params.getall(name)) > 1:
            found.append(parameter_fault(shown, FaultCode.REPEATED, "it comes more than once"))
    return found
