"""What a student sees of money that goes back: by the interface, and on the page of their payment."""

import re
from html import unescape

import pytest

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId, RefundId
from domain.payments.order_facts import RefundVerdict
from domain.payments.refund_state import RefundState
from entrypoints.http.pages.result import REFUND_WORDS
from worlds.http import Client, HttpWorld, begun_payment
from worlds.http_refunds import refunded


async def page_of(world: HttpWorld, client: Client, payment: str) -> str:
    answer = await client.get(f"/result/{payment}", headers=world.bearer())
    assert answer.status_code == 200
    body = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def test_the_interface_tells_of_refunds(client: Client, world: HttpWorld) -> None:
    """
    Status and history alike; days are days in India.
    """
    payment = await refunded(world, client, 500_00, RefundVerdict.PENDING)

    status = (await client.get(f"/api/payment/status/{payment}", headers=world.bearer())).json()
    (item,) = (await client.get("/api/payment/history", headers=world.bearer())).json()["items"]

    (refund,) = status["refunds"]
    assert (status["status"], status["refunded"]) == ("success", "0.00")
    assert (refund["amount"], refund["status"], refund["arn"]) == ("500.00", "pending", None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", refund["expected_on"])
    assert (item["refunded"], item["refunds"]) == (status["refunded"], status["refunds"])


async def test_a_refund_on_its_way_is_shown(client: Client, world: HttpWorld) -> None:
    """
    With the day to expect it; the course is open.
    """
    text = await page_of(
        world, client, await refunded(world, client, 500_00, RefundVerdict.PENDING)
    )

    assert "Payment received" in text
    assert "₹500.00 is on its way back" in text
    assert "Expected in your account by" in text
    assert "is open to you" in text


async def test_all_back_closes_the_course(client: Client, world: HttpWorld) -> None:
    """
    And the page says how the student's own bank finds it.
    """
    payment = await refunded(world, client, 1180_00, arn="74537604221")
    text = await page_of(world, client, payment)

    assert "Refunded All that you paid for All about algebra has been given back" in text
    assert "The course is closed to you" in text
    assert "ARN 74537604221" in text
    assert "Expected in your account" not in text
    assert "second look" not in text


@pytest.mark.parametrize(
    ("revokes", "words"), [(True, "is closed to you"), (False, "stays open to you")]
)
async def test_a_part_back_says_whether_the_course_stays(
    client: Client, world: HttpWorld, words: str, *, revokes: bool
) -> None:
    """
    As the one who gave it back chose.
    """
    text = await page_of(world, client, await refunded(world, client, 500_00, revokes=revokes))

    assert "Partly refunded ₹500.00 of what you paid" in text
    assert f"The course {words}" in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (RefundVerdict.FAILED, "could not be given back by the bank"),
        (RefundVerdict.IN_REVIEW, "checked by the bank by hand"),
    ],
)
async def test_trouble_is_told_in_words(
    client: Client, world: HttpWorld, verdict: RefundVerdict, words: str
) -> None:
    """
    Without a word of the bank's.
    """
    assert words in await page_of(world, client, await refunded(world, client, 500_00, verdict))


async def test_money_too_late_is_not_called_nothing(client: Client, world: HttpWorld) -> None:
    """
    The session was over, the bank took it and gives it back.
    """
    payment = PaymentId(await begun_payment(client, world.bearer()))
    world.gateway.pay(payment, Outcome.SUCCESS)
    world.auto_refund(payment, RefundId("AR1"))
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())

    text = await page_of(world, client, payment)

    assert "the bank gives it back by itself" in text
    assert "Nothing was taken" not in text
    assert "₹1,180.00 is on its way back" in text


def test_there_are_words_for_every_state_a_student_sees() -> None:
    """
    A new state fails here until somebody decides what to tell.
    """
    assert set(REFUND_WORDS) == {state for state in RefundState if state.was_sent}


async def test_staff_list_refunds_at_their_end(client: Client, world: HttpWorld) -> None:
    """
    What went back, with whose and how much; those on their way stand in the other list, and a state can be asked for.
    """
    payment = await refunded(world, client, 500_00, RefundVerdict.PAID)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    staff = world.bearer("mira", "support")
    address = "/api/admin/payment/refunds/ended"
    found = (await client.get(address, headers=staff)).json()
    failed = (await client.get(address, params={"status": "failed"}, headers=staff)).json()
    on_its_way = await client.get(address, params={"status": "pending"}, headers=staff)

    (refund,) = found["items"]
    assert (refund["transaction_id"], refund["amount"]) == (payment, "500.00")
    assert (refund["status"], refund["asked_by"]) == ("success", "staff:mira")
    assert found["next"] is None
    assert failed["items"] == []
    assert on_its_way.status_code == 422
