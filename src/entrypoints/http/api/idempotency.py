"""The idempotency key of a request, and the mark of an answer that an earlier request got."""

from typing import Any, Final, TypeVar

from litestar import Request, Response
from litestar.openapi.spec import (
    Example,
    OpenAPIHeader,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Schema,
)
from litestar.params import HeaderParameter

from domain.text.opaque_id import is_opaque_id
from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem

KEY_HEADER: Final = "Idempotency-Key"
KEY_MAX: Final = 255
KEY_KEPT_HOURS_MIN: Final = 24
"""So long a key is remembered at least; none is forgotten yet."""

REPLAYED: Final = "Idempotent-Replayed"
WHAT_A_KEY_IS: Final = f"1 to {KEY_MAX} printable ASCII characters"

Content = TypeVar("Content")


def key_parameter(about: str) -> HeaderParameter:
    """Return the description of the header; *about* says what the key does there."""
    return HeaderParameter(
        name=KEY_HEADER,
        required=False,
        description=f"{WHAT_A_KEY_IS}, such as a UUID; kept for {KEY_KEPT_HOURS_MIN} hours at least. {about}",
        examples=[Example(value="0f6c2c1e-5d2b-4c56-9a37-0d3c5a1f2b77")],
    )


class Replayable(Operation):
    """An operation whose answer tells whether an earlier request with the same key got it."""

    def __post_init__(self) -> None:
        for status, answer in (self.responses or {}).items():
            if status.startswith("2") and isinstance(answer, OpenAPIResponse):
                answer.headers = {
                    **(answer.headers or {}),
                    REPLAYED: OpenAPIHeader(
                        description="There, and true, when an earlier request with the same key got this answer.",
                        schema=Schema(type=OpenAPIType.STRING, enum=["true"]),
                    ),
                }


def offered_key(request: Request[Any, Any, Any]) -> str | None:
    """Return the idempotency key that came along, or raise ``HttpProblem`` for one that is none."""
    offered = request.headers.getall(KEY_HEADER, [])
    if not offered:
        return None
    if len(offered) != 1 or not is_key(offered[0]):
        raise HttpProblem(problem_types.KEY_INVALID)
    return offered[0]


def is_key(text: str) -> bool:
    return is_opaque_id(text, KEY_MAX)


def answered(content: Content, *, replayed: bool) -> Response[Content]:
    """Return the answer, marked when it is *replayed*."""
    return Response(content, headers={REPLAYED: "true"} if replayed else {})
