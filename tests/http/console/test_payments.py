"""The console's list of payments: found by any id, filtered by the address, page by page."""

import re
from datetime import timedelta

import pytest

from domain.business_day import IST
from domain.staff.access import Role
from fakes.samples import a_course
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, into_console

LIST = "/console/payments"


async def begin(client: Client, world: HttpWorld, *courses: str) -> list[str]:
    """Begin a payment for each of *courses*, a minute apart."""
    begun = []
    for course in courses:
        world.sell(a_course(course))
        world.clock.move(timedelta(minutes=1))
        body = {**CHECKOUT, "course_id": course}
        begun.append(await begun_payment(client, world.bearer(), **body))
    return begun


async def test_payments_are_listed(client: Client, world: HttpWorld) -> None:
    """
    Newest first, with who and what; the address of a student is masked.
    """
    (first, second) = await begin(client, world, "botany", "chemistry")
    await into_console(client, world, "sunita", Role.SUPPORT)
    page = (await client.get(LIST)).text

    assert page.index(second) < page.index(first)
    assert "2 payments shown" in page
    assert "a•••@example.com" in page
    assert "asha@example.com" not in page


async def test_filters_stand_in_the_address(client: Client, world: HttpWorld) -> None:
    """
    Each is shown as a tag that can be taken away, and the form keeps them.
    """
    payment, _ = await begin(client, world, "botany", "chemistry")
    await into_console(client, world)
    page = (await client.get(LIST, params={"q": "asha", "status": "pending", "cursor": ""})).text

    assert 'href="/console/payments?status=pending"' in page
    assert 'href="/console/payments?q=asha"' in page
    assert 'value="asha"' in page
    assert '<option value="pending" selected>' in page
    page = (await client.get(LIST, params={"q": "asha", "status": "failed"})).text
    assert "No payment meets this" in page
    assert payment not in page


async def test_a_time_bounds_the_list_to_the_minute(client: Client, world: HttpWorld) -> None:
    """
    Of India where it is chosen in the form, with an offset in an address; the end is not included.
    """
    (first, second) = await begin(client, world, "botany", "chemistry")
    await into_console(client, world)
    at = world.clock.now()
    world.clock.move(timedelta(minutes=1))
    minute = at.astimezone(IST).strftime("%Y-%m-%dT%H:%M")

    late = (await client.get(LIST, params={"created_from": minute})).text
    early = (await client.get(LIST, params={"created_to": minute, "status": "pending"})).text
    shared = (await client.get(LIST, params={"created_from": at.isoformat()})).text

    assert (first in late, second in late) == (False, True)
    assert (first in early, second in early) == (True, False)
    assert (first in shared, second in shared) == (False, True)
    assert f'name="created_from" type="datetime-local" value="{minute}"' in late
    assert f"Begun before {minute}" in early


async def test_older_pages_keep_the_filters(client: Client, world: HttpWorld) -> None:
    """
    A page's address can be shared.
    """
    begun = await begin(client, world, *(f"course-{number}" for number in range(21)))
    await into_console(client, world)
    page = (await client.get(LIST, params={"q": "asha"})).text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)

    assert "more exist" in page
    assert "q=asha" in older
    page = (await client.get(older.replace("&amp;", "&"))).text
    assert begun[0] in page
    assert begun[1] not in page
    assert "Back to newest" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-08-04", "to": "2026-08-03"}, "after the last one"),
        ({"from": "yesterday"}, "A day is written like"),
        ({"amount_from": "a lot"}, "no amount in rupees"),
        ({"status": "lost"}, "no such state"),
        ({"from": "2026-01-01"}, "at most 93 days"),
        ({"created_from": "2026-01-01T00:00"}, "at most 93 days"),
        ({"created_from": "noon"}, "no instant"),
        ({"created_from": "2026-08-03T12:00", "created_to": "2026-08-03T12:00"}, "ends before it"),
        ({"created_to": "2026-08-03T12:00", "from": "2026-08-03"}, "not in both"),
    ],
)
async def test_a_filter_that_cannot_be_meant(
    client: Client, world: HttpWorld, query: dict[str, str], said: str
) -> None:
    """
    The form says what is wrong, and keeps what was typed.
    """
    await into_console(client, world)
    answer = await client.get(LIST, params=query)

    assert answer.status_code == 422
    assert said in answer.text
    assert "<title>Error: Payments" in answer.text
    for value in query.values():
        assert f'value="{value}"' in answer.text or value == "lost"


async def test_a_card_number_is_not_kept_in_the_form(client: Client, world: HttpWorld) -> None:
    """
    The page says that it is none of ours to search for.
    """
    await into_console(client, world)
    answer = await client.get(LIST, params={"q": "4111111111111111"})

    assert answer.status_code == 422
    assert "41111111" not in answer.text


async def test_what_is_typed_is_only_text(client: Client, world: HttpWorld) -> None:
    """
    Wherever the page repeats it.
    """
    await into_console(client, world)
    page = (await client.get(LIST, params={"q": '"><script>alert(1)</script>'})).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_a_cursor_that_is_none(client: Client, world: HttpWorld) -> None:
    """
    The problem is told in the frame.
    """
    await into_console(client, world)
    answer = await client.get(LIST, params={"cursor": "x"})

    assert answer.status_code == 400
    assert 'aria-label="Console"' in answer.text
