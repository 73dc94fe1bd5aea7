"""What students see of their payments: all of their own, page by page, and nothing of anybody else's."""

from itertools import pairwise

import pytest

from worlds.processes.api_clients import Api, ProcessWorld, problem


@pytest.fixture
async def asha(own_world: ProcessWorld) -> Api:
    return own_world.student()


async def pages(student: Api, **query: str | int) -> list[list[dict[str, object]]]:
    """Return every page of the student's history."""
    found: list[list[dict[str, object]]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await student.ask("GET", "/api/payment/history", params=query | cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert set(page) == {"items", "next"}
        found.append(page["items"])
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def test_history_comes_page_by_page_newest_first(own_world: ProcessWorld, asha: Api) -> None:
    """
    Five payments in pages of two: each once, in order, and the last page says so.
    """
    made = [(await asha.opened(await own_world.course()))["order_id"] for _ in range(5)]

    found = await pages(asha, limit=2)

    assert [len(each) for each in found] == [2, 2, 1]
    items = [item for page in found for item in page]
    assert [item["transaction_id"] for item in items] == made[::-1]
    assert all(str(one["opened_at"]) >= str(two["opened_at"]) for one, two in pairwise(items))
    assert {str(item["payable"]) for item in items} == {"1180.00"}


async def test_a_payment_opened_between_two_pages_shifts_nothing(
    own_world: ProcessWorld, asha: Api
) -> None:
    """
    The next page goes on where the first ended, whatever came in above it.
    """
    made = [(await asha.opened(await own_world.course()))["order_id"] for _ in range(3)]
    first = (await asha.ask("GET", "/api/payment/history", params={"limit": 2})).json()

    await asha.opened(await own_world.course())
    second = (
        await asha.ask("GET", "/api/payment/history", params={"limit": 2, "cursor": first["next"]})
    ).json()

    assert [item["transaction_id"] for item in second["items"]] == [made[0]]


async def test_history_is_filtered_by_status(own_world: ProcessWorld, asha: Api) -> None:
    """
    Only what was asked for comes, and an unknown status is a mistake, not an empty page.
    """
    paid, declined, _ = [
        (await asha.opened(await own_world.course()))["order_id"] for _ in range(3)
    ]
    await own_world.bank.pay(paid, webhooks=False)
    await own_world.bank.pay(declined, "failure", webhooks=False)
    for order in (paid, declined):
        await asha.status(order)

    for status, wanted in (("success", [paid]), ("failed", [declined]), ("expired", [])):
        found = await pages(asha, status=status)
        assert [[item["transaction_id"] for item in page] for page in found] == [wanted]
    answer = await asha.ask("GET", "/api/payment/history", params={"status": "paid"})
    problem(answer, 422, "invalid-request")


@pytest.mark.parametrize(
    ("query", "status", "slug"),
    [
        ({"cursor": "made-up"}, 400, "cursor-invalid"),
        ({"cursor": ""}, 400, "cursor-invalid"),
        ({"limit": "0"}, 422, "invalid-request"),
        ({"limit": "101"}, 422, "invalid-request"),
        ({"limit": "many"}, 422, "invalid-request"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    asha: Api, query: dict[str, str], status: int, slug: str
) -> None:
    """
    Neither an endless page nor a cursor that nobody gave out.
    """
    problem(await asha.ask("GET", "/api/payment/history", params=query), status, slug)


async def test_another_students_payment_is_not_there(own_world: ProcessWorld, asha: Api) -> None:
    """
    Status, history, result page and form: for anybody else the payment does not exist.
    """
    order = (await asha.opened(await own_world.course()))["order_id"]
    ravi = own_world.student()

    stranger = await ravi.ask("GET", f"/api/payment/status/{order}")
    nobody = await ravi.ask("GET", "/api/payment/status/SKNOBODYKNOWSTHIS222")

    problem(stranger, 404, "not-found")
    assert stranger.json()["detail"].replace(order, "") == nobody.json()["detail"].replace(
        "SKNOBODYKNOWSTHIS222", ""
    )
    assert (await ravi.ask("GET", f"/result/{order}")).status_code == 404
    assert await pages(ravi) == [[]]
    assert await own_world.bank.reads_of(order) == 0


@pytest.mark.parametrize(
    "what", ["x", "SK", "%00", "SK' OR 1=1--", "sknobodyknowsthis222", "a" * 500]
)
async def test_an_id_that_is_none_is_not_found(asha: Api, what: str) -> None:
    """
    Whatever stands in the address is looked at before the records are.
    """
    problem(await asha.ask("GET", f"/api/payment/status/{what}"), 404, "not-found")


async def test_two_students_never_share_a_course_place(own_world: ProcessWorld, asha: Api) -> None:
    """
    The one live payment is counted per student: a friend's does not stand in the way.
    """
    course = await own_world.course()
    ravi = own_world.student()

    orders = {(await each.opened(course))["order_id"] for each in (asha, ravi)}

    assert len(orders) == 2
