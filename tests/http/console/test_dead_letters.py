"""The console's dead letters: what was given up is found, tried again, or closed for a reason."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.storage import event
from domain.staff.access import Role
from entrypoints.http.console.dead_letters import SHOWN
from entrypoints.http.console.words import TASK_WORDS
from fakes.store import OutboxRow
from ports.notifications.outbox import OutboxTask
from worlds.http import Client, HttpWorld, begun_payment, into_console

LETTERS = "/console/dead-letters"
NUMBER = 900
LETTER = f"{LETTERS}/{NUMBER}"
WEBHOOKS = f"{LETTERS}/webhooks"


async def given_up(
    client: Client, world: HttpWorld, task: OutboxTask = OutboxTask.PAYMENT_FAILURE
) -> OutboxRow:
    payment = await begun_payment(client, world.bearer("asha"))
    row = OutboxRow(
        task=task,
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


async def test_a_dead_letter_is_found_and_tried_again(client: Client, world: HttpWorld) -> None:
    """
    With its cause; to another address if one is given, which has to be one.
    """
    row = await given_up(client, world)
    token = await into_console(client, world)
    listed = (await client.get(LETTERS)).text
    assert "answered 550 5.1.1" in listed
    assert f'href="{LETTER}"' in listed
    other = await client.get(LETTERS, params={"task": OutboxTask.CREDIT_NOTE.value})
    assert "No dead letter meets this" in other.text
    mine = await client.get(LETTERS, params={"payment": row.payment, "task": row.task.value})
    assert f'href="{LETTER}"' in mine.text
    one = (await client.get(LETTER)).text
    assert f'href="/console/payments/{row.payment}"' in one

    form = {"csrf_token": token, "decision": "again"}
    wrong = await client.post(LETTER, data={**form, "email": "not an address"})
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    world.woken = 0
    done = await client.post(LETTER, data={**form, "email": "asha@right.example"})
    assert (done.status_code, done.headers["location"], world.woken) == (303, LETTERS, 1)
    store = world.memory.store
    assert store.outbox[NUMBER].state == "new"
    assert store.payments[row.payment].student.email == "asha@right.example"
    assert store.audit[-1].facts["email"] == "a***@right.example"
    late = await client.post(LETTER, data=form)
    assert late.status_code == 404


async def test_a_dead_letter_is_closed_for_a_reason(client: Client, world: HttpWorld) -> None:
    """
    A reason that cannot be kept is told at its field, and not repeated.
    """
    await given_up(client, world, OutboxTask.TAX_DOCUMENT)
    token = await into_console(client, world)
    assert "Another address" not in (await client.get(LETTER)).text
    form = {"csrf_token": token, "decision": "close"}
    for why in ("", "paid by 4111 1111 1111 1111"):
        wrong = await client.post(LETTER, data={**form, "why": why})
        assert wrong.status_code == 422
        assert "4111 1111" not in wrong.text

    done = await client.post(LETTER, data={**form, "why": "told by telephone"})

    assert done.status_code == 303
    assert world.memory.store.audit[-1].facts["why"] == "told by telephone"
    assert "Nothing was given up" in (await client.get(LETTERS)).text


async def test_support_looks_and_decides_nothing(client: Client, world: HttpWorld) -> None:
    """
    There is no form, and none is taken.
    """
    await given_up(client, world)
    token = await into_console(client, world, "sunita", Role.SUPPORT)

    page = (await client.get(LETTER)).text
    answer = await client.post(LETTER, data={"csrf_token": token, "decision": "again"})

    assert "Try it again" not in page
    assert answer.status_code == 403


async def test_dead_letters_page_by_page(client: Client, world: HttpWorld) -> None:
    """
    Each once, the oldest first; the filter goes along.
    """
    row = await given_up(client, world)
    later = [replace(row, closed_at=row.due_at + timedelta(hours=hour)) for hour in range(23)]
    world.memory.store.outbox.update({NUMBER + place: each for place, each in enumerate(later)})
    await into_console(client, world)

    first = (await client.get(LETTERS, params={"task": row.task.value})).text
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = (await client.get(address)).text

    assert "20 shown, more exist" in first
    assert f"task={row.task.value}" in address
    assert "3 shown;" in second


@pytest.mark.parametrize(
    "address",
    [
        f"{LETTERS}?task=nothing",
        f"{LETTERS}?payment=nothing",
        f"{LETTERS}?cursor=nothing",
        f"{LETTERS}?cursor=MjAyNi0wOC0wM1QxMjowMDowMCswMDowMC54",
        f"{LETTERS}/0",
        f"{LETTERS}/{2**63}",
        f"{LETTERS}/7",
    ],
)
async def test_what_cannot_be_meant(client: Client, world: HttpWorld, address: str) -> None:
    """
    It is refused in words.
    """
    await into_console(client, world)

    assert (await client.get(address)).status_code in {400, 404, 422}


async def test_a_decision_that_there_is_not(client: Client, world: HttpWorld) -> None:
    """
    Nothing is done.
    """
    await given_up(client, world)
    token = await into_console(client, world)

    answer = await client.post(LETTER, data={"csrf_token": token, "decision": "burn"})

    assert answer.status_code == 422
    assert world.memory.store.outbox[NUMBER].state == "dead"


def test_each_task_has_words() -> None:
    """
    A new one is read by people as soon as it can be given up.
    """
    assert set(TASK_WORDS) == set(OutboxTask)


async def test_refused_webhooks_are_shown_page_by_page(client: Client, world: HttpWorld) -> None:
    """
    None is passed over, and the last page leads back.
    """
    inbox = world.memory.inbox
    for number in range(SHOWN + 2):
        await inbox.enqueue(event(str(number), order="X-1"), world.clock.now())
    for entry in await inbox.claim(world.clock.now(), lease=timedelta(minutes=1), at_most=99):
        async with world.memory.unit_of_work() as work:
            work.payments.inbox.bury(entry, world.clock.now(), why="not an order of ours")
    await into_console(client, world)

    first = (await client.get(LETTERS)).text
    found = re.search(r'rel="next" href="([^"]+)#webhooks"', first)
    assert found is not None
    second = (await client.get(found[1].replace("&amp;", "&"))).text

    ticks = [re.findall(r'name="webhook" value="(\d+)"', page) for page in (first, second)]
    assert ticks == [[str(n) for n in range(1, SHOWN + 1)], [str(SHOWN + 1), str(SHOWN + 2)]]
    assert f'href="{LETTERS}#webhooks">Back to the oldest' in second


async def test_refused_webhooks_are_dismissed_for_a_reason(
    client: Client, world: HttpWorld
) -> None:
    """
    Those that are ticked; without a tick or a reason the form says so, and what is done already stays done.
    """
    inbox = world.memory.inbox
    for name in ("one", "two"):
        await inbox.enqueue(event(name, order="X-1"), world.clock.now() - timedelta(hours=25))
    for entry in await inbox.claim(world.clock.now(), lease=timedelta(minutes=1), at_most=9):
        async with world.memory.unit_of_work() as work:
            work.payments.inbox.bury(entry, world.clock.now(), why="not an order of ours")
    token = await into_console(client, world)
    listed = (await client.get(LETTERS)).text
    assert "not an order of ours" in listed
    assert listed.count('name="webhook"') == 2
    form = {"csrf_token": token, "webhook": "1", "why": "of the other shop"}

    for wrong in ({"webhook": ""}, {"webhook": "1x"}, {"why": ""}, {"why": "4111 1111 1111 1111"}):
        said = await client.post(WEBHOOKS, data={**form, **wrong})
        assert said.status_code == 422
        assert 'role="alert"' in said.text
        assert "4111 1111" not in said.text
    for _ in range(2):
        done = await client.post(WEBHOOKS, data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"{LETTERS}#webhooks")

    assert [each.id for each in await inbox.refused(at_most=9)] == [2]
    dismissed = [each for each in world.memory.store.audit if each.action == "webhook.dismissed"]
    assert [each.facts["why"] for each in dismissed] == ["of the other shop"]
    await into_console(client, world, "sunita", Role.SUPPORT)
    assert 'name="webhook"' not in (await client.get(LETTERS)).text
