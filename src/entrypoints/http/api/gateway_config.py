"""The API of the gateway configuration: seen by staff, changed by two administrators, tried at the bank."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get, post, put
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from application.gateway_config.decide_configuration import DecisionCommand
from application.gateway_config.propose_configuration import ProposeConfigurationCommand
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api.gateway_config_wire import (
    ConfigurationAnswer,
    ConfigurationAsked,
    ConfigurationDecision,
    ConnectionAnswer,
    ConnectionAsked,
)
from entrypoints.http.api.refunds import IN_PERSON
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]

VERSION: Final = {
    "version": 7,
    "state": "approved",
    "merchant_id": "SIMMERCHANT",
    "payment_page_client_id": "hdfcmaster",
    "api_version": "2023-06-30",
    "webhook_user": "shulk",
    "methods": ["UPI", "CARD"],
    "minimum": "10.00",
    "maximum": "500000.00",
    "session_seconds": 900,
    "secrets": [
        {"secret": "api_key", "tail": "9f3c", "fingerprint": "f3a9c2e1", "readable": True},
        {"secret": "response_key", "tail": "", "fingerprint": "0b7d55aa", "readable": True},
        {"secret": "webhook_password", "tail": "77QQ", "fingerprint": "9e01d4c8", "readable": True},
    ],
    "method_maxima": {"UPI": "100000.00"},
    "needs_second": True,
    "reason": "The bank renewed our API key",
    "proposed_by": "zoya",
    "proposed_at": "2026-08-03T06:30:00Z",
    "decided_by": "anita",
    "decided_at": "2026-08-03T06:40:00Z",
    "decision_reason": "",
    "effective_from": "2026-08-03T06:41:00Z",
    "old_secrets_until": None,
}
CONFIGURATION: Final = {
    "in_effect": VERSION,
    "pending": None,
    "old_secrets_since": None,
    "old_secrets_until": None,
    "history": [VERSION],
    "locked": False,
    "currency": "INR",
}
DECIDED: Final = Body(
    examples=[
        Example(summary="With a code", value={"reason": "Checked with the bank", "otp": "123456"})
    ]
)
DECISION: Final = answers(
    HTTPStatus.OK,
    ConfigurationAnswer,
    CONFIGURATION,
    problem_types.CONFIGURATION_DECIDED,
    problem_types.CONFIGURATION_INVALID,
    problem_types.OWN_PROPOSAL,
    problem_types.CARD_NUMBER,
    *IN_PERSON,
)


@get(
    "/config",
    opt=opened_to(Permission.SEE_GATEWAY, Budget.STAFF),
    security=SIGNED_IN,
    summary="The gateway configuration",
    operation_id="get_gateway_config",
    responses=answers(HTTPStatus.OK, ConfigurationAnswer, CONFIGURATION, *ALWAYS),
)
async def configuration(deps: Deps) -> ConfigurationAnswer:
    """Return what is in effect, what waits, and the versions before; secrets as masks."""
    return ConfigurationAnswer.of(await deps.gateway_config.read())


@put(
    "/config",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PROPOSE_GATEWAY, Budget.CONFIGURATION, json=True),
    security=SIGNED_IN,
    summary="Change the gateway configuration",
    operation_id="propose_gateway_config",
    responses=answers(
        HTTPStatus.OK,
        ConfigurationAnswer,
        CONFIGURATION,
        problem_types.CONFIGURATION_INVALID,
        problem_types.CONFIGURATION_PENDING,
        problem_types.CONFIGURATION_CHANGED,
        problem_types.CONFIGURATION_UNCHANGED,
        problem_types.CONFIGURATION_LOCKED,
        problem_types.OLD_SECRETS_ACCEPTED,
        problem_types.SECRET_UNREADABLE,
        problem_types.AMOUNT_INEXACT,
        problem_types.CARD_NUMBER,
        *IN_PERSON,
    ),
)
async def propose(
    request: By,
    data: Annotated[
        ConfigurationAsked,
        Body(
            examples=[
                Example(
                    summary="Take cards no longer, up to a lakh",
                    value={
                        "methods": ["UPI", "NB"],
                        "maximum": "100000.00",
                        "based_on": 6,
                        "reason": "Cards fail since this morning",
                        "otp": "123456",
                    },
                )
            ]
        ),
    ],
    deps: Deps,
) -> ConfigurationAnswer:
    """Approve at once what only narrows the version in effect; anything else waits for another administrator."""
    command = ProposeConfigurationCommand(
        change=data.change,
        reason=data.reason,
        based_on=data.based_on,
        by=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=data.otp,
        effective_from=data.instant,
    )
    await deps.gateway_config.propose(command)
    return await _now(deps)


@post(
    "/config/{version:int}/approve",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.APPROVE_GATEWAY, Budget.CONFIGURATION, json=True),
    security=SIGNED_IN,
    summary="Approve a version of the gateway configuration",
    operation_id="approve_gateway_config",
    responses=DECISION,
)
async def approve(
    request: By,
    version: FromPath[int],
    data: Annotated[ConfigurationDecision, DECIDED],
    deps: Deps,
) -> ConfigurationAnswer:
    """Approve what another administrator proposed; it is in effect a minute later at the soonest."""
    await deps.gateway_config.decide.approve(_decision(request, version, data))
    return await _now(deps)


@post(
    "/config/{version:int}/reject",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.APPROVE_GATEWAY, Budget.CONFIGURATION, json=True),
    security=SIGNED_IN,
    summary="Reject a version of the gateway configuration",
    operation_id="reject_gateway_config",
    responses=DECISION,
)
async def reject(
    request: By,
    version: FromPath[int],
    data: Annotated[ConfigurationDecision, DECIDED],
    deps: Deps,
) -> ConfigurationAnswer:
    """Reject or withdraw it, also when it was approved and is not in effect yet."""
    await deps.gateway_config.decide.reject(_decision(request, version, data))
    return await _now(deps)


@post(
    "/config/{version:int}/end-old-secrets",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PROPOSE_GATEWAY, Budget.CONFIGURATION, json=True),
    security=SIGNED_IN,
    summary="Accept the secrets before a version no longer",
    operation_id="end_old_gateway_secrets",
    responses=answers(
        HTTPStatus.OK,
        ConfigurationAnswer,
        CONFIGURATION,
        problem_types.NO_OLD_SECRETS,
        problem_types.CONFIGURATION_INVALID,
        problem_types.CARD_NUMBER,
        *IN_PERSON,
    ),
)
async def end_old_secrets(
    request: By,
    version: FromPath[int],
    data: Annotated[ConfigurationDecision, DECIDED],
    deps: Deps,
) -> ConfigurationAnswer:
    """End the response key and webhook password from before the rotation: the bank uses the new ones."""
    await deps.gateway_config.decide.end_old_secrets(_decision(request, version, data))
    return await _now(deps)


@post(
    "/test-connection",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.TEST_CONNECTION, Budget.CONNECTION_TEST, json=True),
    security=SIGNED_IN,
    summary="Test the connection to the bank",
    operation_id="test_gateway_connection",
    responses=answers(
        HTTPStatus.OK,
        ConnectionAnswer,
        {"version": 7, "verdict": "works", "detail": ""},
        problem_types.CONFIGURATION_INVALID,
        problem_types.SECRET_UNREADABLE,
        problem_types.NOT_FOUND,
        *WITH_BODY,
    ),
)
async def try_connection(
    request: By,
    data: Annotated[
        ConnectionAsked,
        Body(examples=[Example(summary="A proposal", value={"version": 7})]),
    ],
    deps: Deps,
) -> ConnectionAnswer:
    """Read an order that does not exist with these credentials, and with spoilt ones; nothing is changed."""
    origin = origin_of_request(request, Source.ADMIN)
    tested = await deps.gateway_config.try_connection(data.version, data.change, origin)
    return ConnectionAnswer.of(tested)


async def _now(deps: Deps) -> ConfigurationAnswer:
    return ConfigurationAnswer.of(await deps.gateway_config.read())


def _decision(request: By, version: int, data: ConfigurationDecision) -> DecisionCommand:
    return DecisionCommand(
        number=version,
        reason=data.reason,
        by=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=data.otp,
    )


gateway_config_routes = Router(
    "/api/admin/payment",
    route_handlers=[configuration, propose, approve, reject, end_old_secrets, try_connection],
    tags=["Gateway configuration"],
)
