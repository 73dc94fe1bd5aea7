"""The console's table of permissions: each route has its row, and the navigation shows what may be opened."""

import re
from collections.abc import Iterator

import pytest
from litestar.routes import HTTPRoute

from domain.identifiers import StudentId
from domain.staff.access import PERMISSIONS, Role
from entrypoints.http.app import new_app
from entrypoints.http.console.console_page import console_problem
from entrypoints.http.console.places import GROUPS, PLACES, navigation
from entrypoints.http.security.identity import Caller
from worlds.http import Client, HttpWorld, into_console
from worlds.settings import settings_with

STAFF = [Role.SUPPORT, Role.FINANCE, Role.ADMIN, Role.AUDITOR]


def console_routes() -> Iterator[tuple[str, str, dict[str, object]]]:
    for route in new_app(settings_with()).routes:
        if isinstance(route, HTTPRoute) and route.path.startswith("/console"):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                    yield str(method), route.path, dict(handler.opt)


def test_each_route_has_its_row_and_each_row_its_route() -> None:
    """
    And what the route asks for is what the row says.
    """
    found = {(method, path): opt for method, path, opt in console_routes()}

    assert set(found) == set(PLACES)
    for at, place in PLACES.items():
        assert found[at].get("permission") is place.permission, at
        assert found[at]["budget"] is place.budget, at
        assert bool(found[at].get("console")) is (place.permission is not None), at
        assert found[at]["page"], at
        assert found[at]["problem_page"] is console_problem, at


def test_the_navigation_leads_to_pages_alone() -> None:
    """
    A word and what can be done there, for addresses without a part to fill in.
    """
    for (method, path), place in PLACES.items():
        if place.word:
            assert method == "GET"
            assert "{" not in path
        assert bool(place.about) is bool(place.word) or path == "/console"


def test_the_navigation_is_in_groups() -> None:
    """
    Each page stands in one of a few, and a group of which nothing may be opened is left out.
    """
    words = {place.group for place in PLACES.values() if place.word}
    support = Caller(
        id=StudentId("s"), roles=frozenset({Role.SUPPORT}), session="s", confirmed=True
    )

    alone = [path for (_, path), place in PLACES.items() if place.word and not place.group]

    assert words == set(GROUPS)
    assert alone == ["/console"]
    assert all(not place.group for place in PLACES.values() if not place.word)
    for group in navigation(support, "/console"):
        assert group.links
        assert group.word in GROUPS


def test_nobody_is_shown_the_navigation_before_the_code() -> None:
    """
    Not even what it is called.
    """
    caller = Caller(id=StudentId("farhan"), roles=frozenset({Role.FINANCE}), session="s")

    assert not navigation(caller, "/console")
    assert not navigation(None, "/console")


@pytest.mark.parametrize("role", STAFF)
async def test_each_role_with_each_page(client: Client, world: HttpWorld, role: Role) -> None:
    """
    What a role may open is in its navigation and opens; everything else is refused.
    """
    await into_console(client, world, "mira", role)
    page = (await client.get("/console")).text
    for (method, path), place in PLACES.items():
        if place.permission is None or "{" in path:
            continue
        may = place.permission in PERMISSIONS[role]
        if place.word:
            assert (f'href="{path}"' in page) is may, path
        if method == "GET":
            assert (await client.get(path)).status_code == (200 if may else 403), path


@pytest.mark.parametrize("role", STAFF)
async def test_no_form_of_the_console_without_its_token(
    client: Client, world: HttpWorld, role: Role
) -> None:
    """
    Another site cannot send one for whoever is signed in.
    """
    await into_console(client, world, "mira", role)
    for method, path in PLACES:
        if method == "POST":
            address = re.sub(r"\{\w+:int\}", "7", path).replace("{", "").replace(":str}", "")
            answer = await client.post(address, data={"csrf_token": "0" * 64})
            assert answer.status_code == 403, path
