"""What is sent by people who mean no good: refused in words, repeated nowhere, kept nowhere."""

import json
from typing import Final

import pytest

from worlds.http import CHECKOUT, FORM, Client, HttpWorld, problem
from worlds.settings import settings_with

CARD: Final = "4111111111111111"
DEEP: Final = "[" * 20_000
INITIATE: Final = "/api/payment/initiate"


@pytest.mark.parametrize("route", ["/api/payment/quote", INITIATE])
@pytest.mark.parametrize(
    "course", ["a\u0000b", "4111 1111 1111 1111", "4111-1111-1111-1111", CARD, "Ä", "a/b", "../x"]
)
async def test_what_is_no_course_id_is_never_looked_up(
    client: Client, world: HttpWorld, route: str, course: str
) -> None:
    """
    Not found, without the text, which may be a card number or break the database's own rules.
    """
    answer = await client.post(
        route, json={**CHECKOUT, "course_id": course}, headers=world.bearer()
    )

    problem(answer, 404, "unknown-course")
    assert course not in answer.text
    assert CARD not in repr(world.memory.store)


@pytest.mark.parametrize("path", ["/checkout/a%00b", f"/checkout/{CARD}"])
async def test_a_checkout_of_no_course_is_a_page_that_says_so(
    client: Client, world: HttpWorld, path: str
) -> None:
    """
    A hand-typed address is no failure of ours.
    """
    answer = await client.get(path, headers=world.bearer())

    assert answer.status_code == 404
    assert CARD not in answer.text


async def test_a_key_that_is_a_card_number_is_refused(client: Client, world: HttpWorld) -> None:
    """
    Keys are kept as they were sent.
    """
    headers = {**world.bearer(), "Idempotency-Key": CARD}

    assert (await client.post(INITIATE, json=CHECKOUT, headers=headers)).status_code == 400


async def test_a_browser_that_calls_itself_a_card_is_masked(
    client: Client, world: HttpWorld
) -> None:
    """
    The audit log keeps the user agent for years.
    """
    headers = {**world.bearer(), "User-Agent": f"shop/{CARD}"}

    assert (await client.post(INITIATE, json=CHECKOUT, headers=headers)).status_code == 201
    agents = {entry.origin.user_agent for entry in world.memory.store.audit}
    assert agents == {"shop/XXXXXXXXXXXX1111"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/session/exchange", DEEP),
        ("/session/exchange", '{"token":' + DEEP),
        (INITIATE, DEEP),
        (INITIATE, '{"billing":' + DEEP),
    ],
)
async def test_deep_nesting_is_a_bad_body(
    client: Client, world: HttpWorld, path: str, body: str
) -> None:
    """
    A decoder that gives up half way is the sender's doing.
    """
    headers = {**world.bearer(), "Content-Type": "application/json"}
    answer = await client.post(path, content=body, headers=headers)

    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example.com", 403),
        ("null", 403),
        ("https://platform.example.com", 303),
    ],
)
async def test_only_the_platform_signs_a_visitor_in(origin: str, status: int) -> None:
    """
    Elsewhere somebody could sign a visitor in as another and let them pay for it.
    """
    world = HttpWorld(settings_with(platform_origins="https://platform.example.com"))
    async with world.serve() as client:
        answer = await client.post(
            "/session/exchange",
            content=f"token={world.token()}&next=/",
            headers={**FORM, "Origin": origin},
        )

    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) == (status == 303)


async def test_a_page_of_ours_may_bring_a_token(client: Client, world: HttpWorld) -> None:
    """
    The browser vouches that the form stood on our own page; it hides the origin all the same.
    """
    answer = await client.post(
        "/session/exchange",
        content=f"token={world.token()}&next=/",
        headers={**FORM, "Origin": "null", "Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (INITIATE, '{"course_id": "a", "course_id": "b"}'),
        (INITIATE, '{"course_id": "a", "course_\\u0069d": "b"}'),
        (INITIATE, '{"course_id": "a", "billing": {"name": "a", "state_code": "27", "name": "b"}}'),
        ("/api/payment/quote", '{"course_id": "a", "course_id": "a"}'),
        ("/api/admin/payment/refund", '{"amount": "1.00", "amount": "1000.00"}'),
        ("/api/admin/courses/python", '{"list_price": "1.00", "list_price": "2.00"}'),
    ],
)
async def test_a_key_twice_is_a_bad_body(
    client: Client, world: HttpWorld, path: str, body: str
) -> None:
    """
    A proxy before us may have read the other value.
    """
    role = ("meera", "admin") if "/admin/" in path else ("asha",)
    headers = {**world.bearer(*role), "Content-Type": "application/json"}
    send = client.put if "/courses/" in path else client.post
    answer = await send(path, content=body, headers=headers)

    problem(answer, 400, "bad-request")
    assert "twice" in answer.json()["detail"]


async def test_a_byte_order_mark_is_skipped(client: Client, world: HttpWorld) -> None:
    """
    Some editors and libraries write one before JSON.
    """
    headers = {**world.bearer(), "Content-Type": "application/json"}
    body = b"\xef\xbb\xbf" + json.dumps(CHECKOUT).encode()

    assert (await client.post(INITIATE, content=body, headers=headers)).status_code == 201


@pytest.mark.parametrize("name", ["%00", "a%00b.css", "x" * 5000, "..%2f..%2fapp.py", "%ff", "."])
async def test_no_file_has_such_a_name(client: Client, name: str) -> None:
    """
    Whatever the file system says of it, there is nothing at that address.
    """
    problem(await client.get(f"/static/{name}"), 404, "not-found")
