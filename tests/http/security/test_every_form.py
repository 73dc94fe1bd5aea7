"""Every form and every route that changes something: without the form token, and with markup in each field."""

from datetime import timedelta
from typing import Any, Final

import pytest
from httpx import Response

from domain.staff.access import Role
from worlds.http import Client, HttpWorld, into_console
from worlds.http_forms import addressed, names_in_forms, pages, routes
from worlds.settings import settings_with

STAFF: Final = tuple(role for role in Role if role is not Role.STUDENT)
MARKUP: Final = """"'><script>alert(1)</script>{{7*7}}"""


def changing() -> list[tuple[str, str]]:
    """Return the method and address of each route that changes something and is not exempt on purpose."""
    return [
        (method, path)
        for method, path, handler in routes()
        if method != "GET" and not handler.opt.get("from_elsewhere")
    ]


async def test_no_route_changes_anything_without_the_form_token() -> None:
    """
    A browser that another site makes send our cookie is refused everywhere, before anything is read of its form.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    async with world.serve() as client:
        await into_console(client, world, "farhan", *STAFF)
        stored = world.memory.store.audit.copy()
        for method, path in changing():
            world.clock.move(timedelta(seconds=5))
            sent: dict[str, Any] = {"data": {"csrf_token": "x"}}
            if path.startswith("/api/"):
                sent = {"json": {}, "headers": {"X-CSRF-Token": "x"}}
            answer = await client.request(method, addressed(path, {}), **sent)
            assert "Form token missing or wrong" in answer.text, f"{method} {path}: {answer.text}"
            assert answer.status_code == 403, f"{method} {path}"

        assert world.memory.store.audit == stored


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_field_of_a_page_becomes_markup(method: str) -> None:
    """
    Every page is sent every field that any form has, and what it answers holds none of it as markup.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    async with world.serve() as client:
        token = await into_console(client, world, "farhan", *STAFF)
        told = dict.fromkeys(sorted(names_in_forms()), MARKUP)
        for path in pages(method):
            world.clock.move(timedelta(minutes=1))
            answer = await _sent(client, method, addressed(path, {}), told, token)
            assert answer.status_code < 500, f"{path}: {answer.text}"
            assert "<script>alert" not in answer.text, path
            assert "\"'><" not in answer.text, path
            assert "alert(1)</script>49" not in answer.text, path


async def _sent(
    client: Client, method: str, address: str, told: dict[str, str], token: str
) -> Response:
    if method == "GET":
        return await client.get(address, params=told)
    return await client.post(address, data={**told, "csrf_token": token, "act": "disable"})
