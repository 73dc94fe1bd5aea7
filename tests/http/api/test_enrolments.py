"""Enrolments over HTTP: the platform and staff see all, a student the own ones, page by page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.staff.access import Permission
from fakes.samples import a_course
from worlds.http import Client, HttpWorld, begun_payment, problem
from worlds.server_keys import add_key, by_key
from worlds.settings import settings_with

HOUR: Final = timedelta(hours=1)
PATH: Final = "/api/enrolments"


async def bought(client: Client, world: HttpWorld, who: str, course: str = "algebra") -> str:
    payment = await begun_payment(client, world.bearer(who), course_id=course)
    world.pay(payment)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer(who))
    world.clock.move(HOUR)
    return payment


async def listed(client: Client, headers: Mapping[str, str], **query: Any) -> list[str]:
    answer = await client.get(PATH, params=query, headers=dict(headers))
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return [each["transaction_id"] for each in answer.json()["items"]]


async def test_an_enrolment_says_where_its_course_is() -> None:
    """
    Its address by the setting, its student, and since when.
    """
    world = HttpWorld(settings_with(course_url="https://platform.example/c/{course_id}"))
    add_key(world, Permission.SEE_ENROLMENTS)
    async with world.serve() as client:
        began = world.clock.now()
        payment = await bought(client, world, "asha")
        (item,) = (await client.get(PATH, headers=by_key())).json()["items"]

    assert item == {
        "transaction_id": payment,
        "student_id": "asha",
        "course_id": "algebra",
        "course_url": "https://platform.example/c/algebra",
        "started_at": began.isoformat().replace("+00:00", "Z"),
        "ended_at": None,
    }


async def test_each_sees_what_is_theirs_to_see(client: Client, world: HttpWorld) -> None:
    """
    A student the own ones, and a back end for that student the same; staff and the platform all.
    """
    add_key(world)
    ashas = await bought(client, world, "asha")
    ravis = await bought(client, world, "ravi")
    support = world.bearer("mira", "support")

    for all_of_them in (by_key(), support):
        assert await listed(client, all_of_them) == [ashas, ravis]
        assert await listed(client, all_of_them, student="ravi") == [ravis]
    for own in (world.bearer("asha"), by_key("asha")):
        assert await listed(client, own) == await listed(client, own, student="asha") == [ashas]
        answer = await client.get(PATH, params={"student": "ravi"}, headers=own)
        problem(answer, 403, "not-allowed")


async def test_the_platform_keeps_in_step(client: Client, world: HttpWorld) -> None:
    """
    Page by page, by course, and what has changed since.
    """
    add_key(world)
    world.sell(a_course("geometry"))
    first = await bought(client, world, "asha")
    between = world.clock.now()
    second = await bought(client, world, "asha", "geometry")
    third = await bought(client, world, "ravi")

    query: dict[str, Any] = {"limit": 1}
    seen = []
    for _ in range(3):
        page = (await client.get(PATH, params=query, headers=by_key())).json()
        seen += [each["transaction_id"] for each in page["items"]]
        query["cursor"] = page["next"]

    assert (seen, query["cursor"]) == ([first, second, third], None)
    assert await listed(client, by_key(), course="geometry") == [second]
    assert await listed(client, by_key(), since=between.isoformat()) == [second, third]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ({"since": "2026-08-03T12:00:00"}, "invalid-request"),
        ({"since": "yesterday"}, "invalid-request"),
        ({"limit": "201"}, "invalid-request"),
        ({"cursor": "nonsense"}, "cursor-invalid"),
        ({"cursor": "MjAyNi0wOC0wM1QxMjowMDowMCswMDowMHxY"}, "cursor-invalid"),
    ],
)
async def test_what_cannot_be_listed(
    client: Client, world: HttpWorld, query: dict[str, str], slug: str
) -> None:
    """
    An instant without its offset, a page that is too long, or a place that is none.
    """
    answer = await client.get(PATH, params=query, headers=world.bearer("asha"))

    problem(answer, 400 if slug == "cursor-invalid" else 422, slug)
