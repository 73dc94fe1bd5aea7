"""The page of a student's payments: newest first, by filter, page by page, and nobody else's."""

import re
from datetime import timedelta

import pytest

from adapters.fake.script import Outcome
from domain.payments.payment_state import State
from entrypoints.http.pages import history
from entrypoints.http.pages.history import STATE_WORDS
from fakes.samples import a_course
from worlds.http import Client, HttpWorld, begun_payment

COURSES = ("algebra", "botany", "chemistry")


async def shown(client: Client, world: HttpWorld, address: str = "/payments") -> list[str]:
    """Return the payments on the page at *address*, in its order."""
    answer = await client.get(address, headers=world.bearer())
    assert answer.status_code == 200, answer.text
    return re.findall(r'<a href="/payments/(\w+)">', answer.text)


async def three_payments(client: Client, world: HttpWorld) -> list[str]:
    """Begin a payment for each course, a minute after the other; the last one is the newest."""
    world.sell(*(a_course(each) for each in COURSES))
    payments = []
    for course in COURSES:
        payments.append(await begun_payment(client, world.bearer(), course_id=course))
        world.clock.at += timedelta(minutes=1)
    return payments


async def test_all_of_them_newest_first(client: Client, world: HttpWorld) -> None:
    """
    With course, amount, state, time in India and reference; another student's are not there.
    """
    payments = await three_payments(client, world)
    await begun_payment(client, world.bearer("ravi"))
    world.pay(payments[0])
    await client.get(f"/api/payment/status/{payments[0]}", headers=world.bearer())

    assert await shown(client, world) == payments[::-1]
    text = (await client.get("/payments", headers=world.bearer())).text
    for each in ("₹1,180.00", "IST", payments[0], "Paid", "Waiting for payment"):
        assert each in text
    assert "Receipt" not in text


async def test_each_filter_shows_its_states(client: Client, world: HttpWorld) -> None:
    """
    The one that is on is marked, and what is empty says so.
    """
    sold, declined, waiting = await three_payments(client, world)
    world.pay(sold)
    world.pay(declined, Outcome.FAILURE)
    for payment in (sold, declined):
        await client.get(f"/api/payment/status/{payment}", headers=world.bearer())

    assert await shown(client, world, "/payments?show=success") == [sold]
    assert await shown(client, world, "/payments?show=failed") == [declined]
    assert await shown(client, world, "/payments?show=all") == [waiting, declined, sold]
    refunded = (await client.get("/payments?show=refunded", headers=world.bearer())).text
    assert '<a href="/payments?show=refunded" aria-current="page">' in refunded
    assert "None of your payments is among these." in refunded


async def test_older_ones_have_an_address(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The filter goes along, and the newest are one step away.
    """
    payments = await three_payments(client, world)
    monkeypatch.setattr(history, "SHOWN", 2)
    text = (await client.get("/payments", headers=world.bearer())).text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', text)

    assert await shown(client, world, older.replace("&amp;", "&")) == payments[:1]
    behind = (await client.get(older, headers=world.bearer())).text
    assert 'href="/payments">Newest' in behind
    assert 'rel="next"' not in behind


async def test_a_receipt_can_be_downloaded(client: Client, world: HttpWorld) -> None:
    """
    Once it is there.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    await world.file_due_documents()

    text = (await client.get("/payments", headers=world.bearer())).text
    assert f'href="/api/payment/receipt/{payment}" download' in text
    (item,) = (await client.get("/api/payment/history", headers=world.bearer())).json()["items"]
    assert item["invoice_number"] in text


async def test_who_has_none_is_led_to_the_courses(client: Client, world: HttpWorld) -> None:
    """
    An empty list is a sentence and a way on.
    """
    text = (await client.get("/payments", headers=world.bearer())).text

    assert "You have not paid for a course yet." in text
    assert '<a href="/">See the courses</a>' in text


@pytest.mark.parametrize(
    ("query", "status"), [("?show=everything", 422), ("?cursor=x", 400), ("", 401)]
)
async def test_what_cannot_be_shown_is_a_page_of_its_own(
    client: Client, world: HttpWorld, query: str, status: int
) -> None:
    """
    An unknown filter, a cursor that nobody wrote, and nobody signed in.
    """
    answer = await client.get(f"/payments{query}", headers=world.bearer() if query else {})

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_every_state_has_words() -> None:
    """
    None is told by its code, neither in the list nor in a timeline.
    """
    assert STATE_WORDS.keys() == set(State)
    assert not [word for word in STATE_WORDS.values() if "_" in word or word.islower()]


async def test_only_who_has_payments_is_led_to_them(client: Client, world: HttpWorld) -> None:
    """
    Staff have none, and the link would lead them to a refusal.
    """
    link = '<a class="quiet" href="/payments">'

    assert link in (await client.get("/", headers=world.bearer())).text
    assert link not in (await client.get("/", headers=world.bearer("mira", "finance"))).text
    assert link not in (await client.get("/")).text
