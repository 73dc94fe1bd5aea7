"""Staff put courses and codes over HTTP, whole or not at all."""

from typing import Any, Final

import pytest

from domain.catalogue.course import CourseId
from domain.catalogue.discount import Flat
from domain.money import Money
from domain.tax.gst import Delivery
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem

COURSE: Final[dict[str, Any]] = {
    "title": "Geometry",
    "list_price": "2360.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
}
CODE: Final[dict[str, Any]] = {"kind": "flat", "amount": "100"}


async def test_a_course_is_put(client: Client, world: HttpWorld) -> None:
    """
    It is on sale at once, and the audit line names who did it.
    """
    body = {**COURSE, "delivery": "classroom", "venue_state": "29"}
    answer = await client.put(
        "/api/admin/courses/geometry", json=body, headers=world.bearer("mira", "admin")
    )
    course = world.memory.store.courses[CourseId("geometry")]

    assert (answer.status_code, answer.content) == (204, b"")
    assert course.list_price == Money(2_360_00)
    assert (course.delivery, course.venue and course.venue.code) == (Delivery.CLASSROOM, "29")
    assert world.memory.store.audit[-1].origin.actor == "staff:mira"


async def test_a_new_price_leaves_open_payments_alone(client: Client, world: HttpWorld) -> None:
    """
    What was quoted and opened keeps its price.
    """
    payment = await begun_payment(client, world.bearer())
    await client.put(
        "/api/admin/courses/algebra", json=COURSE, headers=world.bearer("mira", "admin")
    )
    status = await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    quote = await client.post("/api/payment/quote", json=CHECKOUT, headers=world.bearer())

    assert status.json()["payable"] == "1180.00"
    assert quote.json()["breakdown"]["payable"] == "2360.00"


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"list_price": "1.005"}, "course-invalid", "list_price"),
        ({"list_price": "0"}, "course-invalid", "list_price"),
        ({"list_price": 1180.5}, "invalid-request", "list_price"),
        ({"gst_rate": "101"}, "course-invalid", "gst_rate"),
        ({"gst_rate": "many"}, "course-invalid", "gst_rate"),
        ({"gst_rate": "17.5"}, "course-invalid", "gst_rate"),
        ({"gst_rate": "1.8"}, "course-invalid", "gst_rate"),
        ({"price_mode": "netto"}, "course-invalid", "price_mode"),
        ({"sac": "12"}, "course-invalid", "sac"),
        ({"sac": "123456"}, "course-invalid", "sac"),
        ({"title": "4111111111111111"}, "course-invalid", "title"),
        ({"title": None}, "invalid-request", "title"),
        ({"delivery": "classroom"}, "course-invalid", "venue_state"),
        ({"venue_state": "29"}, "course-invalid", "venue_state"),
        ({"id": "other"}, "invalid-request", "id"),
        ({"colour": "red"}, "invalid-request", "colour"),
    ],
)
async def test_a_course_is_refused_by_its_field(
    client: Client, world: HttpWorld, changes: dict[str, Any], slug: str, field: str
) -> None:
    """
    The refusal names the field as it is spelt in the record.
    """
    answer = await client.put(
        "/api/admin/courses/geometry",
        json={**COURSE, **changes},
        headers=world.bearer("mira", "admin"),
    )

    assert [each["field"] for each in problem(answer, 422, slug)["errors"]] == [field]
    assert CourseId("geometry") not in world.memory.store.courses


async def test_all_that_is_wrong_is_named_with_what_is_taken(
    client: Client, world: HttpWorld
) -> None:
    """
    Each field at its place, by a code, and with the values where there are few; so for a discount code.
    """
    headers = world.bearer("mira", "admin")
    course = {
        "title": " ",
        "list_price": "0",
        "price_mode": "netto",
        "sac": "123456",
        "gst_rate": "17",
    }
    code = {"kind": "percent", "percent": " ", "cap": "0", "total_limit": 0, "min_order": "-1"}

    put = client.put
    of_course = await put(
        "/api/admin/courses/x", json=course | {"venue_state": "99"}, headers=headers
    )
    of_code = await put("/api/admin/discounts/X", json=code, headers=headers)

    found = {each["pointer"]: each for each in problem(of_course, 422, "course-invalid")["errors"]}
    assert {pointer: each["code"] for pointer, each in found.items()} == {
        "/title": "missing",
        "/venue_state": "not_allowed",
        "/list_price": "invalid",
        "/price_mode": "not_allowed",
        "/sac": "not_allowed",
        "/gst_rate": "not_allowed",
    }
    assert found["/price_mode"]["allowed_values"] == ["inclusive", "exclusive"]
    assert "999293" in found["/sac"]["allowed_values"]
    assert found["/gst_rate"]["allowed_values"][:3] == ["0", "0.25", "1.5"]
    assert "29" in found["/venue_state"]["allowed_values"]
    assert all(each["detail"] in of_course.json()["detail"] for each in found.values())
    codes = {
        each["pointer"]: each["code"]
        for each in problem(of_code, 422, "discount-invalid")["errors"]
    }
    assert codes == {
        "/code": "invalid",
        "/percent": "missing",
        "/cap": "invalid",
        "/min_order": "invalid",
        "/total_limit": "invalid",
    }
    assert not world.memory.store.audit


async def test_a_code_is_put(client: Client, world: HttpWorld) -> None:
    """
    Codes are compared in one spelling, whatever the address says.
    """
    answer = await client.put(
        "/api/admin/discounts/diwali", json=CODE, headers=world.bearer("mira", "finance")
    )

    assert answer.status_code == 204
    assert world.memory.store.discounts["DIWALI"].kind == Flat(Money(100_00))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "some"}, "kind"),
        ({"amount": None}, "amount"),
        ({"percent": "5"}, "percent"),
        ({"valid_from": "1st of May"}, "valid_from"),
        ({"valid_from": "2026-05-02", "valid_to": "2026-05-01"}, "valid_to"),
        ({"total_limit": 0}, "total_limit"),
    ],
)
async def test_a_code_is_refused_by_its_field(
    client: Client, world: HttpWorld, changes: dict[str, Any], field: str
) -> None:
    """
    The refusal names the field as it is spelt in the record.
    """
    answer = await client.put(
        "/api/admin/discounts/DIWALI",
        json={**CODE, **changes},
        headers=world.bearer("mira", "admin"),
    )

    errors = problem(answer, 422, "discount-invalid")["errors"]
    assert [each["field"] for each in errors] == [field]


@pytest.mark.parametrize(
    ("shelf", "name", "record"),
    [
        ("courses", "geometry", {**COURSE, "delivery": "classroom", "venue_state": "29"}),
        ("courses", "closed", {**COURSE, "active": False}),
        ("discounts", "HALF", {"kind": "percent", "percent": "50", "cap": "500.00"}),
        ("discounts", "FEST", {**CODE, "valid_from": "2026-04-01", "total_limit": 3}),
    ],
)
async def test_what_was_put_is_read_and_put_back(
    client: Client, world: HttpWorld, shelf: str, name: str, record: dict[str, Any]
) -> None:
    """
    Whoever put it finds it in the list and by its name, and may send it back as it is.
    """
    headers = world.bearer("mira", "admin")
    address = f"/api/admin/{shelf}/{name}"
    await client.put(address, json=record, headers=headers)
    read = (await client.get(address, headers=headers)).json()
    listed = (await client.get(f"/api/admin/{shelf}", headers=headers)).json()
    back = await client.put(address, json=read, headers=headers)

    assert read.items() >= {**record, "active": record.get("active", True)}.items() - {
        ("amount", "100")
    }
    assert read in listed["items"]
    assert listed["more"] is False
    assert back.status_code == 204
    assert (await client.get(address, headers=headers)).json() == read


@pytest.mark.parametrize("path", ["courses/none", "discounts/NONE"])
async def test_what_there_is_not_is_not_found(client: Client, world: HttpWorld, path: str) -> None:
    """
    And what is no id at all is not either.
    """
    answer = await client.get(f"/api/admin/{path}", headers=world.bearer("mira", "admin"))

    assert answer.status_code == 404
