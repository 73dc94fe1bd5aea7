"""A student reads: how one payment stands, and the history page by page."""

import base64
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from entrypoints.http.api.cursor import read_cursor, write_cursor
from fakes.clock import NOON
from fakes.samples import a_course, payment_id
from ports.payments.payment_gateway import GatewayOperation
from ports.payments.payment_queries import HistoryCursor
from worlds.http import Client, HttpWorld, begun_payment, problem

HISTORY: Final = "/api/payment/history"


async def test_status_asks_the_bank_while_it_is_open(client: Client, world: HttpWorld) -> None:
    """
    Nobody told us, and yet the student sees it is paid: the status asks the bank.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    body = (await client.get(f"/api/payment/status/{payment}", headers=world.bearer())).json()

    assert body["transaction_id"] == body["order_id"] == payment
    assert (body["status"], body["enrolled"], body["payable"]) == ("success", True, "1180.00")
    assert [step["state"] for step in body["timeline"]] == ["pending", "success"]
    assert body["timeline"][0]["at"] == "2026-08-03T12:00:00Z"
    assert body["failure_reason"] is None
    assert body["needs_attention"] is False


async def test_status_does_not_ask_the_bank_all_the_time(client: Client, world: HttpWorld) -> None:
    """
    However often a page asks, the bank is asked every few seconds at most.
    """
    payment = await begun_payment(client, world.bearer())
    for _ in range(5):
        await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == 1

    world.clock.at += timedelta(seconds=4)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == 2


async def test_status_is_known_without_the_bank(client: Client, world: HttpWorld) -> None:
    """
    A bank that does not answer leaves the status at what is known.
    """
    payment = await begun_payment(client, world.bearer())
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)
    answer = await client.get(f"/api/payment/status/{payment}", headers=world.bearer())

    assert (answer.status_code, answer.json()["status"]) == (200, "pending")


async def test_a_failure_has_our_word(client: Client, world: HttpWorld) -> None:
    """
    The reason is one of ours.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, Outcome.FAILURE)
    body = (await client.get(f"/api/payment/status/{payment}", headers=world.bearer())).json()

    assert body["status"] == "failed"
    assert body["failure_reason"] == "declined_by_bank"


@pytest.mark.parametrize("name", ["x", "SK" + "a" * 18, "SK" + "A" * 19, "S" * 500, "%00"])
async def test_what_cannot_be_an_id_is_not_found(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """
    Nothing but our own shape is ever looked up.
    """

    async def looked_up(*_: object, **__: object) -> None:
        raise AssertionError("it was looked up")

    monkeypatch.setattr(type(world.memory.queries), "status", looked_up)
    answer = await client.get(f"/api/payment/status/{name}", headers=world.bearer())

    problem(answer, 404, "not-found")


async def test_the_history_comes_in_pages(client: Client, world: HttpWorld) -> None:
    """
    Newest first, each payment once, and `next` is null at the end.
    """
    payments = []
    for number in range(5):
        payments.append(await begun_payment(client, world.bearer()))
        world.pay(payments[-1], Outcome.FAILURE)
        await client.get(f"/api/payment/status/{payments[-1]}", headers=world.bearer())
        world.clock.at += timedelta(minutes=number % 2)
    await begun_payment(client, world.bearer("ravi"))

    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        body = (await client.get(HISTORY, params=params, headers=world.bearer())).json()
        seen += [item["transaction_id"] for item in body["items"]]
        cursor = body["next"]

    assert cursor is None
    assert sorted(seen) == sorted(payments)
    assert len(seen) == 5


async def test_the_history_of_a_period(client: Client, world: HttpWorld) -> None:
    """
    By instants with an offset; the later one is not included, and the answers name the reference.
    """
    world.sell(a_course("botany"))
    order = {"client_reference": "order-1"}
    first = await begun_payment(client, world.bearer(), **order)
    began = world.clock.now()
    world.clock.move(timedelta(hours=1))
    second = await begun_payment(client, world.bearer(), course_id="botany")

    async def found(**query: str) -> list[str]:
        answer = await client.get(HISTORY, params=query, headers=world.bearer())
        assert answer.status_code == 200, answer.text
        return [each["transaction_id"] for each in answer.json()["items"]]

    assert await found(created_from=began.isoformat()) == [second, first]
    assert await found(created_to=world.clock.now().isoformat()) == [first]
    assert await found(created_from=(began + timedelta(seconds=1)).isoformat()) == [second]
    told = await client.get(HISTORY, headers=world.bearer())
    assert [each["client_reference"] for each in told.json()["items"]] == [None, "order-1"]
    status = await client.get(f"/api/payment/status/{first}", headers=world.bearer())
    assert status.json()["client_reference"] == "order-1"
    naive = await client.get(
        HISTORY, params={"created_from": "2026-08-03T12:00:00"}, headers=world.bearer()
    )
    problem(naive, 422, "invalid-request")


async def test_the_history_by_status(client: Client, world: HttpWorld) -> None:
    """
    The filter takes our states and no other word.
    """
    payment = await begun_payment(client, world.bearer())

    for status, found in (("pending", [payment]), ("success", [])):
        answer = await client.get(HISTORY, params={"status": status}, headers=world.bearer())
        assert [item["transaction_id"] for item in answer.json()["items"]] == found
    answer = await client.get(HISTORY, params={"status": "CHARGED"}, headers=world.bearer())
    assert problem(answer, 422, "invalid-request")["errors"][0]["field"] == "status"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "1.5"])
async def test_a_page_has_its_limits(client: Client, world: HttpWorld, limit: str) -> None:
    """
    1 to 100 items; anything else names the parameter.
    """
    answer = await client.get(HISTORY, params={"limit": limit}, headers=world.bearer())

    assert problem(answer, 422, "invalid-request")["errors"][0]["field"] == "limit"


GOOD: Final = write_cursor(HistoryCursor(NOON, payment_id(1)))


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "é",
        GOOD[:-2],
        GOOD + "AA",
        GOOD + "=",
        "A" * 500,
        written("|"),
        written(f"2026-08-03T12:00:00+00:00|{'x' * 20}"),
        written(f"2026-08-03|{payment_id(1)}"),
        written(f"0001-01-01T00:00:00+23:59|{payment_id(1)}"),
        written(f"2026-08-03T12:00:00+05:30|{payment_id(1)}"),
    ],
)
async def test_a_cursor_is_ours_or_refused(client: Client, world: HttpWorld, cursor: str) -> None:
    """
    What we did not write is 400, however it is twisted.
    """
    answer = await client.get(HISTORY, params={"cursor": cursor}, headers=world.bearer())

    problem(answer, 400, "cursor-invalid")


def test_a_cursor_survives_its_text() -> None:
    """
    What is written is read back.
    """
    cursor = HistoryCursor(NOON.replace(microsecond=123456), PaymentId(payment_id(7)))

    assert read_cursor(write_cursor(cursor)) == cursor
