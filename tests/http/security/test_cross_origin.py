"""Pages of listed origins may ask the student routes from a browser by token; nothing else, and never by cookie."""

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from httpx import Response

from worlds.http import CHECKOUT, Client, HttpWorld, problem, signed_in
from worlds.settings import settings_with

ORIGIN: Final = "https://learn.example.com"
OTHERS: Final = ("https://evil.example", "http://learn.example.com", f"{ORIGIN}:8443", "null")
SETTINGS: Final = settings_with(platform_origins=f"{ORIGIN},https://www.example.com")
STUDENT_ROUTES: Final = {
    "/api/payment/quote": "POST",
    "/api/payment/initiate": "POST",
    "/api/payment/retry/SKABCDEFGH234567JKLM": "POST",
    "/api/payment/cancel/SKABCDEFGH234567JKLM": "POST",
    "/api/payment/status/SKABCDEFGH234567JKLM": "GET, HEAD",
    "/api/payment/receipt/SKABCDEFGH234567JKLM": "GET, HEAD",
    "/api/payment/history": "GET, HEAD",
    "/api/enrolments": "GET, HEAD",
}
OTHER_ROUTES: Final = (
    "/api/payment/webhook",
    "/api/payment/callback",
    "/api/admin/payments",
    "/api/admin/keys",
    "/api/csrf",
    "/session/exchange",
    "/payments",
    "/checkout/algebra",
    "/console",
    "/health/live",
)


@pytest.fixture
def listing() -> HttpWorld:
    return HttpWorld(SETTINGS)


@pytest_asyncio.fixture
async def browser(listing: HttpWorld) -> AsyncIterator[Client]:
    async with listing.serve() as client:
        yield client


async def preflight(client: Client, path: str, origin: str = ORIGIN) -> Response:
    return await client.request(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


def cors_of(answer: Response) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name.startswith("access-control-")
    }


async def test_a_preflight_of_a_listed_origin_is_answered(browser: Client) -> None:
    """
    On each student route with its methods, and with what a request of a student sends; no credentials.
    """
    for path, methods in STUDENT_ROUTES.items():
        answer = await preflight(browser, path)
        assert answer.status_code == 204, path
        assert not answer.content
        assert answer.headers["vary"] == "Origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert cors_of(answer) == {
            "access-control-allow-origin": ORIGIN,
            "access-control-allow-methods": methods,
            "access-control-allow-headers": "accept-language, authorization, content-type,"
            " idempotency-key, if-none-match, shulk-version, x-request-id",
            "access-control-max-age": "600",
        }


async def test_another_origin_is_told_nothing(browser: Client, listing: HttpWorld) -> None:
    """
    Neither before a request nor with its answer; scheme, host and port count.
    """
    for origin in OTHERS:
        before = await preflight(browser, "/api/payment/quote", origin)
        answer = await browser.post(
            "/api/payment/quote",
            json=CHECKOUT,
            headers=listing.bearer() | {"Origin": origin},
        )
        assert (before.status_code, cors_of(before)) == (403, {})
        assert (answer.status_code, cors_of(answer)) == (200, {})
        assert answer.headers["vary"] == "Origin"


async def test_other_routes_tell_no_origin(browser: Client) -> None:
    """
    Neither the bank's, nor staff's, nor pages, nor the sign-in.
    """
    for path in OTHER_ROUTES:
        before = await preflight(browser, path)
        answer = await browser.get(path, headers={"Origin": ORIGIN})
        assert cors_of(before) == cors_of(answer) == {}, path
        assert before.status_code != 204 or not before.headers.get("vary"), path


async def test_a_page_of_the_platform_reads_the_answer(browser: Client, listing: HttpWorld) -> None:
    """
    Also what is refused, with what is told in headers; a token is enough although the page is another site.
    """
    headers = listing.bearer() | {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}
    quote = await browser.post("/api/payment/quote", json=CHECKOUT, headers=headers)
    refused = await browser.get("/api/payment/history", headers={"Origin": ORIGIN})

    assert quote.status_code == 200
    problem(refused, 401, "not-signed-in")
    for answer in (quote, refused):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Retry-After", "Idempotent-Replayed", "Shulk-Version"} <= set(exposed)
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_cookie_opens_nothing_from_there(browser: Client, listing: HttpWorld) -> None:
    """
    Where a browser sends it all the same, what changes something still needs the form token.
    """
    await signed_in(browser, listing)
    answer = await browser.post(
        "/api/payment/initiate",
        json=CHECKOUT,
        headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    )

    problem(answer, 403, "form-token-refused")
    assert "access-control-allow-credentials" not in answer.headers
    assert not listing.memory.store.payments


async def test_without_an_origin_of_the_settings_there_is_none(
    client: Client, world: HttpWorld
) -> None:
    """
    Nobody is let in by being missing.
    """
    assert world.settings.platform_origins != (ORIGIN,)
    answer = await preflight(client, "/api/payment/quote")

    assert (answer.status_code, cors_of(answer)) == (403, {})
