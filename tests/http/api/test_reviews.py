"""Staff see which payments are under review, and end a review over HTTP: in person, by permission, once."""

from typing import Any, Final

import pytest
import pytest_asyncio
from httpx import Response

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.staff.access import Role
from fakes.samples import under_review
from worlds.http import FORM, Client, HttpWorld, begun_payment, problem
from worlds.settings import settings_with

REVIEW: Final = "/api/admin/payments/review"
PARTS: Final = ("status", "review_reasons", "refund_status")


@pytest.fixture
def seed(world: HttpWorld) -> str:
    world.add_member("sana", Role.SUPPORT)
    return world.add_member("mira", Role.FINANCE)


@pytest_asyncio.fixture
async def flagged(client: Client, world: HttpWorld) -> str:
    """A payment that was charged, under review for two reasons."""
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment, Outcome.SUCCESS)
    await client.post("/api/payment/callback", content=fields, headers=FORM)
    store = world.memory.store
    known = store.payments[PaymentId(payment)]
    store.payments[known.id] = under_review(
        known, ReviewReason.PAID_TWICE, ReviewReason.REFUND_OUTSIDE
    )
    return payment


async def resolves(
    client: Client,
    world: HttpWorld,
    payment: str,
    *,
    who: str = "mira",
    role: str = "finance",
    **changes: Any,
) -> Response:
    said = {
        "review_reason": "paid_twice",
        "action": "give_back",
        "reason": "Paid by card and by UPI",
        **changes,
    }
    body = {name: value for name, value in said.items() if value is not None}
    headers = world.bearer(who, role)
    return await client.post(f"/api/admin/payments/{payment}/resolve", json=body, headers=headers)


async def test_staff_see_what_is_under_review(
    client: Client, world: HttpWorld, flagged: str
) -> None:
    """
    With reasons, owners and actions; for one reason, and page by page.
    """
    headers = world.bearer("sana", "support")

    page = (await client.get(f"{REVIEW}?limit=1&reason=paid_twice", headers=headers)).json()

    (shown,) = page["items"]
    assert (shown["transaction_id"], shown["refundable"]) == (flagged, "1180.00")
    assert [(each["reason"], each["owner"], each["resolutions"]) for each in shown["reasons"]] == [
        ("paid_twice", "finance", ["read_again", "give_back", "accept"]),
        ("refund_outside", "finance", ["read_again", "accept"]),
    ]
    assert page["next"] is None
    none = (await client.get(f"{REVIEW}?reason=unresolved", headers=headers)).json()
    assert none == {"items": [], "next": None}
    problem(await client.get(f"{REVIEW}?cursor=x", headers=headers), 400, "cursor-invalid")
    problem(await client.get(f"{REVIEW}?reason=x", headers=headers), 422, "invalid-request")


async def test_a_page_leads_to_the_next(client: Client, world: HttpWorld, flagged: str) -> None:
    """
    By its cursor.
    """
    second = await begun_payment(client, world.bearer("ravi"))
    store = world.memory.store
    known = store.payments[PaymentId(second)]
    store.payments[known.id] = under_review(known, ReviewReason.UNRESOLVED)
    headers = world.bearer("mira", "finance")

    first = (await client.get(f"{REVIEW}?limit=1", headers=headers)).json()
    rest = (await client.get(f"{REVIEW}?limit=1&cursor={first['next']}", headers=headers)).json()

    shown = [each["transaction_id"] for each in (*first["items"], *rest["items"])]
    assert (shown, rest["next"]) == ([flagged, second], None)


async def test_a_review_is_ended_in_person(
    client: Client, world: HttpWorld, flagged: str, seed: str
) -> None:
    """
    Given back with a code; what was done is answered, and the status of the payment names what is left.
    """
    answer = await resolves(client, world, flagged, otp=world.code(seed))

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [told[part] for part in PARTS] == [
        "success",
        ["paid_twice", "refund_outside"],
        "pending",
    ]
    status = await client.get(
        f"/api/admin/payment/status/{flagged}", headers=world.bearer("mira", "finance")
    )
    assert status.json()["review_reasons"] == ["paid_twice", "refund_outside"]


async def test_what_is_given_back_counts_as_a_refund() -> None:
    """
    Beyond the refunds of an hour nothing more is given back, whichever request asks; other ends are free.
    """
    world = HttpWorld(settings_with(limit_refund="1/hour"))
    world.add_member("mira", Role.FINANCE)
    async with world.serve() as client:
        answers = [
            await resolves(client, world, "SKAAAAAAAAAAAAAAAAAA", action=action, otp="123456")
            for action in ("accept", "give_back", "give_back", "accept")
        ]

    refused = [each.status_code == 429 for each in answers]
    assert refused == [False, False, True, False]
    problem(answers[2], 429, "too-many-requests")


async def test_support_reads_again_and_does_no_more(
    client: Client, world: HttpWorld, flagged: str, seed: str
) -> None:
    """
    Reading needs no code; what moves money, or ends a review, needs permission and code.
    """
    again = await resolves(client, world, flagged, who="sana", role="support", action="read_again")
    assert again.status_code == 200, again.text
    for action in ("accept", "give_back"):
        refused = await resolves(
            client, world, flagged, who="sana", role="support", action=action, otp="123456"
        )
        problem(refused, 403, "not-allowed")
    problem(await resolves(client, world, flagged), 422, "invalid-request")
    problem(await resolves(client, world, flagged, otp="000000"), 403, "second-factor-refused")


async def test_refusals_say_what_is_lawful(
    client: Client, world: HttpWorld, flagged: str, seed: str
) -> None:
    """
    Each with a problem of its own.
    """
    code = world.code(seed)
    unlawful = await resolves(client, world, flagged, action="close", otp=code)
    body = problem(unlawful, 409, "resolution-unlawful")
    assert (body["payment_status"], body["lawful"]) == (
        "success",
        ["read_again", "give_back", "accept"],
    )
    absent = await resolves(client, world, flagged, review_reason="voided", otp=code)
    problem(absent, 409, "not-under-review")
    problem(
        await resolves(client, world, flagged, reason="   ", otp=code), 422, "refund-reason-refused"
    )
    problem(await resolves(client, world, "nothing", otp=code), 404, "not-found")
    problem(
        await resolves(client, world, flagged, action="forget", otp=code), 422, "invalid-request"
    )
