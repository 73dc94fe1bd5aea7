"""Staff change prices and codes while students pay: what was opened stays as it was opened."""

from decimal import Decimal
from typing import Any

import pytest

from worlds.processes.api_clients import ONE_SALE, Api, ProcessWorld, problem

COURSE = {
    "title": "A Course",
    "list_price": "100.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
}
CODE = {"kind": "percent", "percent": "10"}


async def quoted(student: Api, course: str, code: str | None = None) -> Any:
    body: dict[str, object] = {
        "course_id": course,
        "billing": {"name": student.person.name, "state_code": "29"},
    }
    if code:
        body["discount_code"] = code
    answer = await student.ask("POST", "/api/payment/quote", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["breakdown"]


async def test_a_new_price_leaves_an_open_payment_as_it_is(world: ProcessWorld) -> None:
    """
    Who has begun to pay pays what was shown; who asks afterwards is shown the new price.
    """
    asha, ravi = world.student(), world.student()
    course = await world.course(list_price="1000.00")
    code = await world.code(kind="percent", percent="10")
    made = await asha.opened(course, code)

    await world.course(course, list_price="2000.00", gst_rate="5", price_mode="exclusive")
    await world.code(code, kind="percent", percent="50")

    assert made["breakdown"]["payable"] == "900.00"
    assert (await asha.status(made["order_id"]))["payable"] == "900.00"
    assert (await quoted(ravi, course, code))["payable"] == "1050.00"
    await world.bank.pay(made["order_id"])
    await world.records.reaches(made["order_id"], "success")
    assert await world.records.one_sale(made["order_id"]) == ONE_SALE
    known = await world.bank.knows(made["order_id"])
    assert Decimal(str(known["order"]["amount"])) == Decimal("900.00")
    email = await world.receive_one_email(asha.person, made["order_id"])
    assert "900.00" in email["text"]


async def test_a_course_that_is_withdrawn_is_still_sold_to_who_pays(world: ProcessWorld) -> None:
    """
    Off sale means no new payments; the one under way ends as any other.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]

    await world.course(course, active=False)
    await world.bank.pay(order)

    await world.records.reaches(order, "success")
    problem(await world.student().initiate(course), 404, "unknown-course")


async def test_putting_the_same_again_changes_nothing(world: ProcessWorld) -> None:
    """
    A course and a code may be sent as often as one likes; how often a code was used stays counted.
    """
    course = await world.course()
    code = await world.code(kind="flat", amount="10.00", total_limit=1)
    await world.student().opened(course, code)

    await world.course(course)
    await world.code(code, kind="flat", amount="10.00", total_limit=1)

    told = problem(await world.student().initiate(course, code), 422, "discount-refused")
    assert told["reason"] == "used_up"


async def test_a_change_is_audited_with_who_made_it(world: ProcessWorld) -> None:
    """
    The trail names the person of the staff, not merely that there was one.
    """
    course = await world.course()

    lines = await world.records.rows(
        "SELECT actor, source, ip FROM audit_log WHERE subject LIKE '%' || $1", course
    )

    assert lines == [{"actor": f"staff:{world.admin.id}", "source": "admin", "ip": "127.0.0.1"}]


@pytest.mark.parametrize(
    ("path", "body"), [("courses/any-course", COURSE), ("discounts/ANYCODE", CODE)]
)
async def test_a_student_changes_no_price(
    world: ProcessWorld, path: str, body: dict[str, str]
) -> None:
    """
    A student's token is known and may not.
    """
    answer = await world.student().ask("PUT", f"/api/admin/{path}", json=body)

    problem(answer, 403, "not-allowed")


@pytest.mark.parametrize(
    ("path", "body", "slug"),
    [
        ("courses/x", COURSE | {"list_price": "10.001"}, "course-invalid"),
        ("courses/x", COURSE | {"list_price": "-1"}, "course-invalid"),
        ("courses/x", COURSE | {"list_price": "9.99"}, "course-invalid"),
        ("courses/x", COURSE | {"sac": "99"}, "course-invalid"),
        ("courses/x", COURSE | {"gst_rate": "101"}, "course-invalid"),
        ("courses/x", COURSE | {"id": "y"}, "invalid-request"),
        ("courses/x", COURSE | {"colour": "red"}, "invalid-request"),
        ("courses/x", {"title": "A Course"}, "invalid-request"),
        ("discounts/X1Y", CODE | {"percent": "100.5"}, "discount-invalid"),
        ("discounts/X1Y", CODE | {"amount": "5.00"}, "discount-invalid"),
        ("discounts/X1Y", {"kind": "barter"}, "discount-invalid"),
        ("discounts/X1Y", CODE | {"code": "OTHER"}, "invalid-request"),
    ],
)
async def test_what_cannot_be_sold_is_not_kept(
    world: ProcessWorld, path: str, body: dict[str, object], slug: str
) -> None:
    """
    The field to mend is named, and nothing of the record is stored.
    """
    answer = await world.of(world.admin).ask("PUT", f"/api/admin/{path}", json=body)

    assert problem(answer, 422, slug)["errors"]
    assert await world.records.count("course", "id = 'x'") == 0
    assert await world.records.count("discount", "code = 'X1Y'") == 0
