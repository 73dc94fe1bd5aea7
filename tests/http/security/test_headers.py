"""What every answer carries: orders to the browser, a correlation id, and nothing to be kept."""

import logging

import pytest

from worlds.http import Client, HttpWorld, begun_payment
from worlds.settings import settings_with

PATHS = ("/", "/nowhere", "/api/payment/history", "/health/live", "/static/shulk.css", "/api/docs")


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_is_careful(client: Client, path: str) -> None:
    """
    The same strict orders on pages, problems, files and JSON.
    """
    headers = (await client.get(path)).headers

    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self' https://fake-gateway.example.com"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    assert headers["x-request-id"]
    if not path.startswith("/static"):
        assert headers["cache-control"] == "no-store"


async def test_https_is_insisted_on_where_it_is_spoken() -> None:
    """
    HSTS comes with an https address and with no other.
    """
    async with HttpWorld(settings_with(public_url="https://fees.example.com")).serve() as client:
        headers = (await client.get("/health/live")).headers

    assert "max-age=63072000" in headers["strict-transport-security"]


async def test_static_files_may_be_kept_a_while(client: Client) -> None:
    """
    Style and scripts are the only things a browser may keep.
    """
    answer = await client.get("/static/checkout.js")

    assert "max-age" in answer.headers["cache-control"]
    assert "javascript" in answer.headers["content-type"]


async def test_the_icon_is_where_browsers_look_for_it(client: Client) -> None:
    """
    At the root, where an answer names none; the file itself may be kept.
    """
    asked = await client.get("/favicon.ico", follow_redirects=False)
    icon = await client.get(asked.headers["location"])

    assert asked.status_code == 308
    assert icon.content.startswith(b"\x00\x00\x01\x00")
    assert "max-age" in icon.headers["cache-control"]


async def test_pages_hold_no_script_of_their_own(client: Client, world: HttpWorld) -> None:
    """
    The inventory of scripts: two files of ours, nothing inline, nothing from elsewhere.
    """
    payment = await begun_payment(client, world.bearer())
    found = set()
    for path in ("/", "/checkout/algebra", f"/result/{payment}", "/api/docs", "/problems/internal"):
        text = (await client.get(path, headers=world.bearer())).text
        for part in text.split("<script")[1:]:
            found.add(part.partition("</script>")[0])
        assert " style=" not in text
        assert " onclick=" not in text
        assert 'src="http' not in text
        assert 'rel="stylesheet" href="/static/' in text

    assert found == {
        ' type="module" src="/static/checkout.js">',
        ' type="module" src="/static/payment.js">',
    }


@pytest.mark.parametrize(
    ("offered", "taken"), [("abc-1.2:3", True), ("x" * 65, False), ("a b", False), ("é", False)]
)
async def test_a_clients_request_id_stands_beside_ours(
    client: Client, offered: str, *, taken: bool
) -> None:
    """
    One that a log can hold is given back, any other left out; ours is new each time.
    """
    raw = [(b"X-Request-ID", offered.encode("latin-1"))]
    answers = [(await client.get("/health/live", headers=raw)).headers for _ in range(2)]

    assert [each.get("x-client-request-id") for each in answers] == [offered if taken else None] * 2
    ours = {each["x-request-id"] for each in answers}
    assert len(ours) == 2
    assert offered not in ours


async def test_one_line_tells_of_each_request(
    client: Client, world: HttpWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Method, route and status, and never the address; of what was filled into it a transaction id alone.
    """
    known = "SKABCDEFGHIJKLMNOPQR"
    with caplog.at_level(logging.INFO):
        await client.get("/api/payment/status/SK123?secret=1", headers=world.bearer())
        await client.get(f"/api/payment/status/{known}", headers=world.bearer())
    line, of_one = (each for each in caplog.records if each.getMessage() == "request.answered")

    assert line.__dict__["route"] == "/api/payment/status/{transaction_id}"
    assert line.__dict__["status_code"] == 422
    assert "secret" not in str(line.__dict__)
    assert "SK123" not in str(line.__dict__)
    assert of_one.__dict__["transaction_id"] == known
