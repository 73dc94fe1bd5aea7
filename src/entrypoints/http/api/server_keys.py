"""The API of server keys for administrators: what shows a secret takes a code of theirs."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from application.sign_in.manage_server_keys import NewServerKey
from application.staff.verify_totp import TotpAttempt
from domain.sign_in.server_key import ServerKeyId
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api import server_key_wire as wire
from entrypoints.http.api.refunds import IN_PERSON
from entrypoints.http.api.server_key_wire import (
    ServerKeyAdded,
    ServerKeyRotated,
    ServerKeySecretView,
    ServerKeysView,
    ServerKeyView,
)
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]
CONFIRMED: Final = opened_to(Permission.WRITE_KEYS, Budget.CONFIGURATION, json=True)


@get(
    "/",
    opt=opened_to(Permission.SEE_KEYS, Budget.STAFF),
    security=SIGNED_IN,
    summary="All server keys",
    operation_id="list_server_keys",
    responses=answers(HTTPStatus.OK, ServerKeysView, {"items": [wire.KEY]}, *ALWAYS),
)
async def server_keys(deps: Deps) -> ServerKeysView:
    """What back ends of the platform may do here, and when each key was used last."""
    at = deps.clock.now()
    found = await deps.sign_in.server_keys.all()
    return ServerKeysView(items=[ServerKeyView.of(each, at) for each in found])


@post(
    "/",
    status_code=HTTPStatus.CREATED,
    opt=CONFIRMED,
    security=SIGNED_IN,
    summary="Add a server key",
    operation_id="add_server_key",
    responses=answers(
        HTTPStatus.CREATED,
        ServerKeySecretView,
        wire.WITH_SECRET,
        problem_types.SERVER_KEY_REFUSED,
        problem_types.CARD_NUMBER,
        *IN_PERSON,
    ),
)
async def add_server_key(
    request: By,
    data: Annotated[
        ServerKeyAdded,
        Body(
            title="What it may do",
            examples=[Example(summary="To pay for students", value=wire.ADDED)],
        ),
    ],
    deps: Deps,
) -> ServerKeySecretView:
    """The answer shows the whole key, once."""
    new = NewServerKey(
        name=data.name,
        scopes=frozenset(data.scopes),
        expires_at=data.expires_at,
        origin=origin_of_request(request, Source.ADMIN),
    )
    added = await deps.sign_in.manage_server_keys.add(new, _attempt(request, "new", data.otp))
    return ServerKeySecretView.of(added, deps.clock.now())


@post(
    "/{key_id:str}/rotate",
    status_code=HTTPStatus.OK,
    opt=CONFIRMED,
    security=SIGNED_IN,
    summary="Give a server key a new secret",
    operation_id="rotate_server_key",
    responses=answers(
        HTTPStatus.OK,
        ServerKeySecretView,
        wire.WITH_SECRET,
        problem_types.SERVER_KEY_REFUSED,
        *IN_PERSON,
    ),
)
async def rotate_server_key(
    request: By,
    key_id: FromPath[str],
    data: Annotated[
        ServerKeyRotated, Body(examples=[Example(summary="Both for a day", value=wire.ROTATED)])
    ],
    deps: Deps,
) -> ServerKeySecretView:
    """The secret before stays valid for `overlap_hours`. The answer shows the new key, once."""
    rotated = await deps.sign_in.manage_server_keys.rotate(
        ServerKeyId(key_id),
        timedelta(hours=data.overlap_hours),
        origin_of_request(request, Source.ADMIN),
        _attempt(request, key_id, data.otp),
    )
    return ServerKeySecretView.of(rotated, deps.clock.now())


@post(
    "/{key_id:str}/revoke",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.WRITE_KEYS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Revoke a server key",
    operation_id="revoke_server_key",
    responses=answers(
        HTTPStatus.OK,
        ServerKeyView,
        wire.KEY | {"state": "revoked", "revoked_at": "2026-11-30T07:00:00Z"},
        problem_types.NOT_FOUND,
        problem_types.CHANGED_MEANWHILE,
        problem_types.CSRF_REFUSED,
        *ALWAYS,
    ),
)
async def revoke_server_key(request: By, key_id: FromPath[str], deps: Deps) -> ServerKeyView:
    """It opens nothing from now on. There is no way back; one that was revoked stays so."""
    origin = origin_of_request(request, Source.ADMIN)
    revoked = await deps.sign_in.manage_server_keys.revoke(ServerKeyId(key_id), origin)
    return ServerKeyView.of(revoked, deps.clock.now())


def _attempt(request: By, key: str, code: str) -> TotpAttempt:
    return TotpAttempt(
        staff=StaffId(request.user.id),
        permission=Permission.WRITE_KEYS,
        subject=f"server_key:{key}",
        code=code,
    )


server_key_routes = Router(
    "/api/admin/keys",
    route_handlers=[server_keys, add_server_key, rotate_server_key, revoke_server_key],
    tags=["Server keys"],
)
