"""The student returns from the bank: by link or by form, signed or forged, before or after the webhook, or never."""

import asyncio
import time
from math import ceil
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from worlds.processes.api_clients import NO_SALE, ONE_SALE, ProcessWorld, fields_of, problem
from worlds.processes.waiting import eventually

QUESTIONS = 20


def twice_encoded(fields: list[tuple[str, str]]) -> str:
    """Return *fields* as a query in which the signature is encoded twice, as the bank may send it."""
    return "&".join(
        f"{name}={quote(quote(value, safe='') if name == 'signature' else value, safe='')}"
        for name, value in fields
    )


async def come_back(world: ProcessWorld, way: str, return_url: str) -> httpx.Response:
    fields = fields_of(return_url)
    address = return_url.partition("?")[0]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    match way:
        case "GET":
            return await world.http.get(return_url)
        case "GET twice encoded":
            return await world.http.get(f"{address}?{twice_encoded(fields)}")
        case "POST":
            return await world.http.post(address, content=urlencode(fields), headers=form)
        case _:
            return await world.http.post(address, content=twice_encoded(fields), headers=form)


@pytest.mark.parametrize("way", ["GET", "GET twice encoded", "POST", "POST twice encoded"])
async def test_a_signed_return_settles_and_leads_to_the_result(
    world: ProcessWorld, way: str
) -> None:
    """
    However the browser brings it, the bank is asked, the payment settled, and the result shown.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]

    answer = await come_back(world, way, back)

    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == f"/result/{order}"
    assert await world.records.state(order) == "success"
    assert await world.records.one_sale(order) == ONE_SALE
    timeline = (await asha.status(order))["timeline"]
    assert timeline[-1]["source"] == "callback"


@pytest.mark.parametrize(
    "forge",
    [
        {"signature": "Zm9yZ2VkLWJ5LW5vYm9keS1pbi1wYXJ0aWN1bGFyISE="},
        {"signature": ""},
        {"signature": "ü" * 44},
        {"status_id": "26"},
        {"signature_algorithm": "none"},
        {"one_more": "1"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_forged_return_is_not_looked_into(
    world: ProcessWorld, method: str, forge: dict[str, str]
) -> None:
    """
    A changed field, no signature, a foreign one: 401, and the bank is not even asked.
    """
    order = (await world.student().opened(await world.course()))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]
    fields = dict(fields_of(back)) | forge
    address = back.partition("?")[0]

    if method == "GET":
        answer = await world.http.get(address, params=fields)
    else:
        answer = await world.http.post(address, data=fields)

    assert answer.status_code == 401
    assert await world.bank.reads_of(order) == 0
    assert await world.records.state(order) == "pending"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_repeated_parameter_is_refused(world: ProcessWorld, method: str) -> None:
    """
    Two values under one name leave open which was signed, so neither is believed.
    """
    order = (await world.student().opened(await world.course()))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]
    address, _, query = back.partition("?")

    if method == "GET":
        answer = await world.http.get(f"{back}&status=CHARGED")
    else:
        answer = await world.http.post(
            address,
            content=f"{query}&status=CHARGED",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    assert answer.status_code == 400
    assert await world.records.state(order) == "pending"


async def test_a_true_return_of_another_order_moves_that_order_only(world: ProcessWorld) -> None:
    """
    A student who pays a cheap course cannot show its return for a dear one.
    """
    asha = world.student()
    cheap = (await asha.opened(await world.course(list_price="10.00")))["order_id"]
    dear = (await asha.opened(await world.course()))["order_id"]
    back = (await world.bank.pay(cheap, webhooks=False))["return_url"]

    assert (await world.http.get(back.replace(cheap, dear))).status_code == 401
    await world.http.get(back)

    assert await world.records.state(cheap) == "success"
    assert await world.records.state(dear) == "pending"


async def test_callback_first_webhooks_later(world: ProcessWorld) -> None:
    """
    What the return has settled, the webhooks after it settle no second time.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]

    await world.http.get(back)
    await world.bank.control(f"webhooks/{order}/resend", copies=2)

    await world.records.news_is(order, "applied")
    assert await world.records.one_sale(order) == ONE_SALE
    await world.receive_one_email(asha.person, order)


async def test_webhooks_first_callback_later(world: ProcessWorld) -> None:
    """
    What the webhooks have settled, the return only shows.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    back = (await world.bank.pay(order))["return_url"]
    await world.records.reaches(order, "success")
    asked = await world.bank.reads_of(order)

    answer = await world.http.get(back)

    assert answer.status_code == 303
    assert await world.bank.reads_of(order) == asked
    assert await world.records.one_sale(order) == ONE_SALE


async def test_callbacks_and_webhooks_at_once(world: ProcessWorld) -> None:
    """
    Ten returns and ten copies of each webhook in the same moment are one sale.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]

    *returns, _ = await asyncio.gather(
        *(world.http.get(back) for _ in range(10)),
        world.bank.control(f"webhooks/{order}/resend", copies=10),
    )

    assert {each.status_code for each in returns if isinstance(each, httpx.Response)} == {303}
    await world.records.reaches(order, "success")
    await world.records.news_is(order, "applied")
    assert await world.records.one_sale(order) == ONE_SALE
    await world.receive_one_email(asha.person, order)


async def test_a_return_while_the_bank_is_away_says_confirming(world: ProcessWorld) -> None:
    """
    Money may have moved, so the page never says failed; a later question settles it.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    back = (await world.bank.pay(order, webhooks=False))["return_url"]
    await world.bank.is_away()

    answer = await world.http.get(back)

    assert answer.status_code == 303
    assert await world.records.state(order) == "pending"
    await world.bank.is_back()
    # The order is read at intervals, whoever asks: at once would be too soon after the return.
    await eventually(lambda: asha.status(order), lambda known: known["status"] == "success")


async def test_without_webhook_and_callback_a_question_settles(world: ProcessWorld) -> None:
    """
    Webhooks lost, browser closed: the student's own question finds the money.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    await world.bank.pay(order, method="NB", webhooks=False)

    known = await asha.status(order)

    assert set(known) >= {
        *("transaction_id", "order_id", "status", "payable", "enrolled"),
        *("failure_reason", "needs_attention", "timeline"),
    }
    assert (known["status"], known["enrolled"], known["payable"]) == ("success", True, "1180.00")
    assert (known["failure_reason"], known["needs_attention"]) == (None, False)
    assert [set(step) for step in known["timeline"]] == [{"at", "state", "source"}] * 2
    assert [step["source"] for step in known["timeline"]] == ["initiate", "status"]
    assert await world.records.one_sale(order) == ONE_SALE
    await world.receive_one_email(asha.person, order)


async def test_questions_reach_the_bank_at_most_once_a_second(world: ProcessWorld) -> None:
    """
    Twenty questions at once are one to the bank; the interval is the setting's, a second here.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    began = time.monotonic()

    answers = await asyncio.gather(*(asha.status(order) for _ in range(QUESTIONS)))

    seconds = ceil(time.monotonic() - began)
    assert {each["status"] for each in answers} == {"pending"}
    assert 1 <= await world.bank.reads_of(order) <= 1 + seconds
    assert await world.records.one_sale(order) == NO_SALE


async def test_a_final_payment_is_not_asked_about(world: ProcessWorld) -> None:
    """
    Once sold, questions are answered from the records.
    """
    asha, course = world.student(), await world.course()
    order = (await asha.opened(course))["order_id"]
    await world.bank.pay(order)
    await world.records.reaches(order, "success")
    await world.records.news_is(order, "applied")
    asked = await world.bank.reads_of(order)

    for _ in range(3):
        assert (await asha.status(order))["status"] == "success"

    assert await world.bank.reads_of(order) == asked


async def test_a_return_that_is_no_form_is_refused(world: ProcessWorld) -> None:
    """
    JSON is not what a browser's form sends.
    """
    answer = await world.http.post(f"{world.api}/api/payment/callback", json={"order_id": "x"})

    assert answer.status_code == 415
    if answer.headers["content-type"].startswith("application/problem+json"):
        problem(answer, 415, "unsupported-media-type")
