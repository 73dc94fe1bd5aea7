"""The API of the monitoring: the business figures of a period, and how the installation does."""

from http import HTTPStatus
from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter

from application.monitoring.read_figures import FiguresRange
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import monitoring_examples as examples
from entrypoints.http.api.monitoring_wire import FiguresView, SystemView
from entrypoints.http.api.system_view import system_view
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.rate_limits import Budget

Range = Annotated[
    FiguresRange, QueryParameter(description="The last day, week or month; spans as in India.")
]


@get(
    "/metrics",
    opt=opened_to(Permission.SEE_MONITORING, Budget.STAFF),
    security=SIGNED_IN,
    summary="Business figures of a period",
    operation_id="get_figures",
    responses=answers(
        HTTPStatus.OK,
        FiguresView,
        examples.FIGURES,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def monitoring_metrics(deps: Deps, range: Range = FiguresRange.DAY) -> FiguresView:  # noqa: A002 - as in the address
    """
    What was begun, how it ended, how it was paid and how long that took. Counted in the background:
    complete until `complete_until`. It costs the same however many payments there are.
    """
    figures = deps.monitoring.figures
    return FiguresView.of(range.value, await figures(range), await figures.gateway(range))


@get(
    "/health",
    opt=opened_to(Permission.SEE_MONITORING, Budget.STAFF),
    security=SIGNED_IN,
    summary="How the installation does",
    operation_id="get_system_health",
    responses=answers(HTTPStatus.OK, SystemView, examples.SYSTEM, *ALWAYS),
)
async def monitoring_health(deps: Deps) -> SystemView:
    """Each dependency, what waits in the queues and for how long, and when each job ran last."""
    return await system_view(deps)


monitoring_routes = Router(
    "/api/admin/monitoring",
    route_handlers=[monitoring_metrics, monitoring_health],
    tags=["Monitoring"],
)
