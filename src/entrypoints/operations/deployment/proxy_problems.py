"""What a reverse proxy answers by itself, in the form of the API's own problems."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from entrypoints.http import problem_types
from entrypoints.http.problem_types import ProblemType

RETRY_SECONDS: Final = 5
AWAY: Final = "No process of the service answers at the moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyProblem:
    """The *statuses* that a proxy has of its own, and the problem that is answered instead."""

    name: str
    statuses: Sequence[int]
    kind: ProblemType
    detail: str
    retry: bool

    def body(self, public_url: str, request_id: str) -> str:
        """Return the problem as JSON; *request_id* is what the proxy puts its own id in by."""
        return json.dumps(
            {
                "type": self.kind.type_at(public_url),
                "title": self.kind.title,
                "status": int(self.kind.status),
                "detail": self.detail,
                "request_id": request_id,
            }
        )


TOO_LARGE: Final = ProxyProblem(
    name="body_too_large",
    statuses=(HTTPStatus.REQUEST_ENTITY_TOO_LARGE,),
    kind=problem_types.BODY_TOO_LARGE,
    detail=problem_types.BODY_TOO_LARGE.meaning,
    retry=False,
)
TOO_MANY: Final = ProxyProblem(
    name="too_many_requests",
    statuses=(HTTPStatus.TOO_MANY_REQUESTS,),
    kind=problem_types.TOO_MANY_REQUESTS,
    detail=problem_types.TOO_MANY_REQUESTS.meaning,
    retry=True,
)
UNANSWERED: Final = ProxyProblem(
    name="unanswered",
    statuses=(HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT),
    # What a client does is the same: ask again, under the same idempotency key.
    kind=problem_types.STORAGE_UNAVAILABLE,
    detail=AWAY,
    retry=True,
)
