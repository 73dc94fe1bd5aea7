"""The bank tells us something: often, falsely, too early or while it is away, and a sale happens once or not at all."""

import asyncio
from collections import Counter
from decimal import Decimal

import pytest

from worlds.processes.api_clients import (
    NO_SALE,
    ONE_SALE,
    ProcessWorld,
    announce_body,
    charged,
    event_of,
    problem,
)

COPIES = 100


async def test_a_hundred_copies_settle_once(world: ProcessWorld) -> None:
    """
    All are thanked; there is one move, one enrolment, one letter, and one mail in the inbox.
    """
    asha, course = world.student(), await world.course()
    made = await asha.opened(course)
    order = made["order_id"]
    await world.bank.pay(order, webhooks=False)
    event = event_of((await world.bank.knows(order))["order"])

    answers = await asyncio.gather(*(world.bank.tell(event) for _ in range(COPIES)))

    assert Counter(each.status_code for each in answers) == {200: COPIES}
    await world.records.reaches(order, "success")
    await world.receive_one_email(asha.person, made["transaction_id"])
    await world.records.news_is(order, "applied")
    assert [each["copies"] for each in await world.records.news(order)] == [COPIES]
    assert await world.records.one_sale(order) == ONE_SALE
    assert len(await world.emails_to(asha.person, made["transaction_id"])) == 1
    timeline = (await asha.status(order))["timeline"]
    assert [(each["state"], each["source"]) for each in timeline] == [
        ("pending", "initiate"),
        ("success", "webhook"),
    ]


async def test_all_that_the_bank_sends_of_one_sale_settles_once(world: ProcessWorld) -> None:
    """
    Created, charged, succeeded: three events of the bank's own, sent again and again.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]

    await world.bank.pay(order, method="CARD")
    told = await world.bank.control(f"webhooks/{order}/resend", copies=5)

    assert told == {"sent": 15, "status_codes": {"200": 15}}
    await world.records.news_is(order, "applied")
    assert await world.records.one_sale(order) == ONE_SALE
    await world.receive_one_email(asha.person, order)


@pytest.mark.parametrize("password", ["", "wrong", "wröng"])
async def test_a_stranger_is_turned_away_and_nothing_is_kept(
    world: ProcessWorld, password: str
) -> None:
    """
    Wrong credentials are 401 and leave no trace in the inbox.
    """
    order = (await world.student().opened(await world.course()))["order_id"]

    answer = await world.bank.tell(charged(order, "1180.00"), password=password)

    problem(answer, 401, "forged-message")
    assert await world.records.news(order) == []
    assert await world.bank.reads_of(order) == 0


async def test_a_leaked_password_sells_nothing(world: ProcessWorld) -> None:
    """
    Right credentials, right amount, and an order the bank has not charged: we ask, and believe the bank.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]

    answer = await world.bank.tell(charged(order, "1180.00"))

    assert answer.status_code == 200
    await world.records.news_is(order, "applied")
    assert await world.bank.reads_of(order) == 1
    assert await world.records.state(order) == "pending"
    assert await world.records.one_sale(order) == NO_SALE


@pytest.mark.parametrize(
    "lie", [{"amount": 1}, {"amount": 1180.01}, {"currency": "USD"}, {"status_id": 20}]
)
async def test_a_charge_of_something_else_is_no_sale(
    world: ProcessWorld, lie: dict[str, object]
) -> None:
    """
    Another amount, another currency, words that contradict each other: no enrolment, and people look into it.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    await world.bank.control(f"orders/{order}/overlay", **lie)

    await world.bank.pay(order)

    await world.records.news_is(order, "applied")
    assert await world.records.one_sale(order) == NO_SALE
    status = await asha.status(order)
    assert (status["status"] == "success", status["enrolled"]) == (False, False)
    assert status["needs_attention"] is True


async def test_news_of_an_unknown_order_waits_and_harms_nobody(world: ProcessWorld) -> None:
    """
    It is acknowledged and deferred, since a webhook may overtake its order; nothing else happens.
    """
    order = "SKNOBODYKNOWSTHIS222"

    answer = await world.bank.tell(charged(order, "1180.00"))

    assert answer.status_code == 200
    await world.records.news_is(order, "deferred")
    assert await world.records.count("payment", "id = $1", order) == 0
    assert await world.records.one_sale(order) == NO_SALE


@pytest.mark.parametrize("fault", ["http_500", "timeout_before"])
async def test_news_is_kept_while_the_bank_cannot_be_asked(world: ProcessWorld, fault: str) -> None:
    """
    The bank tells and then stammers: the webhook is stored, deferred, and applied once it is back.
    """
    order = (await world.student().opened(await world.course()))["order_id"]
    await world.bank.pay(order, webhooks=False)
    await world.bank.is_away(fault)

    answer = await world.bank.tell(charged(order, "1180.00"))

    assert answer.status_code == 200
    await world.records.news_is(order, "deferred")
    assert await world.records.one_sale(order) == NO_SALE
    await world.bank.is_back()
    await world.records.reaches(order, "success")
    assert await world.records.one_sale(order) == ONE_SALE


async def test_pending_first_and_charged_later(world: ProcessWorld) -> None:
    """
    A payment the bank is still busy with is processing, holds its place, and is sold when it says so.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]

    await world.bank.pay(order, "pending")
    await world.records.reaches(order, "processing")
    problem(await asha.initiate(course), 409, "live-attempt-exists")
    await world.bank.control(f"orders/{order}/settle", outcome="success")

    await world.records.reaches(order, "success")
    assert await world.records.one_sale(order) == ONE_SALE


async def test_declined_and_then_paid_on_the_same_page(world: ProcessWorld) -> None:
    """
    The page takes another attempt after a refusal; the late success counts, once.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    await world.bank.pay(order, "failure")
    await world.records.reaches(order, "failed")

    await world.bank.pay(order)

    await world.records.reaches(order, "success")
    assert await world.records.one_sale(order) == ONE_SALE


async def test_a_second_success_for_one_course_is_flagged(world: ProcessWorld) -> None:
    """
    Paid on two pages: both moneys are recorded, the course opens once, and somebody is told.
    """
    asha, course = world.student(), await world.course()
    first = (await asha.opened(course))["order_id"]
    await world.bank.pay(first, "failure")
    await world.records.reaches(first, "failed")
    second = (await asha.opened(course))["order_id"]
    await world.bank.pay(second)
    await world.records.reaches(second, "success")

    await world.bank.pay(first)

    await world.records.reaches(first, "success")
    assert await world.records.count("enrolment", "course_id = $1", course) == 1
    flagged = {order: (await asha.status(order))["needs_attention"] for order in (first, second)}
    assert flagged == {first: True, second: False}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"id": 7}', b'{"id": "evt", "content": 1}', b"\xff\xfe", b"9" * 2000],
)
async def test_what_cannot_be_read_is_refused(world: ProcessWorld, body: bytes) -> None:
    """
    The bank's own password does not make nonsense an event.
    """
    problem(await world.bank.tell(body), 400, "malformed-message")


async def test_an_endless_webhook_is_refused_unread(world: ProcessWorld) -> None:
    """
    A body beyond the limit is refused as soon as its length is announced.
    """
    status, told = await announce_body(
        world.bank.webhook_url, 1024 * 1024 + 1, world.bank.credentials()
    )

    assert status == 413
    assert "/problems/body-too-large" in told


async def test_card_data_in_a_webhook_is_kept_nowhere(world: ProcessWorld) -> None:
    """
    Of what the bank sends only named fields are stored; a card number in any of them is not.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    await world.bank.pay(order, method="CARD", webhooks=False)
    body = (await world.bank.knows(order))["order"]
    card = "5204730541000464"
    body |= {"card": {"card_number": card, "cvv": "123"}, "payment_method": card, "udf1": card}

    assert (await world.bank.tell(event_of(body))).status_code == 200

    await world.records.reaches(order, "success")
    payment = (await world.records.rows("SELECT * FROM payment WHERE id = $1", order))[0]
    assert Decimal(payment["captured_paise"]) == 118000
    for table, where in (
        ("payment", "id = $1"),
        ("inbox", "order_id = $1"),
        ("audit_log", "subject = $1"),
    ):
        kept = await world.records.rows(
            f"SELECT t::text AS line FROM {table} t WHERE {where}",  # noqa: S608 - named above
            order,
        )
        assert kept
        assert not [each for each in kept if card in each["line"]]
