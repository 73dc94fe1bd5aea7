"""The API of the alerts: listed, taken on, silenced for a while."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from domain.monitoring.alert_case import AlertId
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import monitoring_examples as examples
from entrypoints.http.api.alert_wire import (
    AlertAcknowledged,
    AlertSilenced,
    AlertsView,
    AlertView,
)
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]
OF_ONE = (
    problem_types.NOT_FOUND,
    problem_types.SILENCE_REFUSED,
    problem_types.CARD_NUMBER,
    problem_types.CHANGED_MEANWHILE,
)


@get(
    "/",
    opt=opened_to(Permission.SEE_MONITORING, Budget.STAFF),
    security=SIGNED_IN,
    summary="All alerts",
    operation_id="list_alerts",
    responses=answers(HTTPStatus.OK, AlertsView, {"items": [examples.ALERT]}, *ALWAYS),
)
async def alerts(deps: Deps) -> AlertsView:
    """Every alert that ever fired or is about to, with its state. docs/alerts.md lists the rules."""
    return AlertsView(items=[AlertView.of(each) for each in await deps.monitoring.alerts.all()])


@post(
    "/{alert_id:str}/acknowledge",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.ANSWER_ALERTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Take an alert on",
    operation_id="acknowledge_alert",
    responses=answers(
        HTTPStatus.OK,
        AlertView,
        examples.ALERT,
        problem_types.ALERT_NOT_FIRING,
        *OF_ONE,
        *WITH_BODY,
    ),
)
async def acknowledge_alert(
    request: By,
    alert_id: FromPath[str],
    data: Annotated[
        AlertAcknowledged,
        Body(title="A note", examples=[Example(summary="A note", value={"note": "I look."})]),
    ],
    deps: Deps,
) -> AlertView:
    """Say that you look at an alert that fires; it is told when it is resolved."""
    origin = origin_of_request(request, Source.ADMIN)
    answer = deps.monitoring.answer_alerts
    return AlertView.of(await answer.acknowledge(AlertId(alert_id), data.note, origin))


@post(
    "/{alert_id:str}/silence",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.ANSWER_ALERTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Silence an alert for a while",
    operation_id="silence_alert",
    responses=answers(HTTPStatus.OK, AlertView, examples.ALERT, *OF_ONE, *WITH_BODY),
)
async def silence_alert(
    request: By,
    alert_id: FromPath[str],
    data: Annotated[
        AlertSilenced,
        Body(
            title="Until when, and why",
            examples=[Example(summary="Six hours", value=examples.SILENCED)],
        ),
    ],
    deps: Deps,
) -> AlertView:
    """Tell nobody of its changes until then, at most for 24 hours. It goes on being judged and shown."""
    origin = origin_of_request(request, Source.ADMIN)
    answer = deps.monitoring.answer_alerts
    silenced = await answer.silence(AlertId(alert_id), data.until, data.reason, origin)
    return AlertView.of(silenced)


alert_routes = Router(
    "/api/admin/alerts",
    route_handlers=[alerts, acknowledge_alert, silence_alert],
    tags=["Monitoring"],
)
