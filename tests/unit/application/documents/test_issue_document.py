"""A sale is invoiced once and a refund is credited once, and the student gets an email about each."""

import pytest

from adapters.fake.script import Outcome
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import Cancellation, DocumentKind, RegisteredDocument
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment import Payment
from fakes.documents.issued import POLICY, a_company, paid_back
from fakes.samples import a_code
from ports.notifications.outbox import OutboxTask
from worlds.memory import MemoryWorld
from worlds.refund_requests import ask_refund

HALF = 590_00


async def sold(world: MemoryWorld, code: str | None = None) -> Payment:
    payment = await world.begin_payment(code=code)
    if payment.quote.payable:
        world.gateway.pay(payment.id)
        await world.deliver_webhook(payment.id)
    return world.payment(payment.id)


async def given_back(world: MemoryWorld, payment: Payment, paise: int) -> RefundId:
    """Return the refund of so much that reached the student at once."""
    world.gateway.refunds_end(RefundVerdict.PAID)
    return (await ask_refund(world, payment.id, paise)).id


async def relayed(world: MemoryWorld) -> None:
    while await world.relay_outbox():
        pass


def issued(world: MemoryWorld) -> list[RegisteredDocument]:
    return world.memory.store.documents


def dead_letters(world: MemoryWorld) -> list[OutboxTask]:
    return [row.task for row in world.memory.store.outbox.values()]


async def test_a_sale_is_invoiced_and_then_confirmed(world: MemoryWorld) -> None:
    """
    The sale enqueues the invoice, the invoice its filing, and the filing the email.
    """
    payment = await sold(world)
    assert dead_letters(world) == [OutboxTask.TAX_DOCUMENT]

    assert await world.relay_outbox() == 1
    assert dead_letters(world) == [OutboxTask.TAX_DOCUMENT, OutboxTask.FILE_DOCUMENTS]
    assert await world.relay_outbox() == 1
    assert dead_letters(world)[2:] == [OutboxTask.PAYMENT_CONFIRMATION]
    assert world.mail.letters == []
    await relayed(world)

    (document,) = issued(world)
    assert document.document.particulars == invoice_for(
        payment, a_company(), POLICY, world.clock.now()
    )
    assert [letter.subject for letter in world.mail.letters] == ["Paid"]
    (line,) = world.audited("document.issued")
    assert (line.subject, line.origin.actor, line.origin.source) == (
        payment.id,
        "system",
        "document",
    )
    assert line.facts == {"kind": "tax_invoice", "date": "2026-08-03", "total": "1180.00"}


async def test_what_costs_nothing_is_confirmed_without_an_invoice(world: MemoryWorld) -> None:
    """
    Nothing was paid, so there is nothing to invoice; the email is sent without a document.
    """
    world.add_code(a_code("FREE", percent=100))
    await sold(world, "FREE")
    assert dead_letters(world) == [OutboxTask.PAYMENT_CONFIRMATION]

    await relayed(world)

    assert issued(world) == []
    assert len(world.mail.letters) == 1


async def test_an_invoice_is_issued_once(world: MemoryWorld) -> None:
    """
    However often the task runs; and so is its email.
    """
    payment = await sold(world)

    for _ in range(3):
        await world.issue_invoice(payment.id)
    await relayed(world)

    assert len(issued(world)) == 1
    assert len(world.mail.letters) == 1


async def test_money_for_a_course_that_is_owned_supplies_nothing(world: MemoryWorld) -> None:
    """
    A second capture is no sale: no document, even when one is asked for.
    """
    first, second = await paid_twice(world)

    await world.issue_invoice(second)
    await relayed(world)

    assert [each.document.particulars.payment.order for each in issued(world)] == [first]


async def paid_twice(world: MemoryWorld) -> tuple[PaymentId, PaymentId]:
    first = await world.begin_payment()
    world.gateway.pay(first.id, Outcome.FAILURE)
    await world.deliver_webhook(first.id)
    second = await world.begin_payment()
    for each in (second, first):
        world.gateway.pay(each.id)
        await world.deliver_webhook(each.id)
    return second.id, first.id


async def test_a_refund_is_credited_and_then_confirmed(world: MemoryWorld) -> None:
    """
    By a note against the invoice, which names the refund; the email follows.
    """
    payment = await sold(world)
    await relayed(world)
    refund = await given_back(world, payment, HALF)
    assert dead_letters(world)[-1] is OutboxTask.CREDIT_NOTE

    await relayed(world)

    invoice, note = (each.document for each in issued(world))
    original = note.particulars.original
    assert original
    assert (note.kind, original.number) == (DocumentKind.CREDIT_NOTE, invoice.number)
    assert note.heads.total == Money(HALF)
    assert original.refund.refund == refund
    assert original.refund.refunded_at == world.clock.now()
    assert dead_letters(world)[-1] is OutboxTask.REFUND_CONFIRMATION
    assert world.mail.letters[-1].subject == "Back"
    assert world.audited("document.issued")[-1].facts["refund"] == refund


async def test_a_note_waits_for_no_invoice(world: MemoryWorld) -> None:
    """
    Both tasks may be due at once, in any order: the note issues its invoice first.
    """
    payment = await sold(world)
    refund = await given_back(world, payment, HALF)

    await world.issue_credit_note(payment.id, refund)

    assert [each.document.kind for each in issued(world)] == [
        DocumentKind.TAX_INVOICE,
        DocumentKind.CREDIT_NOTE,
    ]
    await relayed(world)
    assert len(issued(world)) == 2
    assert sorted(letter.subject for letter in world.mail.letters) == ["Back", "Paid"]


async def test_each_refund_has_one_note(world: MemoryWorld) -> None:
    """
    However often it is asked for; together they close the invoice.
    """
    payment = await sold(world)
    for _ in range(2):
        refund = await given_back(world, payment, HALF)
        for _ in range(2):
            await world.issue_credit_note(payment.id, refund)
    await relayed(world)

    invoice, *notes = (each.document for each in issued(world))
    assert [note.heads.total for note in notes] == [Money(HALF), Money(HALF)]
    assert notes[0].heads + notes[1].heads == invoice.heads
    assert [each.particulars.original and each.particulars.original.ordinal for each in notes] == [
        1,
        2,
    ]


async def test_a_refund_of_what_was_never_invoiced_gets_an_email_alone(world: MemoryWorld) -> None:
    """
    The second of two payments is refunded without a document.
    """
    await paid_twice(world)
    await relayed(world)
    world.gateway.refunds_end(RefundVerdict.PAID)
    # Nobody has to ask for it: what opens nothing is sent back by whoever follows refunds.
    assert await world.poll_refunds() == 1

    await relayed(world)

    assert len(issued(world)) == 1
    assert world.mail.letters[-1].subject == "Back"


async def test_a_void_note_is_issued_anew(world: MemoryWorld) -> None:
    """
    Somebody declared it void: asked for again, the refund gets another.
    """
    payment = await sold(world)
    refund = await given_back(world, payment, HALF)
    await relayed(world)
    void = Cancellation(at=world.clock.now(), why="a slip")
    async with world.memory.unit_of_work() as work:
        work.documents.register.cancel(issued(world)[-1].document, void)

    await world.issue_credit_note(payment.id, refund)

    assert [each.cancelled for each in issued(world)] == [None, void, None]
    assert str(issued(world)[-1].document.number) == "CRN/2627/0000002"


async def test_a_refund_without_a_possible_note_gets_its_email_and_a_person(
    world: MemoryWorld,
) -> None:
    """
    The student is told of the refund; the task is a dead letter until a person corrects the books.
    """
    payment = await sold(world)
    refund = await given_back(world, payment, HALF)
    await world.issue_invoice(payment.id)
    # As if somebody had credited all of it by hand already.
    (invoice,) = issued(world)
    async with world.memory.unit_of_work() as work:
        work.documents.register.issue(
            credit_for(
                invoice.document,
                [],
                paid_back("1180.00", "by hand"),
                company=a_company(),
                policy=POLICY,
                at=world.clock.now(),
            )
        )

    with pytest.raises(CreditImpossible):
        await world.issue_credit_note(payment.id, refund)
    await relayed(world)

    dead = [row for row in world.memory.store.outbox.values() if row.state == "dead"]
    assert [row.task for row in dead] == [OutboxTask.CREDIT_NOTE]
    assert "no credit note" in str(dead[0].why)
    assert [letter.subject for letter in world.mail.letters].count("Back") == 1


async def test_a_cancelled_invoice_is_issued_again(world: MemoryWorld) -> None:
    """
    When the task runs again, the sale gets another; the student's email was sent before.
    """
    payment = await sold(world)
    await relayed(world)
    void = Cancellation(at=world.clock.now(), why="a slip")
    async with world.memory.unit_of_work() as work:
        work.documents.register.cancel(issued(world)[0].document, void)

    await world.issue_invoice(payment.id)
    await relayed(world)

    assert [each.cancelled for each in issued(world)] == [void, None]
    assert len(world.mail.letters) == 1
