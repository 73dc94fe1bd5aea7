"""The API's description: OpenAPI for programs, and a page for people that works offline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from litestar import MediaType, Request, Response, Router
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, Contact, SecurityScheme
from litestar.template import TemplateEngineProtocol

from entrypoints.http.page import shared
from entrypoints.http.security.guards import public
from entrypoints.http.webhook_descriptions import described_webhooks

VERSION: Final = "1"
METHODS: Final = ("get", "post", "put", "patch", "delete")
ABOUT: Final = (
    "Take a course fee through HDFC Bank SmartGateway: quote, open a payment, send the student to "
    "`payment_url`, and read how it stands. Amounts are rupees as text with two decimals; every "
    "refusal is an RFC 9457 problem whose `type` is the address of its page. With `Accept-Language: hi` "
    "what a student may read of a refusal is in Hindi, and so are the emails about a payment begun with it."
)


@dataclass(frozen=True, slots=True)
class DescribedOperation:
    """One operation as the page shows it."""

    method: str
    path: str
    name: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    request: dict[str, Any] | None
    answers: list[tuple[str, dict[str, Any]]]
    security: list[str]


class OfflinePage(OpenAPIRenderPlugin):
    """Shows the description with a template of this service: no script, nothing loaded from another host."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        engine = cast("TemplateEngineProtocol[Any, Any]", request.app.template_engine)
        page: str = engine.get_template("docs.html").render(
            **shared(request, in_english=True),
            about=openapi_schema["info"],
            groups=grouped(openapi_schema),
            schemas=openapi_schema["components"]["schemas"],
            schemes=openapi_schema["components"]["securitySchemes"],
            webhooks={
                name: each["post"]["summary"] for name, each in openapi_schema["webhooks"].items()
            },
            shown=shown,
            kind_of=kind_of,
        )
        return page.encode()


def described() -> OpenAPIConfig:
    """Return the configuration under which the description is made and served."""
    return OpenAPIConfig(
        title="Shulk",
        version=VERSION,
        description=ABOUT,
        contact=Contact(name="Shulk"),
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="The platform's token: iss, aud, exp, sub, name, email, roles.",
                ),
                "session": SecurityScheme(
                    type="apiKey",
                    name="shulk-session",
                    security_scheme_in="cookie",
                    description="The pages' cookie; what changes something also needs X-CSRF-Token.",
                ),
                "webhook": SecurityScheme(
                    type="http",
                    scheme="basic",
                    description="The user and password set in the bank's dashboard.",
                ),
            }
        ),
        webhooks=described_webhooks(),
        use_handler_docstrings=True,
        render_plugins=[
            OfflinePage(),
            JsonRenderPlugin(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON),
        ],
        openapi_router=Router(
            "/api/docs",
            route_handlers=[],
            opt=public(),
            include_in_schema=False,
            after_request=_as_problem,
        ),
    )


def grouped(schema: Mapping[str, Any]) -> dict[str, list[DescribedOperation]]:
    """Return the operations under their tags, in the order in which they are declared."""
    groups: dict[str, list[DescribedOperation]] = {}
    for tag, operation in _operations(schema):
        groups.setdefault(tag, []).append(operation)
    return groups


def shown(example: object) -> str:
    """Return an example as a person reads JSON."""
    return msgspec.json.format(msgspec.json.encode(example), indent=2).decode()


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return a short word for the kind of value that *schema* describes."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return " or ".join(kind_of(each) for each in schema[word])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if isinstance(kind, list):
        return " or ".join(kind)
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, DescribedOperation]]:
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            said = item[method]
            body = said.get("requestBody", {}).get("content", {})
            yield (
                (said.get("tags") or ["Other"])[0],
                DescribedOperation(
                    method=method.upper(),
                    path=path,
                    name=said["operationId"],
                    summary=said.get("summary", ""),
                    description=said.get("description", ""),
                    parameters=said.get("parameters", []),
                    request=next(iter(body.values()), None),
                    answers=sorted(said["responses"].items()),
                    security=[name for each in said.get("security", []) for name in each],
                ),
            )


def _as_problem(response: Response[Any]) -> Response[Any]:
    # The framework's own answer to unknown addresses below this one is a page of its own.
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response
