"""The headers of answers, described once; each answer refers to those that it has."""

from typing import Any, Final

from entrypoints.http.api_versions import HEADER as VERSION
from entrypoints.http.api_versions import NAMES

REQUEST_ID: Final = "X-Request-ID"
CLIENT_REQUEST_ID: Final = "X-Client-Request-ID"
RATE_LIMIT: Final = "RateLimit"
RATE_LIMIT_POLICY: Final = "RateLimit-Policy"
RETRY_AFTER: Final = "Retry-After"

EVERYWHERE: Final = (REQUEST_ID, CLIENT_REQUEST_ID)
WHERE_COUNTED: Final = (RATE_LIMIT, RATE_LIMIT_POLICY)


def _header(about: str, schema: dict[str, Any], example: str | int) -> dict[str, Any]:
    return {"description": about, "schema": schema, "example": example}


RESPONSE_HEADERS: Final[dict[str, Any]] = {
    REQUEST_ID: {
        "required": True,
        **_header(
            "Our id of the request. It stands in the log with all that the request led to: name it when you ask.",
            {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "5f2b9c0d1e3a4b6c",
        ),
    },
    CLIENT_REQUEST_ID: _header(
        "What came as `X-Request-ID`, given back when it is 1 to 64 of letters, digits and `._:-`.",
        {"type": "string"},
        "order-4711",
    ),
    RATE_LIMIT: _header(
        "What is left of each limit that the request counts against, and in how many seconds it is whole again "
        "(draft-ietf-httpapi-ratelimit-headers-11).",
        {"type": "string"},
        '"initiate";r=4;t=60',
    ),
    RATE_LIMIT_POLICY: _header(
        "The limits themselves: how many requests (`q`) in how many seconds (`w`).",
        {"type": "string"},
        '"initiate";q=5;w=60',
    ),
    VERSION: {
        "required": True,
        **_header(
            "The version of the interface by which it was answered (docs/versioning.md).",
            {"type": "string", "enum": list(NAMES)},
            NAMES[-1],
        ),
    },
    RETRY_AFTER: _header(
        "After so many seconds the same request may do better; before that it will not.",
        {"type": "integer", "minimum": 1},
        12,
    ),
}

VERSION_PARAMETER: Final[dict[str, Any]] = {
    "name": VERSION,
    "in": "header",
    "required": False,
    **_header(
        "The version of the interface that the request was written for; without it the oldest that lives answers.",
        {"type": "string"},
        NAMES[-1],
    ),
}
