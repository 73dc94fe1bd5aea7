"""Cookie sessions: given for a token, kept from scripts, and worth nothing to other sites."""

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Final

import pytest
from httpx import Response

from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from fakes.samples import BY_STAFF
from worlds.http import CHECKOUT, FORM, Client, HttpWorld, problem, signed_in
from worlds.settings import settings_with

EXCHANGE: Final = "/session/exchange"
QUOTE: Final = "/api/payment/quote"


def cookie_of(answer: Response) -> tuple[str, SimpleCookie]:
    line = answer.headers["set-cookie"]
    return line.partition("=")[0], SimpleCookie(line)


async def test_a_token_becomes_a_cookie(client: Client, world: HttpWorld) -> None:
    """
    HttpOnly and Lax, for the whole site, and gone after the session's life.
    """
    answer = await client.post(EXCHANGE, json={"token": world.token()})
    name, cookie = cookie_of(answer)

    assert name == "shulk-session"
    assert cookie[name]["httponly"]
    assert cookie[name]["samesite"].lower() == "lax"
    assert cookie[name]["path"] == "/"
    assert not cookie[name]["secure"]
    assert (await client.get("/api/payment/history")).status_code == 200


async def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    """
    Secure, with the prefix that makes browsers insist on it.
    """
    world = HttpWorld(settings_with(public_url="https://fees.example.com"))
    async with world.serve() as client:
        name, cookie = cookie_of(await client.post(EXCHANGE, json={"token": world.token()}))

    assert name == "__Host-shulk-session"
    assert cookie[name]["secure"]
    assert not cookie[name]["domain"]


@pytest.mark.parametrize(
    ("onward", "expected"),
    [
        ("/checkout/algebra", "/checkout/algebra"),
        ("https://evil.example.com", "/"),
        ("//evil.example.com", "/"),
        ("/\\evil.example.com", "/"),
        ("/\tx", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_the_platforms_form_leads_on(
    client: Client, world: HttpWorld, onward: str, expected: str
) -> None:
    """
    Posted from the platform's own site, it leads to a page of ours and to nowhere else.
    """
    answer = await client.post(
        EXCHANGE,
        data={"token": world.token(), "next": onward},
        headers=FORM | {"Sec-Fetch-Site": "cross-site"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, expected)
    assert "set-cookie" in answer.headers


@pytest.mark.parametrize("token", ["", "a.b.c", None, 7])
async def test_a_bad_token_opens_no_session(client: Client, token: object) -> None:
    """
    No cookie for what the API would not believe either.
    """
    answer = await client.post(EXCHANGE, json={"token": token})

    assert answer.status_code in {401, 422}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"{}", "application/json", 422),
        (b'{"token": "x", "more": 1}', "application/json", 422),
        (b"token=x", "text/plain", 415),
    ],
)
async def test_an_exchange_of_another_shape(
    client: Client, content: bytes, media: str, status: int
) -> None:
    """
    It takes token and next, as JSON or as a form.
    """
    answer = await client.post(EXCHANGE, content=content, headers={"Content-Type": media})

    assert answer.status_code == status


async def test_a_session_ends_by_our_clock(client: Client, world: HttpWorld) -> None:
    """
    Two hours, however busy, then the cookie is nobody's.
    """
    await signed_in(client, world)
    for _ in range(7):
        world.clock.at += timedelta(minutes=17)
        assert (await client.get("/api/payment/history")).status_code == 200
    world.clock.at += timedelta(minutes=2)

    problem(await client.get("/api/payment/history"), 401, "not-signed-in")


@pytest.mark.parametrize(("roles", "minutes"), [(("student",), 30), (("admin",), 15)])
async def test_a_session_that_is_left_alone_ends(
    client: Client, world: HttpWorld, roles: tuple[str, ...], minutes: int
) -> None:
    """
    Staff are signed out sooner.
    """
    await client.post(EXCHANGE, json={"token": world.token("mira", *roles)})
    world.clock.at += timedelta(minutes=minutes) - timedelta(seconds=1)
    assert (await client.get("/sessions")).status_code == 200
    world.clock.at += timedelta(minutes=minutes)

    assert (await client.get("/sessions")).status_code == 401


async def test_a_kept_cookie_is_worth_nothing_after_signing_out(
    client: Client, world: HttpWorld
) -> None:
    """
    Whoever copied it before is signed out with its owner.
    """
    token = await signed_in(client, world)
    kept = client.cookies["shulk-session"]
    answer = await client.post("/session/end", data={"csrf_token": token})

    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    client.cookies.clear()
    client.cookies.set("shulk-session", kept)
    problem(await client.get("/api/payment/history"), 401, "not-signed-in")
    again = await client.post("/session/end", data={"csrf_token": token})
    assert again.status_code == 303


async def test_the_server_keeps_no_cookie(client: Client, world: HttpWorld) -> None:
    """
    What is stored names the session and does not open it; every sign-in has a value of its own.
    """
    values: list[str] = []
    for jti in ("one", "two"):
        sent = {"Cookie": f"shulk-session={values[-1] if values else 'A' * 43}"}
        client.cookies.clear()
        await client.post(EXCHANGE, json={"token": world.token(jti=jti)}, headers=sent)
        values.append(client.cookies["shulk-session"])
    first, second = values

    assert len({"A" * 43, first, second}) == 3
    for stored in (repr(row) for row in world.memory.store.browser_sessions.values()):
        assert first not in stored
        assert second not in stored
    client.cookies.clear()
    client.cookies.set("shulk-session", first)
    problem(await client.get("/api/payment/history"), 401, "not-signed-in")


async def test_a_token_is_exchanged_once(client: Client, world: HttpWorld) -> None:
    """
    Copied from a log or a history, it opens no second session; the browser that brought it goes on.
    """
    token = world.token()
    first = await client.post(EXCHANGE, json={"token": token})
    twice = await client.post(EXCHANGE, data={"token": token, "next": "/sessions"}, headers=FORM)
    assert (twice.status_code, twice.headers["location"]) == (303, "/sessions")
    again = await client.post(EXCHANGE, json={"token": token})
    assert again.json() == first.json()

    client.cookies.clear()
    problem(await client.post(EXCHANGE, json={"token": token}), 401, "not-signed-in")
    await signed_in(client, world, "ravi")
    problem(await client.post(EXCHANGE, json={"token": token}), 401, "not-signed-in")
    assert len(world.memory.store.browser_sessions) == 2


async def test_who_is_suspended_is_out_at_once(client: Client, world: HttpWorld) -> None:
    """
    Neither the session they have, nor a new one, nor the token itself lets them act as staff.
    """
    world.add_member("mira", Role.ADMIN)
    path = "/api/admin/payment/refunds"
    await client.post(EXCHANGE, json={"token": world.token("mira", "admin")})
    bearer = world.bearer("mira", "admin")
    assert (await client.get(path)).status_code == 200
    assert (await client.get(path, headers=bearer)).status_code == 200
    await world.use_cases().staff().change_staff().suspend(StaffId("mira"), BY_STAFF)

    problem(await client.get(path), 401, "not-signed-in")
    problem(await client.get(path, headers=bearer), 403, "not-allowed")
    fresh = world.token("mira", "admin", jti="fresh")
    problem(await client.post(EXCHANGE, json={"token": fresh}), 403, "not-allowed")


async def test_a_cookie_cannot_be_made_at_home(client: Client, world: HttpWorld) -> None:
    """
    A platform token is no session, and a changed cookie is nobody's.
    """
    await signed_in(client, world)
    good = client.cookies["shulk-session"]
    for forged in (world.token(), good[:-2], good + "A", good[:-1] + "+", "A" * 43, "x" * 5000):
        client.cookies.clear()
        client.cookies.set("shulk-session", forged)
        problem(await client.get("/api/payment/history"), 401, "not-signed-in")


async def test_a_session_is_no_bearer(client: Client, world: HttpWorld) -> None:
    """
    The cookie's value does not pass as a token.
    """
    await signed_in(client, world)
    cookie = client.cookies["shulk-session"]
    client.cookies.clear()

    answer = await client.get("/api/payment/history", headers={"Authorization": f"Bearer {cookie}"})
    problem(answer, 401, "not-signed-in")


async def test_signing_out(client: Client, world: HttpWorld) -> None:
    """
    Leaving needs the form token, too, and takes the cookie away.
    """
    token = await signed_in(client, world)
    assert (await client.post("/session/end", data={"csrf_token": "x"})).status_code == 403
    answer = await client.post("/session/end", data={"csrf_token": token})
    name, cookie = cookie_of(answer)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert cookie[name]["max-age"] == "0"
    problem(await client.get("/api/payment/history"), 401, "not-signed-in")


async def test_what_changes_something_needs_the_form_token(
    client: Client, world: HttpWorld
) -> None:
    """
    With a cookie: no token, a wrong one, and another session's are refused; the right one passes.
    """
    others = await signed_in(client, world, "ravi")
    own = await signed_in(client, world, "asha")
    for offered in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "é"}, {"X-CSRF-Token": others}):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in offered.items()]
        answer = await client.post(QUOTE, json=CHECKOUT, headers=raw)
        problem(answer, 403, "form-token-refused")

    answer = await client.post(QUOTE, json=CHECKOUT, headers={"X-CSRF-Token": own})
    assert answer.status_code == 200


async def test_the_token_endpoint(client: Client, world: HttpWorld) -> None:
    """
    The session's token again, for scripts; nobody and bearers have none.
    """
    problem(await client.get("/api/csrf"), 401, "not-signed-in")
    problem(await client.get("/api/csrf", headers=world.bearer()), 401, "not-signed-in")
    own = await signed_in(client, world)

    assert (await client.get("/api/csrf")).json() == {"csrf_token": own}


async def test_a_bearer_needs_no_form_token(client: Client, world: HttpWorld) -> None:
    """
    A bearer is never sent by a browser on its own, not even beside a cookie.
    """
    await signed_in(client, world)

    assert (
        await client.post(QUOTE, json=CHECKOUT, headers=world.bearer("ravi"))
    ).status_code == 200


async def test_the_demos_sign_in_listens_to_the_browser() -> None:
    """
    A form on another site cannot sign a student in as somebody else.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    said = {"id": "asha", "name": "Asha", "email": "asha@example.com"}
    async with world.serve() as client:
        refused = await client.post(
            "/demo/sign-in", data=said, headers={"Sec-Fetch-Site": "cross-site"}
        )
        taken = await client.post(
            "/demo/sign-in", data=said, headers={"Sec-Fetch-Site": "same-origin"}
        )

    assert (refused.status_code, taken.status_code) == (403, 303)
