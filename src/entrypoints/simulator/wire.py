"""Write JSON bodies with exact numbers, and instants in UTC to the second."""

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from litestar import Response

JsonObject = dict[str, object]
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body of the control API: an unknown field is an error."""


ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def json_bytes(body: object) -> bytes:
    return ENCODER.encode(body)


def json_answer(body: object, status: int = 200) -> Response[bytes]:
    return Response(json_bytes(body), status_code=status, media_type="application/json")


def instant(moment: datetime) -> str:
    """Return *moment* as the gateway writes it: ``2026-07-31T10:15:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
