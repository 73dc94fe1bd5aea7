"""One payment in the console: the facts, the trail, the books; and who sees which of them."""

import pytest

from domain.identifiers import PaymentId
from domain.payments.order_facts import RefundVerdict
from domain.staff.access import Role
from worlds.http import Client, HttpWorld, begun_payment, into_console
from worlds.http_refunds import refunded

LIST = "/console/payments"


async def test_everything_about_a_payment(client: Client, world: HttpWorld) -> None:
    """
    Money, the bank's words, price, steps, refunds with ARN, documents and the trail.
    """
    payment = await refunded(world, client, 500_00, arn="74537604221", revokes=False)
    await world.file_due_documents()
    await into_console(client, world)
    page = (await client.get(f"{LIST}/{payment}")).text

    for said in (
        "Partly refunded",
        "₹1,180.00",
        "₹680.00",
        "74537604221",
        "Tax invoice INV/2627/0000001",
        "Credit note CRN/2627/0000001",
        "UPI",
        "cancelled",
        "student:asha",
        "Journals of the ledger",
    ):
        assert said in page, said
    assert f'href="/api/payment/receipt/{payment}?number=INV/2627/0000001"' in page
    answer = await client.get(f"/api/payment/receipt/{payment}?number=INV/2627/0000001")
    assert answer.headers["content-type"] == "application/pdf"


async def test_support_sees_no_books(client: Client, world: HttpWorld) -> None:
    """
    What students ask for is shown, the ledger is not.
    """
    payment = await refunded(world, client, 500_00, arn="74537604221")
    await into_console(client, world, "sunita", Role.SUPPORT)
    page = (await client.get(f"{LIST}/{payment}")).text

    assert "74537604221" in page
    assert "Journals of the ledger" not in page


async def test_a_search_for_its_id_leads_to_it(client: Client, world: HttpWorld) -> None:
    """
    Whatever of the payment is known.
    """
    payment = await refunded(world, client, 500_00, RefundVerdict.PENDING)
    await into_console(client, world)
    for typed in (payment, f"https://fees.example.com/result/{payment}", "asha"):
        answer = await client.get(LIST, params={"q": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{payment}")


async def test_what_the_platform_calls_it_leads_to_it_and_is_shown(
    client: Client, world: HttpWorld
) -> None:
    """
    A payment without such a reference shows no empty one.
    """
    named = await begun_payment(client, world.bearer(), client_reference="order-4711")
    other = await begun_payment(client, world.bearer("ravi"))
    await into_console(client, world)

    answer = await client.get(LIST, params={"q": "order-4711"})
    pages = [(await client.get(f"{LIST}/{each}")).text for each in (named, other)]

    assert answer.headers["location"] == f"{LIST}/{named}"
    assert "Client reference <code>order-4711</code>" in pages[0]
    assert "Client reference" not in pages[1]


async def test_the_bank_is_asked(client: Client, world: HttpWorld) -> None:
    """
    By a button, while the payment may move; the trail names who asked.
    """
    payment = await begun_payment(client, world.bearer())
    world.gateway.pay(PaymentId(payment))
    token = await into_console(client, world)
    assert "Ask the bank now" in (await client.get(f"{LIST}/{payment}")).text
    answer = await client.post(f"{LIST}/{payment}/check", data={"csrf_token": token})

    assert answer.headers["location"] == f"{LIST}/{payment}"
    page = (await client.get(f"{LIST}/{payment}")).text
    assert ">Paid</span>" in page
    assert "staff:farhan" in page


@pytest.mark.parametrize("payment", ["SKAAAAAAAAAAAAAAAAAAZZ"[:20], "nonsense"])
async def test_a_payment_that_is_none(client: Client, world: HttpWorld, payment: str) -> None:
    """
    Told in the frame.
    """
    await into_console(client, world)
    answer = await client.get(f"{LIST}/{payment}")

    assert answer.status_code == 404
    assert 'aria-label="Console"' in answer.text


async def test_how_the_student_is_reached_is_shown_on_request(
    client: Client, world: HttpWorld
) -> None:
    """
    The page of the payment has no address; that somebody looked is in its trail.
    """
    payment = await begun_payment(client, world.bearer("asha"))
    token = await into_console(client, world, "ritu", Role.AUDITOR)
    page = (await client.get(f"/console/payments/{payment}")).text
    assert "asha@example.com" not in page

    shown = await client.post(f"/console/payments/{payment}/student", data={"csrf_token": token})

    assert "asha@example.com" in shown.text
    assert "Personal data: shown" in (await client.get(f"/console/payments/{payment}")).text
