"""What a query holds is known to its route and comes once, or is refused by name; pages and the bank are left alone."""

from http import HTTPStatus
from typing import Final

import pytest
from litestar.routes import HTTPRoute

from entrypoints.http.query_parameters import QueryParameters
from worlds.http import Client, HttpWorld, problem
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

HISTORY: Final = "/api/payment/history"
TOLERANT: Final = {
    ("GET", "/api/payment/callback"),
    ("POST", "/api/payment/callback"),
    ("POST", "/api/payment/webhook"),
    ("GET", "/api/docs"),
    ("GET", "/api/docs/openapi.json"),
    ("GET", "/api/docs/{path}"),
}
"""What a browser is sent to by the bank or a link, and what the bank itself sends, with whatever it adds."""


def test_each_route_of_the_api_is_strict_but_these() -> None:
    """
    A new route is strict, unless it says and stands here.
    """
    app = laid_out(settings_with())
    strict = QueryParameters.of(app).of_routes
    routes = {
        (str(method), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/")
        for method in route.route_handler_map
        if method != "OPTIONS"
    }

    assert {(method, path) for method, path in routes if (path, method) not in strict} == TOLERANT


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limt=3", [("limt", "unknown_name")]),
        ("limit=3&limit=4", [("limit", "repeated")]),
        ("limit=0&status=lost", [("limit", "too_small"), ("status", "not_allowed")]),
        ("utm_source=x&limit=many", [("utm_source", "unknown_name"), ("limit", "wrong_type")]),
        ("limit=1&limit=1&Limit=1", [("limit", "repeated"), ("Limit", "unknown_name")]),
        ("=1", [("", "unknown_name")]),
    ],
)
async def test_each_fault_of_a_query_is_named(
    client: Client, world: HttpWorld, query: str, found: list[tuple[str, str]]
) -> None:
    """
    Unknown, repeated and unusable ones in one answer, each by its parameter.
    """
    answer = await client.get(f"{HISTORY}?{query}", headers=world.bearer())

    errors = problem(answer, 422, "invalid-request")["errors"]
    assert sorted((each["parameter"], each["code"]) for each in errors) == sorted(found)
    for each in errors:
        assert "pointer" not in each
        if each["code"] == "unknown_name":
            assert {"cursor", "limit", "status"} <= set(each["allowed_values"])
            assert each["parameter"] not in each["allowed_values"]
        if each["parameter"] == "limit" and each["code"] != "repeated":
            assert each["allowed"] == "a whole number from 1 to 100"


async def test_a_list_may_be_repeated(client: Client, world: HttpWorld) -> None:
    """
    And its wrong items are told under its name.
    """
    world.add_member("farhan")
    headers = world.bearer("farhan", "finance")
    path = "/api/admin/discrepancies?state=open"

    taken = await client.get(f"{path}&state=resolved&limit=5", headers=headers)
    wrong = await client.get(f"{path}&state=lost", headers=headers)

    assert taken.status_code == HTTPStatus.OK
    [fault] = problem(wrong, 422, "invalid-request")["errors"]
    assert (fault["parameter"], fault["code"]) == ("state", "not_allowed")
    assert "open" in fault["allowed_values"]


@pytest.mark.parametrize(
    "path", ["/?utm_source=mail", "/health/live?probe=1", "/api/docs?utm_source=x"]
)
async def test_pages_take_what_links_add(client: Client, path: str) -> None:
    """
    A page is shown for an address with marks of a campaign; health is told to any probe.
    """
    assert (await client.get(path)).status_code == HTTPStatus.OK


async def test_who_may_not_ask_learns_no_names(client: Client) -> None:
    """
    Whoever is not signed in is told that first.
    """
    problem(await client.get(f"{HISTORY}?x=1"), 401, "not-signed-in")
