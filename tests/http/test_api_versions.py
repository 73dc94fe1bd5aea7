"""The version header: which version answers, and that a program never meets one that it did not ask for."""

import re
from datetime import date
from pathlib import Path
from typing import Final, cast

import pytest
from litestar.types import Scope

from entrypoints.http.api_versions import NAMES, VERSIONS, ApiVersion, version_of
from worlds.http import CHECKOUT, Client, HttpWorld, problem

PAGE: Final = Path(__file__).parents[2] / "docs" / "versioning.md"
HISTORY: Final = "/api/payment/history"
NEWEST: Final = VERSIONS[-1].name


async def test_each_answer_says_by_which_version_it_is(client: Client, world: HttpWorld) -> None:
    """
    Who names none is answered by the oldest that lives; refusals and addresses that are none say it too.
    """
    answers = [
        await client.get(HISTORY, headers=world.bearer()),
        await client.get(HISTORY),
        await client.get("/api/nowhere"),
    ]

    assert [each.status_code for each in answers] == [200, 401, 404]
    assert {each.headers["Shulk-Version"] for each in answers} == {VERSIONS[0].name}


async def test_a_request_may_name_its_version(client: Client, world: HttpWorld) -> None:
    """
    It is answered by it.
    """
    headers = world.bearer() | {"Shulk-Version": NEWEST}
    answer = await client.post("/api/payment/initiate", json=CHECKOUT, headers=headers)

    assert (answer.status_code, answer.headers["Shulk-Version"]) == (201, NEWEST)


@pytest.mark.parametrize("named", ["2026-11-29", "", "1", "latest", f"{NEWEST} ,", "é"])
async def test_another_version_is_refused(client: Client, world: HttpWorld, named: str) -> None:
    """
    With those that are answered; nothing is done.
    """
    headers = {name.encode(): value.encode() for name, value in world.bearer().items()}
    headers[b"Shulk-Version"] = named.encode()
    answer = await client.post("/api/payment/initiate", json=CHECKOUT, headers=headers)

    assert problem(answer, 400, "version-unknown")["versions"] == list(NAMES)
    assert not world.memory.store.payments


def test_two_versions_are_none() -> None:
    """
    The header comes once: nobody guesses which of two was meant. A client of tests would make one line of both.
    """
    named = (b"shulk-version", NEWEST.encode())

    assert version_of(cast("Scope", {"headers": [named]})) == VERSIONS[-1]
    assert version_of(cast("Scope", {"headers": [named, named]})) is None


@pytest.mark.parametrize("path", ["/courses", "/health/live", "/static/shulk.css"])
async def test_pages_have_no_version(client: Client, path: str) -> None:
    """
    What is no part of the API tells none and asks for none.
    """
    answer = await client.get(path, headers={"Shulk-Version": "1"})

    assert answer.status_code != 400
    assert "Shulk-Version" not in answer.headers


def test_the_end_of_a_version_is_told_once_it_is_set() -> None:
    """
    In the form of HTTP dates, as RFC 8594 wants it.
    """
    ending = ApiVersion(date(2026, 11, 30), "", sunset=date(2028, 11, 30))

    assert ending.headers == {
        "Shulk-Version": "2026-11-30",
        "Sunset": "Thu, 30 Nov 2028 00:00:00 GMT",
    }


def test_the_versions_are_in_order_and_on_their_page() -> None:
    """
    Each once, the oldest first; docs/versioning.md lists the same.
    """
    days = [each.day for each in VERSIONS]

    assert days == sorted(set(days))
    assert tuple(re.findall(r"^\| `([0-9-]+)` \|", PAGE.read_text(), re.MULTILINE)) == NAMES
