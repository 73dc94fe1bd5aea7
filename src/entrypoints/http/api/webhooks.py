"""The API of the platform's webhook endpoints: added, tested, rotated, replayed, removed."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from application.webhooks.manage_endpoints import NewEndpoint
from domain.staff.access import Permission
from domain.webhooks.platform_endpoint import EndpointId
from entrypoints.http import problem_types
from entrypoints.http.api import webhook_wire as wire
from entrypoints.http.api.webhook_wire import (
    DeliveriesReplayed,
    DeliveriesView,
    DeliveryView,
    EndpointAdded,
    EndpointDisabled,
    EndpointSecretView,
    EndpointsView,
    EndpointView,
    ReplayView,
    TestView,
)
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers, refusals
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]
PAGE: Final = 50
OF_ONE = (problem_types.NOT_FOUND, problem_types.CHANGED_MEANWHILE, problem_types.CSRF_REFUSED)
MAY_SEE = opened_to(Permission.SEE_WEBHOOKS, Budget.STAFF)
MAY_WRITE = opened_to(Permission.WRITE_WEBHOOKS, Budget.STAFF)
MAY_SEND = opened_to(Permission.WRITE_WEBHOOKS, Budget.STAFF, json=True)


@get(
    "/",
    opt=MAY_SEE,
    security=SIGNED_IN,
    summary="All webhook endpoints",
    operation_id="list_webhook_endpoints",
    responses=answers(HTTPStatus.OK, EndpointsView, {"items": [wire.ENDPOINT]}, *ALWAYS),
)
async def endpoints(deps: Deps) -> EndpointsView:
    """Where the platform is told what happens, and whether it answers."""
    found = await deps.webhooks.endpoints.all()
    return EndpointsView(items=[EndpointView.of(each) for each in found])


@post(
    "/",
    status_code=HTTPStatus.CREATED,
    opt=MAY_SEND,
    security=SIGNED_IN,
    summary="Add a webhook endpoint",
    operation_id="add_webhook_endpoint",
    responses=answers(
        HTTPStatus.CREATED,
        EndpointSecretView,
        wire.WITH_SECRET,
        problem_types.ENDPOINT_REFUSED,
        problem_types.CARD_NUMBER,
        *WITH_BODY,
    ),
)
async def add_endpoint(
    request: By,
    data: Annotated[
        EndpointAdded,
        Body(title="Where, and about what", examples=[Example(summary="Sales", value=wire.ADDED)]),
    ],
    deps: Deps,
) -> EndpointSecretView:
    """It is told what happens from now on. The answer shows its secret, once."""
    new = NewEndpoint(
        url=data.url,
        types=frozenset(data.types),
        description=data.description,
        origin=origin_of_request(request, Source.ADMIN),
    )
    return EndpointSecretView.of(await deps.webhooks.manage.add(new))


@post(
    "/{endpoint_id:str}/rotate",
    status_code=HTTPStatus.OK,
    opt=MAY_WRITE,
    security=SIGNED_IN,
    summary="Give an endpoint a new secret",
    operation_id="rotate_webhook_secret",
    responses=answers(HTTPStatus.OK, EndpointSecretView, wire.WITH_SECRET, *OF_ONE, *ALWAYS),
)
async def rotate_secret(request: By, endpoint_id: FromPath[str], deps: Deps) -> EndpointSecretView:
    """For 24 hours each message is signed by both. The answer shows the new one, once."""
    origin = origin_of_request(request, Source.ADMIN)
    rotated = await deps.webhooks.manage.rotate(EndpointId(endpoint_id), origin)
    return EndpointSecretView.of(rotated)


@post(
    "/{endpoint_id:str}/enable",
    status_code=HTTPStatus.OK,
    opt=MAY_WRITE,
    security=SIGNED_IN,
    summary="Enable an endpoint again",
    operation_id="enable_webhook_endpoint",
    responses=answers(HTTPStatus.OK, EndpointView, wire.ENDPOINT, *OF_ONE, *ALWAYS),
)
async def enable_endpoint(request: By, endpoint_id: FromPath[str], deps: Deps) -> EndpointView:
    """What has happened since it was disabled is delivered now."""
    origin = origin_of_request(request, Source.ADMIN)
    return EndpointView.of(await deps.webhooks.manage.enable(EndpointId(endpoint_id), origin))


@post(
    "/{endpoint_id:str}/disable",
    status_code=HTTPStatus.OK,
    opt=MAY_SEND,
    security=SIGNED_IN,
    summary="Call an endpoint no more",
    operation_id="disable_webhook_endpoint",
    responses=answers(
        HTTPStatus.OK,
        EndpointView,
        wire.ENDPOINT,
        problem_types.NOT_FOUND,
        problem_types.CHANGED_MEANWHILE,
        problem_types.ENDPOINT_REFUSED,
        problem_types.CARD_NUMBER,
        *WITH_BODY,
    ),
)
async def disable_endpoint(
    request: By,
    endpoint_id: FromPath[str],
    data: Annotated[
        EndpointDisabled,
        Body(title="Why", examples=[Example(summary="A pause", value=wire.DISABLED)]),
    ],
    deps: Deps,
) -> EndpointView:
    """What happens from now on waits for it until it is enabled, for 30 days at most."""
    origin = origin_of_request(request, Source.ADMIN)
    disable = deps.webhooks.manage.disable
    return EndpointView.of(await disable(EndpointId(endpoint_id), data.why, origin))


@post(
    "/{endpoint_id:str}/test",
    status_code=HTTPStatus.OK,
    opt=MAY_WRITE,
    security=SIGNED_IN,
    summary="Call an endpoint now",
    operation_id="test_webhook_endpoint",
    responses=answers(HTTPStatus.OK, TestView, wire.TESTED, *OF_ONE, *ALWAYS),
)
async def test_endpoint(request: By, endpoint_id: FromPath[str], deps: Deps) -> TestView:
    """It is sent one `endpoint.test`, which stands for nothing; the answer says what came of it."""
    origin = origin_of_request(request, Source.ADMIN)
    return TestView.of(await deps.webhooks.manage.test(EndpointId(endpoint_id), origin))


@post(
    "/{endpoint_id:str}/replay",
    status_code=HTTPStatus.OK,
    opt=MAY_SEND,
    security=SIGNED_IN,
    summary="Send deliveries of a time again",
    operation_id="replay_webhook_deliveries",
    responses=answers(
        HTTPStatus.OK,
        ReplayView,
        {"deliveries": 12},
        problem_types.NOT_FOUND,
        problem_types.REPLAY_REFUSED,
        *WITH_BODY,
    ),
)
async def replay_deliveries(
    request: By,
    endpoint_id: FromPath[str],
    data: Annotated[
        DeliveriesReplayed,
        Body(title="Of which time", examples=[Example(summary="A day", value=wire.REPLAYED)]),
    ],
    deps: Deps,
) -> ReplayView:
    """Under the ids that they had: whoever keeps ids has no second effect of them."""
    origin = origin_of_request(request, Source.ADMIN)
    replay = deps.webhooks.manage.replay
    sent = await replay(EndpointId(endpoint_id), data.since, data.until, origin)
    return ReplayView(deliveries=sent)


@post(
    "/{endpoint_id:str}/remove",
    status_code=HTTPStatus.NO_CONTENT,
    opt=MAY_WRITE,
    security=SIGNED_IN,
    summary="Remove an endpoint",
    operation_id="remove_webhook_endpoint",
    responses=refusals(*OF_ONE, *ALWAYS),
)
async def remove_endpoint(request: By, endpoint_id: FromPath[str], deps: Deps) -> None:
    """With all that was delivered to it, or waits to be."""
    origin = origin_of_request(request, Source.ADMIN)
    await deps.webhooks.manage.remove(EndpointId(endpoint_id), origin)


@get(
    "/{endpoint_id:str}/deliveries",
    opt=MAY_SEE,
    security=SIGNED_IN,
    summary="The delivery log of an endpoint",
    operation_id="list_webhook_deliveries",
    responses=answers(
        HTTPStatus.OK,
        DeliveriesView,
        {"items": [wire.DELIVERY], "before": None},
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def deliveries(
    endpoint_id: FromPath[str],
    deps: Deps,
    before: Annotated[
        int | None, QueryParameter(ge=1, required=False, description="`before` of the page before.")
    ] = None,
) -> DeliveriesView:
    """What it was told in the last 30 days, the newest first, and what came of it; 50 on a page."""
    found = await deps.webhooks.deliveries.log(EndpointId(endpoint_id), at_most=PAGE, before=before)
    more = found[-1].id if len(found) == PAGE else None
    return DeliveriesView(items=[DeliveryView.of(each) for each in found], before=more)


webhook_routes = Router(
    "/api/admin/webhooks",
    route_handlers=[
        endpoints,
        add_endpoint,
        rotate_secret,
        enable_endpoint,
        disable_endpoint,
        test_endpoint,
        replay_deliveries,
        remove_endpoint,
        deliveries,
    ],
    tags=["Webhooks"],
)
