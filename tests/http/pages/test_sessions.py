"""The page of one's own sessions: what is signed in where, and signing it out."""

import re

import pytest

from entrypoints.http.pages.sessions import browser_in
from worlds.http import Client, HttpWorld, signed_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"


async def two_sessions(client: Client, world: HttpWorld) -> tuple[str, str, str]:
    """Sign one person in twice; return the first cookie, the second and its form token."""
    cookies = []
    token = ""
    for agent in (FIREFOX, CHROME):
        client.cookies.clear()
        client.headers["User-Agent"] = agent
        answer = await client.post(
            "/session/exchange", json={"token": world.token(jti=agent, name="Asha <b>")}
        )
        token = answer.json()["csrf_token"]
        cookies.append(client.cookies["shulk-session"])
    return cookies[0], cookies[1], token


async def works(client: Client, cookie: str) -> bool:
    client.cookies.clear()
    client.cookies.set("shulk-session", cookie)
    return (await client.get("/api/payment/history")).status_code == 200


async def test_a_person_sees_where_they_are_signed_in(client: Client, world: HttpWorld) -> None:
    """
    Each browser in a person's words, this one marked; nobody else's.
    """
    await signed_in(client, world, "ravi")
    await two_sessions(client, world)
    page = (await client.get("/sessions")).text

    assert "Firefox on Windows" in page
    assert "Chrome on Android" in page
    assert page.count("this browser") == 1
    assert len(re.findall("/sessions/[0-9a-f]{32}/end", page)) == 2
    assert "Sign out everywhere else" in page
    assert "<b>" not in page


async def test_one_browser_is_signed_out(client: Client, world: HttpWorld) -> None:
    """
    The other goes on; with the wrong form token nothing happens.
    """
    first, second, token = await two_sessions(client, world)
    page = (await client.get("/sessions")).text
    paths = re.findall("/sessions/[0-9a-f]{32}/end", page)
    assert (await client.post(paths[1], data={"csrf_token": "x"})).status_code == 403
    first_id = next(
        row.session.id
        for row in world.memory.store.browser_sessions.values()
        if "Firefox" in row.session.browser
    )
    answer = await client.post(f"/sessions/{first_id}/end", data={"csrf_token": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions")
    assert not await works(client, first)
    assert await works(client, second)


async def test_all_others_are_signed_out(client: Client, world: HttpWorld) -> None:
    """
    This browser stays; with nothing left to end there is no such button.
    """
    first, second, token = await two_sessions(client, world)
    await client.post("/sessions/end-others", data={"csrf_token": token})

    assert "everywhere else" not in (await client.get("/sessions")).text
    assert not await works(client, first)
    assert await works(client, second)


async def test_ones_own_browser_is_signed_out(client: Client, world: HttpWorld) -> None:
    """
    As by the button at the top.
    """
    token = await signed_in(client, world)
    (row,) = world.memory.store.browser_sessions.values()
    answer = await client.post(f"/sessions/{row.session.id}/end", data={"csrf_token": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "clear-site-data" in answer.headers
    assert (await client.get("/sessions")).status_code == 401


async def test_another_persons_session_is_not_there(client: Client, world: HttpWorld) -> None:
    """
    Told like one that never was.
    """
    await signed_in(client, world, "ravi")
    (row,) = world.memory.store.browser_sessions.values()
    client.cookies.clear()
    token = await signed_in(client, world)
    answer = await client.post(
        f"/sessions/{row.session.id}/end",
        data={"csrf_token": token},
    )

    assert answer.status_code == 404
    assert row.ended_at is None


async def test_a_program_ends_sessions_with_its_token(client: Client, world: HttpWorld) -> None:
    """
    A platform may sign its person out here without a browser.
    """
    await signed_in(client, world)
    cookie = client.cookies["shulk-session"]
    client.cookies.clear()
    answer = await client.post("/sessions/end-others", headers=world.bearer())

    assert answer.status_code == 303
    assert not await works(client, cookie)


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (FIREFOX, "Firefox on Windows"),
        (CHROME, "Chrome on Android"),
        (f"{CHROME} Edg/142.0", "Edge on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_in_a_persons_words(user_agent: str, expected: str) -> None:
    """
    Its name and the system, as far as they are told.
    """
    assert browser_in(user_agent) == expected
