"""The bank's messages in the OpenAPI description; the adapter of the bank parses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar.enums import RequestEncodingType
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from entrypoints.http.api import examples

RETURNED: Final[Mapping[str, str]] = {
    "order_id": examples.ID,
    "status": "CHARGED",
    "status_id": "21",
    "signature_algorithm": "HMAC-SHA256",
    "signature": "c2lnbmVkIGJ5IHRoZSBiYW5r",
}
TEXT: Final = Schema(type=OpenAPIType.STRING)


@dataclass
class SignedQuery(Operation):
    """The fields of a signed return, in the address."""

    def __post_init__(self) -> None:
        self.parameters = [
            Parameter(name=name, param_in="query", schema=TEXT, required=True, example=value)
            for name, value in RETURNED.items()
        ]


@dataclass
class SignedForm(Operation):
    """The fields of a signed return, as a form."""

    def __post_init__(self) -> None:
        fields = Schema(
            type=OpenAPIType.OBJECT,
            properties=dict.fromkeys(RETURNED, TEXT),
            required=list(RETURNED),
            examples=[dict(RETURNED)],
        )
        self.request_body = _body(RequestEncodingType.URL_ENCODED, fields, RETURNED)


@dataclass
class Event(Operation):
    """An event; only a few fields of it are looked at, and none is believed."""

    def __post_init__(self) -> None:
        event = Schema(type=OpenAPIType.OBJECT, examples=[examples.EVENT])
        self.request_body = _body(RequestEncodingType.JSON, event, examples.EVENT)


def _body(media: RequestEncodingType, schema: Schema, example: Mapping[str, Any]) -> RequestBody:
    shown: dict[str, Example | Reference] = {
        "sent": Example(summary="As the bank sends it", value=dict(example))
    }
    return RequestBody(
        content={media.value: OpenAPIMediaType(schema=schema, examples=shown)}, required=True
    )
