"""The door of the console: the platform's word, then a code, then a session that ends by itself."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from domain.staff.access import Role
from worlds.http import Client, HttpWorld, into_console, problem, signed_in
from worlds.settings import settings_with

SIGN_IN: Final = "/console/sign-in"


async def come(client: Client, world: HttpWorld, who: str, *roles: str) -> str:
    """Sign *who* in as the platform does, without a code, and return the form token."""
    token = world.token(who, *roles, jti=str(len(world.memory.store.browser_sessions)))
    answer = await client.post("/session/exchange", json={"token": token})
    return str(answer.json()["csrf_token"])


async def test_nobody_is_led_to_the_sign_in_and_back(client: Client, world: HttpWorld) -> None:
    """
    The page that was asked for opens afterwards, its filters included.
    """
    asked = await client.get("/console", params={"q": "a b"})
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/console/sign-in?next=%2Fconsole%3Fq%3Da%2Bb",
    )
    assert "Staff sign-in" in (await client.get(asked.headers["location"])).text

    seed = world.add_member("farhan", Role.FINANCE)
    token = await come(client, world, "farhan", "finance")
    assert (await client.get("/console")).status_code == 303
    page = await client.get(asked.headers["location"])
    assert "Signed in as Farhan" in page.text
    assert 'value="/console?q=a+b"' in page.text
    form = {"csrf_token": token, "code": world.code(seed), "next": "/console?q=a+b"}
    answer = await client.post(SIGN_IN, data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console?q=a+b")
    assert "Good to see you, Farhan" in (await client.get("/console")).text
    assert (await client.get(SIGN_IN)).headers["location"] == "/console"


async def test_the_cookie_from_before_opens_nothing(client: Client, world: HttpWorld) -> None:
    """
    Whoever had a copy of it when the code was typed has a dead one.
    """
    seed = world.add_member("farhan", Role.FINANCE)
    token = await come(client, world, "farhan", "finance")
    before = client.cookies["shulk-session"]
    await client.post(SIGN_IN, data={"csrf_token": token, "code": world.code(seed)})
    assert (await client.get("/console")).status_code == 200
    client.cookies.clear()
    client.cookies.set("shulk-session", before)

    assert (await client.get("/console")).status_code == 303
    assert (await client.get("/api/csrf")).status_code == 401


@pytest.mark.parametrize(
    ("code", "expected"),
    [("000000", "wrong or too old"), ("", "wrong or too old"), ("used", "used already")],
)
async def test_a_code_that_is_not_taken(
    client: Client, world: HttpWorld, code: str, expected: str
) -> None:
    """
    The form comes again and says why; the field is empty.
    """
    seed = world.add_member("zoya", Role.FINANCE)
    token = await come(client, world, "zoya", "finance")
    if code == "used":
        code = world.code(seed)
        await client.post(SIGN_IN, data={"csrf_token": token, "code": code})
        client.cookies.clear()
        token = await come(client, world, "zoya", "finance")
    answer = await client.post(SIGN_IN, data={"csrf_token": token, "code": code})

    assert answer.status_code == 422
    assert expected in answer.text
    assert "<title>Error: " in answer.text
    assert f'value="{code}"' not in answer.text or code == ""
    assert (await client.get("/console")).status_code == 303


async def test_too_many_codes(client: Client, world: HttpWorld) -> None:
    """
    Then not even the right one opens the console, and the page says for how long.
    """
    seed = world.add_member("farhan", Role.FINANCE)
    token = await come(client, world, "farhan", "finance")
    for _ in range(world.settings.totp_attempts):
        await client.post(SIGN_IN, data={"csrf_token": token, "code": "000000"})
    answer = await client.post(SIGN_IN, data={"csrf_token": token, "code": world.code(seed)})

    assert answer.status_code == 422
    assert "in 15 minutes" in answer.text


async def test_without_an_app(client: Client, world: HttpWorld) -> None:
    """
    A person's words, and whom to ask.
    """
    world.add_member("farhan", Role.FINANCE)
    store = world.memory.store.staff
    store.update({key: each.without_second_factor() for key, each in store.items()})
    token = await come(client, world, "farhan", "finance")
    answer = await client.post(SIGN_IN, data={"csrf_token": token, "code": "123456"})

    assert answer.status_code == 422
    assert "No authenticator app" in answer.text


async def test_no_form_without_its_token(client: Client, world: HttpWorld) -> None:
    """
    Another site's form opens nothing.
    """
    seed = world.add_member("farhan", Role.FINANCE)
    await come(client, world, "farhan", "finance")
    answer = await client.post(SIGN_IN, data={"code": world.code(seed)})

    assert answer.status_code == 403
    assert (await client.get("/console")).status_code == 303


@pytest.mark.parametrize("path", ["/console", SIGN_IN])
async def test_a_student_has_no_business_here(client: Client, world: HttpWorld, path: str) -> None:
    """
    The page says so and names neither a section nor anybody.
    """
    await signed_in(client, world)
    answer = await client.get(path)

    assert answer.status_code == 403
    assert "role does not open this page" in answer.text
    assert "Payments" not in answer.text


async def test_staff_without_an_account_here(client: Client, world: HttpWorld) -> None:
    """
    The platform's word alone opens nothing.
    """
    token = await come(client, world, "ghost", "finance")
    answer = await client.post(SIGN_IN, data={"csrf_token": token, "code": "123456"})

    assert answer.status_code == 403


async def test_a_bearer_token_opens_no_page(client: Client, world: HttpWorld) -> None:
    """
    It proves the platform's word, and no code.
    """
    world.add_member("farhan", Role.FINANCE)
    answer = await client.get("/console", headers=world.bearer("farhan", "finance"))

    assert answer.headers["location"].startswith(SIGN_IN)
    form = {"code": "123456"}
    answer = await client.post(SIGN_IN, data=form, headers=world.bearer("farhan", "finance"))
    assert answer.headers["location"] == SIGN_IN


async def test_a_confirmed_session_ends_by_itself(client: Client, world: HttpWorld) -> None:
    """
    Left alone for as long as the settings say, and at its end however busy it is.
    """
    settings = world.settings
    idle = timedelta(seconds=settings.staff_session_idle_seconds)
    await into_console(client, world)
    world.clock.move(idle)
    assert (await client.get("/console")).status_code == 303

    client.cookies.clear()
    await into_console(client, world)
    for _ in range(settings.staff_session_seconds // settings.staff_session_idle_seconds * 2 - 1):
        world.clock.move(idle / 2)
        assert (await client.get("/console")).status_code == 200
    world.clock.move(idle / 2)
    assert (await client.get("/console")).status_code == 303


async def test_signing_out(client: Client, world: HttpWorld) -> None:
    """
    The button in the frame ends it.
    """
    token = await into_console(client, world)
    answer = await client.post("/session/end", data={"csrf_token": token})

    assert answer.status_code == 303
    assert (await client.get("/console")).status_code == 303


async def test_staff_land_in_the_console(client: Client, world: HttpWorld) -> None:
    """
    There is nothing for them in the shop; whoever studies here as well goes there.
    """
    for roles, path in ((("finance",), "/console"), (("finance", "student"), "/")):
        client.cookies.clear()
        form = {"token": world.token("farhan", *roles, jti=path)}
        answer = await client.post("/session/exchange", data=form)
        assert answer.headers["location"] == path


async def test_what_is_not_there_leads_back(client: Client, world: HttpWorld) -> None:
    """
    In the console's frame, and to whoever may enter it only.
    """
    assert (await client.get("/console/nothing/here")).status_code == 303
    await into_console(client, world)
    answer = await client.get("/console/nothing/here")

    assert answer.status_code == 404
    assert 'href="/console">Start of the console' in answer.text
    assert 'aria-label="Console"' in answer.text


async def test_a_program_is_told_of_the_api(client: Client, world: HttpWorld) -> None:
    """
    What is no page of the console answers as a program expects it.
    """
    problem(await client.get("/api/admin/disputes"), 401, "not-signed-in")


async def test_the_demo_shows_its_peoples_codes(tmp_path: Path) -> None:
    """
    Nobody has their apps; whom the demo does not know, and what is no demo, shows none.
    """
    people = tmp_path / "people.json"
    people.touch()
    world = HttpWorld(settings_with(demo_sign_in="true", demo_people_file=str(people)))
    seeds = {who: world.add_member(who, Role.FINANCE) for who in ("farhan", "zoya")}
    known = {"id": "farhan", "name": "Farhan", "email": "farhan@example.com"}
    people.write_text(json.dumps([{**known, "totp_secret": seeds["farhan"]}]), encoding="utf-8")
    async with world.serve() as client:
        await come(client, world, "farhan", "finance")
        assert f">{world.code(seeds['farhan'])}</strong> now" in (await client.get(SIGN_IN)).text
        client.cookies.clear()
        await come(client, world, "zoya", "finance")
        assert "</strong> now" not in (await client.get(SIGN_IN)).text
