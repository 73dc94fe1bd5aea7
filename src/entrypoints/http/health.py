"""Health checks for load balancers: whether the process runs, and whether it can do its work now."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from litestar import MediaType, Response, get

from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import NO_CREDENTIALS, answers
from entrypoints.http.security.guards import public

FINE: Final = "ok"
UNREADY: Final = "unready"
DISPENSABLE: Final = frozenset({"redis", "gateway"})
"""
Without these the service is slower, or waits for the bank, and still does all it can do: no process
becomes better by being started again.
"""


class Liveness(msgspec.Struct, frozen=True):
    status: str


class Readiness(msgspec.Struct, frozen=True):
    """`ready`, `degraded` (something dispensable is missing) or `unready`."""

    status: str
    parts: Mapping[str, str]


@get(
    "/health/live",
    opt=public(None, for_everybody=True),
    security=NO_CREDENTIALS,
    summary="The process answers",
    operation_id="check_live",
    tags=["Health"],
    responses=answers(HTTPStatus.OK, Liveness, {"status": "live"}),
)
async def live() -> Liveness:
    """Answer, without asking anything else."""
    return Liveness(status="live")


@get(
    "/health/ready",
    opt=public(None, for_everybody=True),
    security=NO_CREDENTIALS,
    summary="The process can work",
    operation_id="check_ready",
    tags=["Health"],
    responses=answers(
        HTTPStatus.OK,
        Readiness,
        {"status": "ready", "parts": {"database": "ok", "redis": "ok", "gateway": "ok"}},
    ),
)
async def ready(deps: Deps) -> Response[Readiness]:
    """Ask every part of the process; 503 when one is missing that nothing can be done without."""
    parts = await deps.process.ready()
    word = standing_of(parts)
    status = HTTPStatus.SERVICE_UNAVAILABLE if word == UNREADY else HTTPStatus.OK
    return Response(
        Readiness(status=word, parts=parts), status_code=status, media_type=MediaType.JSON
    )


def standing_of(parts: Mapping[str, str]) -> str:
    """Return ``ready``, ``degraded`` or ``unready``, by what each of *parts* says of itself."""
    missing = {name for name, said in parts.items() if said != FINE}
    if missing - DISPENSABLE:
        return UNREADY
    return "degraded" if missing else "ready"
