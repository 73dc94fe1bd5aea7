"""The pages in Debian's chromium: the world in memory behind a real server, the bank's page played by the test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, async_playwright

from browser.site import WIDE, Site
from entrypoints.cli.embedded import free_port
from worlds.http import HttpWorld
from worlds.listening import listening
from worlds.settings import BANK, settings_with

CHROMIUM: Final = "/usr/bin/chromium"
SWITCHES: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of these tests in the loop of the session, in which the browser lives."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def world() -> HttpWorld:
    """A world whose clock stands still and whose bank does as it is told."""
    return HttpWorld(settings_with(demo_sign_in="true"))


@pytest_asyncio.fixture(loop_scope="session")
async def address(world: HttpWorld) -> AsyncIterator[str]:
    """Where its pages are served."""
    port = free_port()
    async with listening(world.app(), port):
        yield f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One chromium for all tests: each opens a context of its own, which shares nothing with another."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(world: HttpWorld, address: str, browser: Browser) -> AsyncIterator[Site]:
    """A fresh browser at the pages; whatever it complains about fails the test at its end."""
    context = await browser.new_context(viewport={"width": WIDE, "height": 900})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: (
            complaints.append(line.text)
            if "Content Security Policy" in line.text or "Refused to" in line.text
            else None
        ),
    )

    async def bank(route: Route) -> None:
        await route.fulfill(
            status=200, content_type="text/html", body="<!doctype html><h1>The bank's page</h1>"
        )

    await context.route(f"{BANK}/**", bank)
    yield Site(world, address, page, complaints)
    await context.close()
    assert complaints == []
