"""The sign-in exchange as OpenAPI describes it: a form of the platform's page, or JSON."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar.enums import RequestEncodingType
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from entrypoints.http.api.wire import FormToken
from entrypoints.http.openapi_responses import WITH_BODY, answers

SENT: Final = {"token": "eyJhbGciOiJFUzI1NiJ9...", "next": "/checkout/python-foundations"}


@dataclass
class ExchangeOperation(Operation):
    def __post_init__(self) -> None:
        text = Schema(type=OpenAPIType.STRING)
        sent = Schema(
            type=OpenAPIType.OBJECT,
            properties={"token": text, "next": text},
            required=["token"],
            additional_properties=False,
            examples=[SENT],
        )
        media = (RequestEncodingType.URL_ENCODED, RequestEncodingType.JSON)
        self.request_body = RequestBody(
            content={
                each.value: OpenAPIMediaType(
                    schema=sent,
                    examples={"sent": Example(summary="For a course", value=SENT)},
                )
                for each in media
            },
            required=True,
        )


RESPONSES: Final[dict[int, Any]] = answers(
    HTTPStatus.OK, FormToken, {"csrf_token": "0f1e2d3c..."}, *WITH_BODY
) | {
    int(HTTPStatus.SEE_OTHER): ResponseSpec(
        data_container=None,
        generate_examples=False,
        description="A form is led on to `next`, with the cookie of the session",
    )
}
