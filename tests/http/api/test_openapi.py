"""The interface describes itself, truthfully and offline."""

import re
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from entrypoints.http.openapi import kind_of
from worlds.http import Client, HttpWorld
from worlds.settings import settings_with


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = HttpWorld(settings_with()).app()
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
        for route in HttpWorld(settings_with()).app().routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"HEAD", "OPTIONS"}
        if route.path.startswith(("/api/", "/health/")) and not route.path.startswith("/api/docs")
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

    assert schemes == {"bearer", "session", "webhook"}
    for _, path, said in operations(description):
        assert said["security"], path
        for each in said["security"]:
            assert set(each) <= schemes


def test_problems_are_described_as_problems(description: dict[str, Any]) -> None:
    """
    Errors of routes for programs are application/problem+json.
    """
    for _, path, said in operations(description):
        for status, answer in said["responses"].items():
            if status >= "400" and not path.endswith("/callback"):
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


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
