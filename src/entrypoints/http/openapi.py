"""The API's description: OpenAPI for programs, and a page for people that works offline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from litestar import MediaType, Request, Response, Router
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, Contact, SecurityScheme, Server, Tag
from litestar.template import TemplateEngineProtocol

from entrypoints.http.openapi_document import Description, operations
from entrypoints.http.page import shared
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.guards import public
from entrypoints.http.webhook_descriptions import described_webhooks
from entrypoints.settings.settings import Settings

VERSION: Final = "1"
ABOUT: Final = (
    "Take a course fee through HDFC Bank SmartGateway: quote, open a payment, send the student to "
    "`payment_url`, and read how it stands. Amounts are rupees as text with two decimals; every "
    "refusal is an RFC 9457 problem whose `type` is the address of its page. A body holds the members "
    "that are described and no others; an answer may have more of them later. With `Accept-Language: hi` "
    "what a student may read of a refusal is in Hindi, and so are the emails about a payment begun with it."
)

TAGS: Final[Mapping[str, str]] = {
    "Payments": "A student's own payments, from the price to the course; and the search of staff over all of them.",
    "Documents": "Invoices and credit notes as files.",
    "Refunds": "What goes back to students: requested, decided by a second person, and how it stands at the bank.",
    "Reviews": "Payments whose state a person has to decide.",
    "Catalogue": "Courses and discount codes.",
    "Settlements": "What the bank paid out: its reports and the account's statements.",
    "Reconciliation": "Our books compared with the bank's, and what was found.",
    "Returns": "Figures for the GST return.",
    "Monitoring": "How the service does: figures, dependencies, alerts.",
    "Given up": "Tasks that failed for good, and webhooks of the bank about no order of ours.",
    "Enrolments": "Which course is open to whom.",
    "Server keys": "What back ends of the platform call this interface with.",
    "Data of people": "All that is kept of a student: exported, erased where no law keeps it, or held back from that.",
    "Webhooks": "The endpoints of the platform that are told of payments, enrolments, refunds and documents.",
    "Jobs": "What workers do by themselves.",
    "Archive": "Months that have left the database as files.",
    "Staff": "Who may do what in the console.",
    "Gateway configuration": "The bank's credentials and limits, changed by two people.",
    "Session": "The sign-in of a browser.",
    "From the bank": "For the bank alone: it proves itself, and each message is only a reason to ask it.",
    "Health": "For load balancers.",
}
"""Groups of operations, in the order in which the page shows them."""


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
            abouts={each["name"]: each["description"] for each in openapi_schema["tags"]},
            schemas=openapi_schema["components"]["schemas"],
            schemes=openapi_schema["components"]["securitySchemes"],
            headers=openapi_schema["components"]["headers"],
            webhooks={
                name: each["post"]["summary"] for name, each in openapi_schema["webhooks"].items()
            },
            shown=shown,
            kind_of=kind_of,
        )
        return page.encode()


def described(settings: Settings) -> Description:
    """Return the configuration under which the description is made and served."""
    return Description(
        title="Shulk",
        version=VERSION,
        description=ABOUT,
        contact=Contact(name="Shulk"),
        servers=[Server(url=settings.public_url, description="This installation")],
        tags=[Tag(name=name, description=about) for name, about in TAGS.items()],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="The platform's token: iss, aud, exp, sub, name, email, roles.",
                ),
                "server_key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A key of the platform's back end, `shulk_sk_...`. What a student may do it does for"
                    " the one whom the header `Shulk-Student` names.",
                ),
                "session": SecurityScheme(
                    type="apiKey",
                    name=SessionCookies.of(settings).name,
                    security_scheme_in="cookie",
                    description="The pages' cookie; what changes something also needs `form_token`.",
                ),
                "form_token": SecurityScheme(
                    type="apiKey",
                    name="X-CSRF-Token",
                    security_scheme_in="header",
                    description="Goes with the cookie, from `GET /api/csrf`: it shows that our own pages ask.",
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
            opt=public(any_query=True),
            include_in_schema=False,
            after_request=_as_problem,
        ),
    )


def grouped(schema: dict[str, Any]) -> dict[str, list[DescribedOperation]]:
    """Return the operations under their tags, each in the order in which it is declared."""
    groups: dict[str, list[DescribedOperation]] = {each["name"]: [] for each in schema["tags"]}
    for tag, operation in _operations(schema):
        groups[tag].append(operation)
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


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, DescribedOperation]]:
    for path, method, said in operations(schema):
        body = said.get("requestBody", {}).get("content", {})
        yield (
            said["tags"][0],
            DescribedOperation(
                method=method.upper(),
                path=path,
                name=said["operationId"],
                summary=said.get("summary", ""),
                description=said.get("description", ""),
                parameters=said.get("parameters", []),
                request=next(iter(body.values()), None),
                answers=sorted(said["responses"].items()),
                security=[" and ".join(each) for each in said.get("security", []) if each],
            ),
        )


def _as_problem(response: Response[Any]) -> Response[Any]:
    # The framework's own answer to unknown addresses below this one is a page of its own.
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response
