"""HEAD is answered as GET is, and OPTIONS tells what a public route allows."""

import logging
import re
from collections.abc import Iterator
from typing import Final

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient

from worlds.http import Client, HttpWorld, problem
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

STATUS: Final = "/api/payment/status/SKAAAAAAAAAAAAAAAAAA"
SAMPLE: Final = {"file_path:path": "shulk.css"}


def public_routes() -> Iterator[tuple[str, set[str]]]:
    """Walk the addresses that anybody may call, and what each has besides HEAD and OPTIONS."""
    for route in laid_out(settings_with(demo_sign_in="true")).routes:
        if isinstance(route, HTTPRoute) and any(
            handler.opt.get("public") for handler in route.route_handlers
        ):
            path = re.sub(r"{([^}]+)}", lambda found: SAMPLE.get(found[1], "x"), route.path)
            methods = {str(method) for each in route.route_handlers for method in each.http_methods}
            yield path, methods - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", ["/", "/health/live", "/static/shulk.css", "/nowhere", STATUS])
async def test_head_is_get_without_its_body(client: Client, path: str) -> None:
    """
    The same status and headers, so that monitors and link checkers need no body.
    """
    got, head = await client.get(path), await client.head(path)

    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "cache-control", "etag"):
        assert head.headers.get(name) == got.headers.get(name)


async def test_head_is_nothing_where_get_is_nothing(client: Client) -> None:
    """
    A route that only takes a form or a webhook has no HEAD either.
    """
    answer = await client.head("/api/payment/webhook")

    assert (answer.status_code, answer.content) == (405, b"")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "POST"}


async def test_head_is_logged_as_what_it_was(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Method and route of the request.
    """
    with caplog.at_level(logging.INFO):
        await client.head("/health/live")
    [line] = [each for each in caplog.records if each.getMessage() == "request.answered"]

    assert (line.__dict__["method"], line.__dict__["route"]) == ("HEAD", "/health/live")


async def test_options_tells_what_a_public_route_allows() -> None:
    """
    204 on each of them, HEAD wherever there is GET; nothing is done.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    async with AsyncTestClient(app=world.app()) as client:
        for path, methods in public_routes():
            answer = await client.options(path)
            head = {"HEAD"} if "GET" in methods else set()

            assert (answer.status_code, answer.content) == (204, b""), path
            assert set(answer.headers["allow"].split(", ")) == methods | head | {"OPTIONS"}


async def test_options_of_another_route_needs_its_permission(
    client: Client, world: HttpWorld
) -> None:
    """
    As every method of it does.
    """
    for headers in ({}, world.bearer()):
        problem(await client.options(STATUS, headers=headers), 403, "not-allowed")


async def test_what_is_allowed_instead_is_named_with_head(client: Client) -> None:
    """
    Where a method is refused.
    """
    answer = await client.delete("/health/live")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
