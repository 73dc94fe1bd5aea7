"""What was given up, over HTTP: listed page by page, tried again, closed or dismissed for a reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.storage import event
from domain.staff.access import Role
from fakes.store import OutboxRow
from ports.notifications.outbox import OutboxTask
from worlds.http import Client, HttpWorld, begun_payment, pointers, problem

LETTERS: Final = "/api/admin/dead-letters"
WEBHOOKS: Final = "/api/admin/refused-webhooks"
NUMBER: Final = 900
LETTER: Final = f"{LETTERS}/{NUMBER}"
CARD: Final = "paid by 4111 1111 1111 1111"


@pytest.fixture
def finance(world: HttpWorld) -> dict[str, str]:
    world.add_member("mira", Role.FINANCE)
    return world.bearer("mira", "finance")


@pytest.fixture
def support(world: HttpWorld) -> dict[str, str]:
    world.add_member("noor", Role.SUPPORT)
    return world.bearer("noor", "support")


async def given_up(client: Client, world: HttpWorld) -> OutboxRow:
    payment = await begun_payment(client, world.bearer("asha"))
    row = OutboxRow(
        task=OutboxTask.PAYMENT_FAILURE,
        payment=payment,  # type: ignore[arg-type]  # it is the text of one
        subject=payment,
        due_at=world.clock.now(),
        closed_at=world.clock.now(),
        state="dead",
        attempts=9,
        why="answered 550 5.1.1",
    )
    world.memory.store.outbox[NUMBER] = row
    return row


async def test_a_dead_letter_is_tried_again(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    To another address where one is given, which has to be one; workers are woken, and it is none any more.
    """
    row = await given_up(client, world)
    one = (await client.get(LETTER, headers=finance)).json()
    assert (one["task"], one["payment"], one["attempts"], one["why"]) == (
        "payment_failure",
        row.payment,
        9,
        "answered 550 5.1.1",
    )
    wrong = await client.post(f"{LETTER}/requeue", json={"email": "no address"}, headers=finance)
    assert problem(wrong, 422, "invalid-request")["errors"][0]["field"] == "email"
    world.woken = 0

    done = await client.post(
        f"{LETTER}/requeue", json={"email": "asha@right.example"}, headers=finance
    )

    assert (done.status_code, done.json(), world.woken) == (200, one, 1)
    assert world.memory.store.outbox[NUMBER].state == "new"
    assert world.memory.store.payments[row.payment].student.email == "asha@right.example"
    problem(await client.post(f"{LETTER}/requeue", json={}, headers=finance), 404, "not-found")
    problem(await client.get(LETTER, headers=finance), 404, "not-found")


async def test_a_dead_letter_is_closed_for_a_reason(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    One that cannot be kept changes nothing, and is not repeated.
    """
    await given_up(client, world)
    card = await client.post(f"{LETTER}/close", json={"why": CARD}, headers=finance)
    blank = await client.post(f"{LETTER}/close", json={"why": "\u0000"}, headers=finance)
    problem(card, 422, "card-number-refused")
    assert pointers(problem(blank, 422, "dead-letter-reason")) == ["/why"]
    assert "4111" not in card.text
    assert world.memory.store.outbox[NUMBER].state == "dead"

    done = await client.post(f"{LETTER}/close", json={"why": "told by telephone"}, headers=finance)

    assert done.json()["id"] == NUMBER
    assert world.memory.store.audit[-1].facts["why"] == "told by telephone"
    assert (await client.get(LETTERS, headers=finance)).json() == {"items": [], "next": None}


async def test_dead_letters_come_page_by_page(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    Each once, the oldest first, of a task or payment; whoever decides nothing sees them.
    """
    row = await given_up(client, world)
    later = [replace(row, closed_at=row.due_at + timedelta(hours=hour)) for hour in range(5)]
    world.memory.store.outbox.update({NUMBER + place: each for place, each in enumerate(later)})
    wanted = {"task": row.task.value, "payment": row.payment, "limit": 2}
    found: list[int] = []
    cursor = None
    while cursor is not None or not found:
        asked = wanted if cursor is None else {**wanted, "cursor": cursor}
        page = (await client.get(LETTERS, params=asked, headers=support)).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"]

    assert found == [NUMBER + place for place in range(5)]
    other = await client.get(LETTERS, params={"task": "credit_note"}, headers=support)
    assert other.json()["items"] == []


async def test_support_decides_nothing(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    Neither of a dead letter nor of a refused webhook.
    """
    await given_up(client, world)
    for address, body in (
        (f"{LETTER}/requeue", {}),
        (f"{LETTER}/close", {"why": "mine"}),
        (f"{WEBHOOKS}/1/dismiss", {"why": "mine"}),
    ):
        problem(await client.post(address, json=body, headers=support), 403, "not-allowed")
    assert world.memory.store.outbox[NUMBER].state == "dead"


@pytest.mark.parametrize(
    ("address", "status", "slug"),
    [
        (f"{LETTERS}?task=nothing", 422, "invalid-request"),
        (f"{LETTERS}?payment=nothing", 422, "invalid-request"),
        (f"{LETTERS}?cursor=nothing", 400, "cursor-invalid"),
        (f"{LETTERS}?cursor=MjAyNi0wOC0wM1QxMjowMDowMCswMDowMC54", 400, "cursor-invalid"),
        (f"{LETTERS}/0", 404, "not-found"),
        (f"{LETTERS}/{2**63}", 404, "not-found"),
        (f"{LETTERS}/7", 404, "not-found"),
        (f"{WEBHOOKS}/0", 404, "not-found"),
        (f"{WEBHOOKS}/7", 404, "not-found"),
        (f"{WEBHOOKS}?cursor=nothing", 400, "cursor-invalid"),
    ],
)
async def test_what_cannot_be_meant(
    client: Client, finance: dict[str, str], address: str, status: int, slug: str
) -> None:
    """
    It is refused by name.
    """
    problem(await client.get(address, headers=finance), status, slug)


async def test_a_refused_webhook_is_dismissed_once(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    For a reason that is kept with it; what is dismissed is in no list any more.
    """
    inbox = world.memory.inbox
    for name in ("one", "two"):
        await inbox.enqueue(event(name, order="X-1"), world.clock.now() - timedelta(hours=25))
    for entry in await inbox.claim(world.clock.now(), lease=timedelta(minutes=1), at_most=9):
        async with world.memory.unit_of_work() as work:
            work.payments.inbox.bury(entry, world.clock.now(), why="not an order of ours")
    first = (await client.get(WEBHOOKS, params={"limit": 1}, headers=finance)).json()
    (webhook,) = first["items"]
    assert (webhook["order"], webhook["copies"], webhook["why"]) == (
        "X-1",
        1,
        "not an order of ours",
    )
    further = {"limit": 1, "cursor": first["next"]}
    second = (await client.get(WEBHOOKS, params=further, headers=finance)).json()
    assert ([each["id"] for each in second["items"]], second["next"]) == ([2], None)
    address = f"{WEBHOOKS}/{webhook['id']}"
    assert (await client.get(address, headers=finance)).json() == webhook
    card = await client.post(f"{address}/dismiss", json={"why": CARD}, headers=finance)
    problem(card, 422, "card-number-refused")

    reason = {"why": "of the other shop"}
    done = await client.post(f"{address}/dismiss", json=reason, headers=finance)
    again = await client.post(f"{address}/dismiss", json=reason, headers=finance)

    assert done.json() == webhook
    problem(again, 404, "not-found")
    left = (await client.get(WEBHOOKS, headers=finance)).json()
    assert ([each["id"] for each in left["items"]], left["next"]) == ([2], None)
    dismissed = [each for each in world.memory.store.audit if each.action == "webhook.dismissed"]
    assert [each.facts["why"] for each in dismissed] == ["of the other shop"]
