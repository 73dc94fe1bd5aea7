"""The interface describes itself, truthfully and offline."""

import re
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest
from litestar.routes import HTTPRoute

from entrypoints.http.openapi import kind_of
from entrypoints.http.openapi_document import reached
from worlds.http import Client
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

VERBS: Final = {
    *("get", "list", "search", "check", "quote", "download", "export"),
    *(
        "initiate",
        "retry",
        "revoke",
        "cancel",
        "request",
        "approve",
        "reject",
        "resolve",
        "release",
        "take",
        "decline",
    ),
    *(
        "put",
        "add",
        "set",
        "enable",
        "disable",
        "remove",
        "suspend",
        "resume",
        "rotate",
        "replay",
        "test",
        "run",
        "send",
    ),
    *(
        "acknowledge",
        "requeue",
        "close",
        "dismiss",
        "silence",
        "propose",
        "end",
        "return",
        "receive",
        "exchange",
        "issue",
        "revoke",
        "requeue",
        "close",
        "dismiss",
        "plan",
        "erase",
        "place",
    ),
}
"""What a function does begins its name in a generated client."""


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = laid_out(settings_with(public_url="https://pay.example.com"))
    found: dict[str, Any] = app.openapi_schema.to_schema()
    return found


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, said)
        for path, item in description["paths"].items()
        for method, said in item.items()
        if method in {"get", "post", "put"}
    ]


def test_every_api_route_is_described(description: dict[str, Any]) -> None:
    """
    What is served for programs is described, and nothing else.
    """
    served = {
        (str(method).lower(), re.sub(r":\w+}", "}", route.path))
        for route in laid_out(settings_with()).routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"HEAD", "OPTIONS"}
        if route.path.startswith(("/api/", "/health/", "/session/exchange"))
        and not route.path.startswith("/api/docs")
    }

    assert {(method, path) for method, path, _ in operations(description)} == served
    assert description["openapi"].startswith("3.1")


def test_every_operation_has_examples(description: dict[str, Any]) -> None:
    """
    Each answer with a body shows one, and so does each body that is sent.
    """
    for method, path, said in operations(description):
        assert said["summary"], path
        assert said["description"], path
        for status, answer in said["responses"].items():
            for content in answer.get("content", {}).values():
                assert content.get("examples"), f"{method} {path} {status}"
        for content in said.get("requestBody", {}).get("content", {}).values():
            assert content["schema"].get("examples"), f"{method} {path}"


def test_every_operation_names_its_credentials(description: dict[str, Any]) -> None:
    """
    The schemes that are named exist.
    """
    schemes = set(description["components"]["securitySchemes"])

    assert schemes == {"bearer", "server_key", "session", "form_token", "webhook"}
    for method, path, said in operations(description):
        assert said["security"], path
        for each in said["security"]:
            assert set(each) <= schemes
            assert ("form_token" in each) is ("session" in each and method != "get"), path


def test_problems_are_described_as_problems(description: dict[str, Any]) -> None:
    """
    Errors of routes for programs are application/problem+json.
    """
    for _, path, said in operations(description):
        for status, answer in said["responses"].items():
            if status >= "400" and not path.endswith("/callback"):
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_every_example_is_of_its_schema(description: dict[str, Any]) -> None:
    """
    What is shown of a body, an answer, a parameter or a member could be sent or come (JSON Schema 2020-12).
    """
    schemas = description["components"]["schemas"]

    def whole(schema: dict[str, Any]) -> dict[str, Any]:
        # With what it names and no more: to compile all components for each example takes half a minute.
        named = {name: schemas[name] for name in reached(schemas, schema)}
        return schema | {"components": {"schemas": named}}

    wrong = [
        f"{place}: {error.message}"
        for place, schema, example in examples(description)
        for error in jsonschema_rs.Draft202012Validator(
            whole(schema), validate_formats=True
        ).iter_errors(example)
    ]

    assert wrong == []


def examples(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield each example with its place and its schema."""
    for method, path, said in operations(description):
        place = f"{method} {path}"
        for parameter in said.get("parameters", ()):
            yield from shown(f"{place} {parameter['name']}", parameter)
        bodies = [said.get("requestBody", {}), *said["responses"].values()]
        for content in (each for body in bodies for each in body.get("content", {}).values()):
            yield from shown(place, content)
    for name, header in description["components"]["headers"].items():
        yield name, header["schema"], header["example"]
    for name, schema in description["components"]["schemas"].items():
        for field, member in schema.get("properties", {}).items():
            for example in member.get("examples", ()):
                yield f"{name}.{field}", member, example


def shown(place: str, part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    schema = part["schema"]
    for example in schema.get("examples", ()):
        yield place, schema, example
    for named in part.get("examples", {}).values():
        yield place, schema, named["value"]


def test_what_is_sent_is_closed_and_what_is_answered_open(description: dict[str, Any]) -> None:
    """
    A typing error in a body is found before it is sent; a member that is added later breaks no client.
    """
    schemas = description["components"]["schemas"]
    said = [each for _, _, each in operations(description)]
    bodies = [
        each.get("requestBody", {}).get("content", {}).get("application/json") for each in said
    ]
    sent = reached(schemas, bodies)
    answered = reached(schemas, [each["responses"] for each in said])

    for name in sent | answered:
        if "properties" in schemas[name]:
            closed = schemas[name].get("additionalProperties", True) is False
            assert closed is (name in sent), name
            assert not (name in sent and name in answered), name


def test_names_are_good_in_a_client(description: dict[str, Any]) -> None:
    """
    A function begins with what it does, a type is one word, and each group says what it is for.
    """
    names = [said["operationId"] for _, _, said in operations(description)]
    tags = {each["name"]: each["description"] for each in description["tags"]}

    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name), name
        assert name.split("_")[0] in VERBS, name
    for name, schema in description["components"]["schemas"].items():
        assert re.fullmatch("[A-Z][A-Za-z0-9]+", name)
        assert schema["title"] == name
    assert {tag for _, _, said in operations(description) for tag in said["tags"]} == set(tags)
    assert all(tags.values())


def test_words_of_a_fixed_set_are_named(description: dict[str, Any]) -> None:
    """
    An enum stands once, under its name, and is referred to.
    """
    schemas = description["components"]["schemas"]
    for name, schema in schemas.items():
        for field, member in schema.get("properties", {}).items():
            assert "enum" not in str(member), f"{name}.{field}"
    for _, path, said in operations(description):
        for parameter in said.get("parameters", ()):
            assert "enum" not in str(parameter["schema"]), path
    for name, field, enum in (
        ("StatusView", "status", "PaymentState"),
        ("StatusView", "failure_reason", "FailureReason"),
        ("RefundView", "status", "RefundState"),
        ("QuoteAnswer", "price_mode", "PriceMode"),
        ("Breakdown", "second_tax", "SecondTax"),
    ):
        assert enum in reached(schemas, schemas[name]["properties"][field])
        assert schemas[enum]["enum"]


def test_parameters_have_no_null(description: dict[str, Any]) -> None:
    """
    A query or header that is left out is left out: nobody can write null there.
    """
    for _, path, said in operations(description):
        for parameter in said.get("parameters", ()):
            assert "null" not in str(parameter["schema"]), (path, parameter["name"])


def test_a_choice_has_two_kinds(description: dict[str, Any]) -> None:
    """
    What is of one kind is described as that: some generators make a class of its own for each choice.
    """
    parts: list[Any] = [description]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            assert len(part.get("oneOf", (1, 2))) > 1, part
            parts += part.values()
        elif isinstance(part, list):
            parts += part


def test_a_query_that_cannot_be_used_is_refused(description: dict[str, Any]) -> None:
    """
    Who may get a parameter wrong is told what a refusal looks like.
    """
    for _, path, said in operations(description):
        asked = [each for each in said.get("parameters", ()) if each["in"] == "query"]
        assert not asked or path.endswith("/callback") or "422" in said["responses"], path


def test_headers_are_described(description: dict[str, Any]) -> None:
    """
    Each answer has the id of its request; who has to wait learns how long; who is counted learns what is left.
    """
    known = description["components"]["headers"]
    for _, path, said in operations(description):
        for status, answer in said["responses"].items():
            named = set(answer["headers"])
            for header in answer["headers"].values():
                assert header.get("description") or header["$ref"].rpartition("/")[2] in known
            assert {"X-Request-ID", "X-Client-Request-ID"} <= named
            assert "Retry-After" in named or status not in {"429", "503"}, path
            assert ("RateLimit" in named) is ("429" in said["responses"]), path
    busy = description["paths"]["/api/payment/initiate"]["post"]["responses"]["409"]
    assert "Retry-After" in busy["headers"]
    assert all(each["description"] for each in known.values())


def test_a_student_s_language_may_be_asked_for(description: dict[str, Any]) -> None:
    """
    What a student may read is told in their language to a client that asks for it.
    """
    for path in ("/api/payment/initiate", "/api/payment/status/{transaction_id}"):
        (said,) = description["paths"][path].values()
        assert "Accept-Language" in [each["name"] for each in said["parameters"]]
    (staff,) = description["paths"]["/api/admin/jobs"].values()
    assert "Accept-Language" not in [each["name"] for each in staff["parameters"]]


def test_the_server_is_the_public_address(description: dict[str, Any]) -> None:
    """
    A client that is made from the description asks the right host.
    """
    assert [each["url"] for each in description["servers"]] == ["https://pay.example.com"]
    cookie = description["components"]["securitySchemes"]["session"]
    assert cookie["name"] == "__Host-shulk-session"


async def test_the_page_works_offline(client: Client) -> None:
    """
    Nothing on it comes from elsewhere, and it shows every operation.
    """
    text = (await client.get("/api/docs")).text
    description = (await client.get("/api/docs/openapi.json")).json()

    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    for _, path, said in operations(description):
        assert f"<code>{path}</code>" in text
        assert f'id="{said["operationId"]}"' in text
    for name in (
        *description["components"]["headers"],
        *(each["name"] for each in description["tags"]),
    ):
        assert name in text


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"$ref": "#/components/schemas/Billing"}, "Billing"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": ["string", "integer"]}, "string or integer"),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({}, "any"),
    ],
)
def test_kinds_are_told_in_a_word(schema: dict[str, Any], word: str) -> None:
    """
    The page says briefly what a field holds.
    """
    assert kind_of(schema) == word
