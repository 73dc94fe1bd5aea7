"""The console's courses and discount codes: seen, changed, and imported after a look at what would change."""

import re
from dataclasses import replace
from typing import Any

import pytest

from domain.catalogue.course import CourseId
from domain.money import Money
from domain.staff.access import Role
from entrypoints.http.console.catalogue_import import FILE_BYTES_MAX
from fakes.samples import a_course
from worlds.http import Client, HttpWorld, into_console

COURSES, DISCOUNTS = "/console/courses", "/console/discounts"
COURSE, CODE = f"{COURSES}/course", f"{DISCOUNTS}/code"
GEOMETRY = {
    "id": "geometry",
    "title": "Geometry",
    "list_price": "1180.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
    "delivery": "online",
    "venue_state": "",
    "exempt": "false",
    "active": "true",
}
HALF = {"code": "half", "kind": "percent", "percent": "50", "active": "true"}


def seen_in(page: str, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="(\w+)"', page)
    assert found is not None
    return found[1]


def puts(world: HttpWorld) -> list[str]:
    """Return what the audit log says was put on sale."""
    return [each.subject for each in world.memory.store.audit if each.action == "courses.put"]


@pytest.fixture
async def token(client: Client, world: HttpWorld) -> str:
    return await into_console(client, world, "zoya", Role.ADMIN)


async def test_a_course_is_added_and_changed(client: Client, world: HttpWorld, token: str) -> None:
    """
    By the same rules as a file; each change is one line of the audit log.
    """
    empty = (await client.get(COURSE)).text
    form = {"csrf_token": token, **GEOMETRY, "seen": seen_in(empty)}
    wrong = await client.post(COURSE, data={**form, "gst_rate": "17"})
    assert wrong.status_code == 422
    assert 'id="gst_rate-fault"' in wrong.text
    assert 'value="Geometry"' in wrong.text
    taken = await client.post(COURSE, data={**form, "id": "algebra"})
    assert 'id="id-fault"' in taken.text
    venue = await client.post(COURSE, data={**form, "delivery": "classroom"})
    assert venue.status_code == 422
    added = await client.post(COURSE, data=form)
    assert (added.status_code, added.headers["location"]) == (303, f"{COURSE}?name=geometry")

    page = (await client.get(added.headers["location"])).text
    form = {**form, "seen": seen_in(page), "named": "geometry", "list_price": "2360.00"}
    assert (await client.post(COURSE, data=form)).status_code == 303
    course = world.memory.store.courses[CourseId("geometry")]
    assert course.list_price == Money(2360_00)
    assert puts(world) == ["geometry", "geometry"]
    assert "₹2,360.00" in (await client.get(COURSES)).text
    assert (await client.get(COURSE, params={"name": "nothing"})).status_code == 404


async def test_of_two_officers_the_second_is_told(
    client: Client, world: HttpWorld, token: str
) -> None:
    """
    What they typed stays, and replaces what is there only when they send it again.
    """
    page = (await client.get(COURSE, params={"name": "algebra"})).text
    form = {**GEOMETRY, "csrf_token": token, "named": "algebra", "seen": seen_in(page)}
    world.sell(replace(a_course(), title="Algebra, mended"))

    late = await client.post(COURSE, data=form)

    assert late.status_code == 409
    assert "Somebody changed it while you did" in late.text
    assert 'value="Geometry"' in late.text
    assert world.memory.store.courses[CourseId("algebra")].title == "Algebra, mended"
    again = await client.post(COURSE, data={**form, "seen": seen_in(late.text)})
    assert again.status_code == 303
    assert world.memory.store.courses[CourseId("algebra")].title == "Geometry"


async def test_a_discount_code(client: Client, world: HttpWorld, token: str) -> None:
    """
    It is written in capitals, whoever types it how.
    """
    form = {"csrf_token": token, **HALF, "seen": seen_in((await client.get(CODE)).text)}
    wrong = await client.post(CODE, data={**form, "percent": "150"})
    assert 'id="percent-fault"' in wrong.text
    added = await client.post(CODE, data=form)
    page = (await client.get(CODE, params={"name": " half "})).text

    assert added.headers["location"] == f"{CODE}?name=HALF"
    assert 'value="50"' in page
    assert 'value="HALF"' in page
    listed = (await client.get(DISCOUNTS)).text
    assert "50 %" in listed
    assert "HALF" in world.memory.store.discounts


async def sent(client: Client, address: str, token: str, file: str, **more: str) -> Any:
    fields = {"csrf_token": token, **more}
    if more:
        files: Any = {name: (None, value) for name, value in fields.items()}
    else:
        files = {"file": ("courses.csv", file.encode(), "text/csv")}
        files["csrf_token"] = (None, token)
    return await client.post(address, files=files)


CSV = (
    "id,title,list_price,price_mode,sac,gst_rate\r\n"
    "geometry,Geometry,1180.00,inclusive,999293,18\r\n"
    "algebra,Algebra anew,1180.00,inclusive,999293,18\r\n"
)


async def test_a_file_is_compared_and_then_imported(
    client: Client, world: HttpWorld, token: str
) -> None:
    """
    Nothing is written by the comparison; a catalogue that changed since is compared anew.
    """
    address = f"{COURSES}/import"
    preview = await sent(client, address, token, CSV)
    assert preview.status_code == 200
    assert "1 to add, 1 to change" in preview.text
    assert "becomes Algebra anew" in preview.text
    assert CourseId("geometry") not in world.memory.store.courses
    back = {"name": "courses.csv", "text": CSV}
    world.sell(replace(a_course(), title="Meanwhile"))
    late = await sent(
        client, address, token, "", **back, compared=seen_in(preview.text, "compared")
    )
    assert late.status_code == 409
    assert "compared anew" in late.text

    done = await sent(client, address, token, "", **back, compared=seen_in(late.text, "compared"))

    assert (done.status_code, done.headers["location"]) == (303, COURSES)
    assert world.memory.store.courses[CourseId("algebra")].title == "Algebra anew"
    assert puts(world) == ["2 courses"]
    same = await sent(client, address, token, CSV)
    assert "nothing to import" in same.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Choose a file"),
        (CSV + "history,,1.00,inclusive,999293,18\r\n", "line 4: title: it is missing"),
        ("x" * (FILE_BYTES_MAX + 1), "larger than"),
        ("nothing", "there is nothing in it"),
    ],
)
async def test_a_file_that_is_refused(
    client: Client, world: HttpWorld, token: str, text: str, words: str
) -> None:
    """
    Each fault is named with its line, and nothing is imported.
    """
    answer = await sent(client, f"{COURSES}/import", token, text)

    assert answer.status_code == 422
    assert words in answer.text
    assert not puts(world)


async def test_a_file_in_another_encoding(client: Client, token: str) -> None:
    """
    It is not guessed at.
    """
    files: Any = {"file": ("codes.csv", b"code,kind\xff", "text/csv"), "csrf_token": (None, token)}
    answer = await client.post(f"{DISCOUNTS}/import", files=files)

    assert "not UTF-8" in answer.text


async def test_codes_are_imported(client: Client, world: HttpWorld, token: str) -> None:
    """
    As JSON as well.
    """
    text = '[{"code": "third", "kind": "flat", "amount": "10.00"}]'
    address = f"{DISCOUNTS}/import"
    preview = await sent(client, address, token, text)
    back = {"name": "codes.json", "text": text, "compared": seen_in(preview.text, "compared")}

    assert (await sent(client, address, token, "", **back)).status_code == 303
    assert "THIRD" in world.memory.store.discounts


async def test_who_may_only_look(client: Client, world: HttpWorld) -> None:
    """
    Support sees what is sold, without a form; a form with a wrong token is refused.
    """
    token = await into_console(client, world, "sunita", Role.SUPPORT)
    page = (await client.get(COURSE, params={"name": "algebra"})).text
    assert "Save" not in page
    assert "Choose one from the list" in (await client.get(COURSE)).text
    assert "Add a course" not in (await client.get(COURSES)).text
    answer = await client.post(COURSE, data={"csrf_token": token, **GEOMETRY})
    assert answer.status_code == 403
    assert (await sent(client, f"{COURSES}/import", token, CSV)).status_code == 403
    await into_console(client, world, "anita", Role.ADMIN)
    forged = await sent(client, f"{COURSES}/import", "0" * 64, CSV)
    assert forged.status_code == 403
