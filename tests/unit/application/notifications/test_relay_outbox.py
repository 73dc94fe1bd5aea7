"""A letter is sent once per fact: later rather than never, and never for ever."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from application.notifications.relay_outbox import DELAYS, LEASE, TRIES_MAX
from contracts.monitoring.alerts_register_contract import SILENCED
from contracts.reconciliation.runs_contract import SUMMARY, a_run
from domain.identifiers import PaymentId
from domain.payments.payment import Student
from domain.reconciliation.run import Run
from domain.reconciliation.run_state import RunState
from fakes.samples import ASHA, RAVI
from fakes.store import RunRow
from ports.alerts import AlertKind
from ports.notifications.email_sender import EmailDelayed, EmailRefused
from ports.notifications.outbox import OutboxTask
from ports.notifications.webhook_sender import WebhookDelayed, WebhookRefused
from ports.unit_of_work import StorageUnavailable
from worlds.memory import SETTINGS, MemoryWorld

LETTER = 3
MOMENT = timedelta(microseconds=1)


@pytest.fixture
async def sold(world: MemoryWorld) -> MemoryWorld:
    """A world with one payment charged, its invoice issued and filed, and its email due."""
    await sell(world)
    return world


async def sell(world: MemoryWorld, student: Student = ASHA) -> None:
    payment = await world.begin_payment(student)
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    await world.issue_invoice(payment.id)
    await world.file_documents(payment.id)
    outbox = world.memory.store.outbox
    *before, letter = outbox
    for each in before:
        if outbox[each].task in {OutboxTask.TAX_DOCUMENT, OutboxTask.FILE_DOCUMENTS}:
            outbox[each] = replace(outbox[each], state="done")
    assert outbox[letter].task is OutboxTask.PAYMENT_CONFIRMATION


async def test_a_sale_is_confirmed_by_one_letter(sold: MemoryWorld) -> None:
    """
    To the student, with what was paid for what; and not again.
    """
    assert await sold.relay_outbox() == 1
    assert await sold.relay_outbox() == 0

    (letter,) = sold.mail.letters
    assert letter.to == "asha@example.com"
    assert letter.text == "All about algebra: 1180.00 (INV/2627/0000001)"
    assert sold.memory.store.outbox[LETTER].state == "done"


async def test_nothing_sold_is_nothing_sent(world: MemoryWorld) -> None:
    """
    An open payment has no letter.
    """
    await world.begin_payment()

    assert await world.relay_outbox() == 0


async def test_a_delayed_letter_is_tried_again_ever_later(sold: MemoryWorld) -> None:
    """
    Each wait as written down, the last one for all that follow.
    """
    sold.mail.gateway_failure.extend([EmailDelayed("greylisted")] * (len(DELAYS) + 1))
    waited = []
    for _ in range(len(DELAYS) + 1):
        assert await sold.relay_outbox() == 1
        row = sold.memory.store.outbox[LETTER]
        assert (row.state, row.why) == ("new", "greylisted")
        waited.append(row.due_at - sold.clock.now())
        sold.clock.move(waited[-1] - MOMENT)
        assert await sold.relay_outbox() == 0
        sold.clock.move(MOMENT)

    assert waited == [*DELAYS, DELAYS[-1]]
    await sold.relay_outbox()
    assert len(sold.mail.letters) == 1


async def test_a_refused_letter_waits_for_a_person(sold: MemoryWorld) -> None:
    """
    The address will never take it: no use in trying again.
    """
    sold.mail.gateway_failure.append(EmailRefused("no such mailbox"))

    await sold.relay_outbox()

    row = sold.memory.store.outbox[LETTER]
    assert (row.state, row.why) == ("dead", "no such mailbox")
    sold.clock.move(timedelta(days=30))
    assert await sold.relay_outbox() == 0


async def test_a_letter_is_given_up_in_the_end(sold: MemoryWorld) -> None:
    """
    After about three days of a mail server that is away.
    """
    sold.mail.gateway_failure.extend([EmailDelayed("away")] * TRIES_MAX)
    began = sold.clock.now()
    tries = 0
    while sold.memory.store.outbox[LETTER].state == "new":
        tries += await sold.relay_outbox()
        sold.clock.move(DELAYS[-1])

    row = sold.memory.store.outbox[LETTER]
    assert (tries, row.state, row.why) == (TRIES_MAX, "dead", "away")
    assert sold.clock.now() - began <= timedelta(days=3)


@pytest.mark.no_cover
async def test_a_task_that_keeps_breaking_is_buried_in_the_end(sold: MemoryWorld) -> None:
    """
    What nobody foresaw is tried as often as a mail server that is away, and then left to a person.
    """
    sold.mail.gateway_failure.extend([ZeroDivisionError()] * TRIES_MAX)
    tries = 0
    while sold.memory.store.outbox[LETTER].state == "new":
        tries += await sold.relay_outbox()
        sold.clock.move(DELAYS[-1])

    row = sold.memory.store.outbox[LETTER]
    assert (tries, row.state, row.why) == (TRIES_MAX, "dead", "ZeroDivisionError")
    assert await sold.relay_outbox() == 0


async def test_one_broken_entry_leaves_the_others_done(sold: MemoryWorld) -> None:
    """
    It is put back with a delay; the next email of the batch goes out at once.
    """
    await sell(sold, RAVI)
    sold.mail.gateway_failure.append(ZeroDivisionError())

    assert await sold.relay_outbox() == 2

    assert len(sold.mail.letters) == 1
    late = [row for row in sold.memory.store.outbox.values() if row.state == "new"]
    assert [(row.due_at, row.why) for row in late] == [
        (sold.clock.now() + DELAYS[0], "ZeroDivisionError")
    ]


async def test_a_store_that_is_away_is_not_the_letters_fault(sold: MemoryWorld) -> None:
    """
    The worker is told, and the letter waits out its lease.
    """
    sold.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await sold.relay_outbox()

    assert await sold.relay_outbox() == 0
    sold.clock.move(LEASE)
    assert await sold.relay_outbox() == 1
    assert len(sold.mail.letters) == 1


async def write_task(
    world: MemoryWorld, run: Run, task: OutboxTask = OutboxTask.RECONCILIATION_SUMMARY
) -> None:
    world.memory.store.runs[run.id] = RunRow(run=run)
    async with world.memory.unit_of_work() as work:
        work.notifications.outbox.enqueue(
            task, PaymentId(run.id), world.clock.now(), subject=run.id
        )


async def test_operators_are_called_because_of_a_run_that_failed(world: MemoryWorld) -> None:
    """
    Once, by the outbox: a worker that dies after the run has ended loses nothing.
    """
    failed = replace(a_run(), state=RunState.FAILED, why="no partition", attempts=3)
    for _ in range(2):
        await write_task(world, failed, OutboxTask.RECONCILIATION_FAILURE)

    assert await world.relay_outbox() == 1

    (alert,) = world.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.RECONCILIATION_FAILED, failed.id)
    assert alert.facts == {"reason": "no partition", "attempts": "3"}


async def test_finance_gets_the_summary_of_a_run() -> None:
    """
    At the address that is set.
    """
    world = MemoryWorld(settings=replace(SETTINGS, finance_email="accounts@example.com"))
    await write_task(world, a_run(summary=SUMMARY))

    assert await world.relay_outbox() == 1

    (letter,) = world.mail.letters
    assert letter.to == "accounts@example.com"
    world.close()


@pytest.mark.parametrize("address", [None, "accounts@example.com"])
async def test_without_an_address_or_figures_there_is_no_summary(address: str | None) -> None:
    """
    The task is done all the same.
    """
    world = MemoryWorld(settings=replace(SETTINGS, finance_email=address))
    await write_task(world, a_run(summary=None if address else SUMMARY))

    assert await world.relay_outbox() == 1

    assert world.mail.letters == []
    assert [row.state for row in world.memory.store.outbox.values()] == ["done"]
    world.close()


async def write_alert(
    world: MemoryWorld, task: OutboxTask = OutboxTask.ALERT_EMAIL, state: str = "firing"
) -> None:
    async with world.memory.unit_of_work() as work:
        work.monitoring.alerts.save(SILENCED)
        work.notifications.outbox.enqueue(
            task,
            PaymentId(SILENCED.id),
            world.clock.now(),
            subject=f"{SILENCED.id}/2/{state}",
        )


async def test_operators_are_told_of_an_alert() -> None:
    """
    At the address that is set, once for each change.
    """
    world = MemoryWorld(settings=replace(SETTINGS, alert_email="operators@example.com"))
    await write_alert(world)

    assert [await world.relay_outbox(), await world.relay_outbox()] == [1, 0]

    (letter,) = world.mail.letters
    assert (letter.to, letter.text) == (
        "operators@example.com",
        f"queue_stuck {SILENCED.id}/2/firing",
    )


async def test_without_an_address_nobody_is_told(world: MemoryWorld) -> None:
    """
    The alert stands in the console all the same.
    """
    await write_alert(world)

    assert await world.relay_outbox() == 1
    assert world.mail.letters == []


HOOKED = replace(
    SETTINGS,
    alert_webhook_url="https://hooks.example.com/shulk",
    alert_webhook_secret="whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
)


@pytest.mark.parametrize("state", ["firing", "resolved"])
async def test_an_endpoint_is_called_because_of_an_alert(state: str) -> None:
    """
    With a thin body: what happened, when, to which alert, and which change of it this is.
    """
    world = MemoryWorld(settings=HOOKED)
    await write_alert(world, OutboxTask.ALERT_WEBHOOK, state)

    assert [await world.relay_outbox(), await world.relay_outbox()] == [1, 0]

    (message,) = world.hooks.sent
    told = json.loads(message.body)
    assert message.id == f"{SILENCED.id}_2_{state}"
    assert (told["type"], told["timestamp"]) == (f"alert.{state}", "2026-08-03T12:00:00Z")
    assert (told["data"]["sequence"], told["data"]["rule"]) == (2, "queue_stuck")


async def test_an_endpoint_that_is_away_is_called_again() -> None:
    """
    Under the same id; one that is gone is a dead letter.
    """
    world = MemoryWorld(settings=HOOKED)
    await write_alert(world, OutboxTask.ALERT_WEBHOOK)
    world.hooks.trouble = [WebhookDelayed("503"), WebhookRefused("410")]
    await world.relay_outbox()
    (row,) = world.memory.store.outbox.values()
    assert (row.state, row.why) == ("new", "503")
    world.clock.move(DELAYS[0])
    await world.relay_outbox()

    (row,) = world.memory.store.outbox.values()
    assert (row.state, row.why) == ("dead", "410")
    assert len({each.id for each in world.hooks.sent}) == 1


async def test_without_an_endpoint_nothing_is_called(world: MemoryWorld) -> None:
    """
    The entry is done all the same.
    """
    await write_alert(world, OutboxTask.ALERT_WEBHOOK)

    assert await world.relay_outbox() == 1
    assert world.hooks.sent == []
