"""Staff find payments of all students by the interface: by any id, by day, state and amount."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from fakes.samples import a_course
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem

FIND = "/api/admin/payments"


async def found(client: Client, world: HttpWorld, **query: Any) -> list[str]:
    answer = await client.get(FIND, params=query, headers=world.bearer("sunita", "support"))
    assert answer.status_code == 200, answer.text
    return [each["transaction_id"] for each in answer.json()["items"]]


async def three(client: Client, world: HttpWorld) -> list[str]:
    """Begin three payments on three days: one is paid, one fails, one waits."""
    begun = []
    for course, outcome in (
        ("algebra", Outcome.SUCCESS),
        ("botany", Outcome.FAILURE),
        ("chemistry", None),
    ):
        world.sell(a_course(course))
        payment = await begun_payment(client, world.bearer(), **{**CHECKOUT, "course_id": course})
        if outcome is not None:
            world.gateway.pay(PaymentId(payment), outcome)
            await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
        begun.append(payment)
        world.clock.move(timedelta(days=1))
    return begun


async def test_payments_are_found(client: Client, world: HttpWorld) -> None:
    """
    By id, by student, by state, by day; the usual week says which days it is.
    """
    paid, failed, waiting = await three(client, world)

    assert await found(client, world) == [waiting, failed, paid]
    assert await found(client, world, q=failed.lower()) == [failed]
    assert await found(client, world, q="ASHA@example.com") == [waiting, failed, paid]
    assert await found(client, world, q="asha", status="success") == [paid]
    assert await found(client, world, q="ravi") == []
    assert await found(client, world, amount_from="1,180.01") == []
    assert await found(client, world, amount_from="1180", amount_to="₹1180.00", limit=1) == [
        waiting
    ]
    world.clock.move(timedelta(days=30))
    assert await found(client, world) == []
    answer = await client.get(FIND, headers=world.bearer("sunita", "support"))
    body = answer.json()
    assert body["first_day"] < body["last_day"]
    assert await found(client, world, **{"from": "2026-08-01", "to": "2026-08-31"})


async def test_payments_of_a_period_are_found_to_the_second(
    client: Client, world: HttpWorld
) -> None:
    """
    By instants with an offset, the later one not included; one alone is enough.
    """
    paid, failed, waiting = await three(client, world)
    day = "2026-08-04T17:30:00+05:30"

    assert await found(client, world, created_from=day) == [waiting, failed]
    assert await found(client, world, created_to=day) == [paid]
    assert await found(client, world, created_from="2026-08-03T12:00:00Z", created_to=day) == [paid]
    assert await found(client, world, created_from="2026-08-03T12:00:00.000001z") == [
        waiting,
        failed,
    ]
    assert await found(client, world, q="asha", created_to="2026-08-03T12:00:00Z") == []
    answer = await client.get(
        FIND, params={"created_from": day}, headers=world.bearer("sunita", "support")
    )
    assert (answer.json()["first_day"], answer.json()["last_day"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"created_from": "2026-08-04"}, "created_from"),
        ({"created_from": "2026-08-04T00:00:00"}, "created_from"),
        ({"created_to": "2026-08-04T00:00:00 05:30"}, "created_to"),
        ({"created_to": "2026-02-30T00:00:00Z"}, "created_to"),
        ({"created_to": "0001-01-01T00:00:00+05:30"}, "created_to"),
        (
            {"created_from": "2026-08-04T00:00:00Z", "created_to": "2026-08-04T00:00:00Z"},
            "created_from",
        ),
        ({"created_from": "2026-08-04T00:00:00Z", "from": "2026-08-04"}, "created_from"),
        ({"created_from": "2026-01-01T00:00:00Z"}, "from"),
    ],
)
async def test_a_period_that_is_none_is_refused(
    client: Client, world: HttpWorld, query: dict[str, str], field: str
) -> None:
    """
    Nobody guesses an offset, and nobody looks through years.
    """
    answer = await client.get(FIND, params=query, headers=world.bearer("sunita", "support"))

    assert problem(answer, 422, "invalid-request")["errors"][0]["field"] == field


async def test_a_payment_is_found_by_what_the_platform_calls_it(
    client: Client, world: HttpWorld
) -> None:
    """
    Whole, as every id is.
    """
    order = {"client_reference": "order-4711"}
    payment = await begun_payment(client, world.bearer(), **order)

    assert await found(client, world, q="order-4711") == [payment]
    assert await found(client, world, q="order-471") == []


async def test_pages_follow_each_other(client: Client, world: HttpWorld) -> None:
    """
    Each begins behind the last of the one before, with the same filters.
    """
    begun = await three(client, world)
    staff = world.bearer("sunita", "support")
    seen: list[str] = []
    cursor = None
    for _ in begun:
        query: dict[str, Any] = {"q": "asha", "limit": 1, **({"cursor": cursor} if cursor else {})}
        body = (await client.get(FIND, params=query, headers=staff)).json()
        seen += [each["transaction_id"] for each in body["items"]]
        cursor = body["next"]

    assert (seen, cursor) == (begun[::-1], None)


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ({"from": "2026-08-02", "to": "2026-08-01"}, "invalid-request"),
        ({"from": "2026-01-01", "to": "2026-08-01"}, "invalid-request"),
        ({"from": "1999-01-01", "to": "1999-01-02"}, "invalid-request"),
        ({"to": "0001-01-01"}, "invalid-request"),
        ({"to": "9999-12-31"}, "invalid-request"),
        ({"amount_from": "2", "amount_to": "1"}, "invalid-request"),
        ({"amount_from": "a lot"}, "invalid-request"),
        ({"status": "lost"}, "invalid-request"),
        ({"cursor": "x"}, "cursor-invalid"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    client: Client, world: HttpWorld, query: dict[str, str], slug: str
) -> None:
    """
    By name, before anything is read.
    """
    answer = await client.get(FIND, params=query, headers=world.bearer("sunita", "support"))

    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code, slug)


async def test_a_card_number_is_not_searched_for(client: Client, world: HttpWorld) -> None:
    """
    Nor repeated in the answer.
    """
    query = {"q": "4111 1111 1111 1111"}
    answer = await client.get(FIND, params=query, headers=world.bearer("sunita", "support"))

    problem(answer, 422, "card-number-refused")
    assert "4111 1111" not in answer.text


@pytest.mark.parametrize("roles", [("student",), ()])
async def test_students_do_not_search(
    client: Client, world: HttpWorld, roles: tuple[str, ...]
) -> None:
    """
    What others paid is nobody's business.
    """
    answer = await client.get(FIND, headers=world.bearer("asha", *roles))

    problem(answer, 403, "not-allowed")
