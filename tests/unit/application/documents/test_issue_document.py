"""Money that came is invoiced once and money that went back is credited once, and the student is told of each."""

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
from ports.notifications.outbox import Errand
from worlds.memory import Academy
from worlds.refund_requests import RefundDesk

HALF = 590_00


@pytest.fixture
def desk(academy: Academy) -> RefundDesk:
    return RefundDesk(academy)


async def sold(academy: Academy, code: str | None = None) -> Payment:
    payment = await academy.opens(code=code)
    if payment.quote.payable:
        academy.gateway.pay(payment.id)
        await academy.hears(payment.id)
    return academy.payment(payment.id)


async def given_back(desk: RefundDesk, payment: Payment, paise: int) -> RefundId:
    """Return the refund of so much that reached the student at once."""
    desk.school.gateway.refunds_end(RefundVerdict.PAID)
    return (await desk.asks(payment.id, paise)).id


async def relayed(academy: Academy) -> None:
    while await academy.relay():
        pass


def issued(academy: Academy) -> list[RegisteredDocument]:
    return academy.memory.store.documents


def errands(academy: Academy) -> list[Errand]:
    return [row.errand for row in academy.memory.store.outbox.values()]


async def test_a_sale_is_invoiced_and_then_confirmed(academy: Academy) -> None:
    """
    The sale leaves an invoice to be issued, the invoice files to be made, and these a letter.
    """
    payment = await sold(academy)
    assert errands(academy) == [Errand.TAX_DOCUMENT]

    assert await academy.relay() == 1
    assert errands(academy) == [Errand.TAX_DOCUMENT, Errand.FILE_DOCUMENTS]
    assert await academy.relay() == 1
    assert errands(academy)[2:] == [Errand.PAYMENT_CONFIRMATION]
    assert academy.mail.letters == []
    await relayed(academy)

    (document,) = issued(academy)
    assert document.document.particulars == invoice_for(
        payment, a_company(), POLICY, academy.clock.now()
    )
    assert [letter.subject for letter in academy.mail.letters] == ["Paid"]
    (line,) = academy.audited("document.issued")
    assert (line.subject, line.origin.actor, line.origin.source) == (
        payment.id,
        "system",
        "document",
    )
    assert line.facts == {"kind": "tax_invoice", "date": "2026-08-03", "total": "1180.00"}


async def test_what_costs_nothing_is_confirmed_without_an_invoice(academy: Academy) -> None:
    """
    Nothing was paid, so there is nothing to invoice; the letter goes out as it is.
    """
    academy.offers(a_code("FREE", percent=100))
    await sold(academy, "FREE")
    assert errands(academy) == [Errand.PAYMENT_CONFIRMATION]

    await relayed(academy)

    assert issued(academy) == []
    assert len(academy.mail.letters) == 1


async def test_an_invoice_is_issued_once(academy: Academy) -> None:
    """
    However often it is asked for; and so is its letter.
    """
    payment = await sold(academy)

    for _ in range(3):
        await academy.issue_invoice(payment.id)
    await relayed(academy)

    assert len(issued(academy)) == 1
    assert len(academy.mail.letters) == 1


async def test_money_for_a_course_that_is_owned_supplies_nothing(academy: Academy) -> None:
    """
    A second capture is no sale: no document, even when one is asked for.
    """
    first, second = await paid_twice(academy)

    await academy.issue_invoice(second)
    await relayed(academy)

    assert [each.document.particulars.payment.order for each in issued(academy)] == [first]


async def paid_twice(academy: Academy) -> tuple[PaymentId, PaymentId]:
    first = await academy.opens()
    academy.gateway.pay(first.id, Outcome.FAILURE)
    await academy.hears(first.id)
    second = await academy.opens()
    for each in (second, first):
        academy.gateway.pay(each.id)
        await academy.hears(each.id)
    return second.id, first.id


async def test_a_refund_is_credited_and_then_confirmed(academy: Academy, desk: RefundDesk) -> None:
    """
    By a note against the invoice, which names the refund; the letter follows.
    """
    payment = await sold(academy)
    await relayed(academy)
    refund = await given_back(desk, payment, HALF)
    assert errands(academy)[-1] is Errand.CREDIT_NOTE

    await relayed(academy)

    invoice, note = (each.document for each in issued(academy))
    original = note.particulars.original
    assert original
    assert (note.kind, original.number) == (DocumentKind.CREDIT_NOTE, invoice.number)
    assert note.heads.total == Money(HALF)
    assert original.refund.refund == refund
    assert original.refund.refunded_at == academy.clock.now()
    assert errands(academy)[-1] is Errand.REFUND_CONFIRMATION
    assert academy.mail.letters[-1].subject == "Back"
    assert academy.audited("document.issued")[-1].facts["refund"] == refund


async def test_a_note_waits_for_no_invoice(academy: Academy, desk: RefundDesk) -> None:
    """
    Both lines may be due at once, in any order: the note brings its invoice along.
    """
    payment = await sold(academy)
    refund = await given_back(desk, payment, HALF)

    await academy.issue_credit_note(payment.id, refund)

    assert [each.document.kind for each in issued(academy)] == [
        DocumentKind.TAX_INVOICE,
        DocumentKind.CREDIT_NOTE,
    ]
    await relayed(academy)
    assert len(issued(academy)) == 2
    assert sorted(letter.subject for letter in academy.mail.letters) == ["Back", "Paid"]


async def test_each_refund_has_one_note(academy: Academy, desk: RefundDesk) -> None:
    """
    However often it is asked for; together they close the invoice.
    """
    payment = await sold(academy)
    for _ in range(2):
        refund = await given_back(desk, payment, HALF)
        for _ in range(2):
            await academy.issue_credit_note(payment.id, refund)
    await relayed(academy)

    invoice, *notes = (each.document for each in issued(academy))
    assert [note.heads.total for note in notes] == [Money(HALF), Money(HALF)]
    assert notes[0].heads + notes[1].heads == invoice.heads
    assert [each.particulars.original and each.particulars.original.ordinal for each in notes] == [
        1,
        2,
    ]


async def test_money_back_that_was_never_invoiced_is_told_by_a_letter_alone(
    academy: Academy, desk: RefundDesk
) -> None:
    """
    The second of two payments goes back without a document, as it came.
    """
    await paid_twice(academy)
    await relayed(academy)
    academy.gateway.refunds_end(RefundVerdict.PAID)
    # Nobody has to ask for it: what opens nothing is sent back by whoever follows refunds.
    assert await desk.follow() == 1

    await relayed(academy)

    assert len(issued(academy)) == 1
    assert academy.mail.letters[-1].subject == "Back"


async def test_a_void_note_is_issued_anew(academy: Academy, desk: RefundDesk) -> None:
    """
    Somebody declared it void: asked for again, the refund gets another.
    """
    payment = await sold(academy)
    refund = await given_back(desk, payment, HALF)
    await relayed(academy)
    void = Cancellation(at=academy.clock.now(), why="a slip")
    async with academy.memory.unit_of_work() as work:
        work.documents.cancel(issued(academy)[-1].document, void)

    await academy.issue_credit_note(payment.id, refund)

    assert [each.cancelled for each in issued(academy)] == [None, void, None]
    assert str(issued(academy)[-1].document.number) == "CRN/2627/0000002"


async def test_a_refund_no_note_fits_waits_for_a_person_and_its_letter_does_not(
    academy: Academy, desk: RefundDesk
) -> None:
    """
    The student hears that the money is back; that the books need a hand is seen where errands park.
    """
    payment = await sold(academy)
    refund = await given_back(desk, payment, HALF)
    await academy.issue_invoice(payment.id)
    # As if somebody had credited all of it by hand already.
    (invoice,) = issued(academy)
    async with academy.memory.unit_of_work() as work:
        work.documents.issue(
            credit_for(
                invoice.document,
                [],
                paid_back("1180.00", "by hand"),
                company=a_company(),
                policy=POLICY,
                at=academy.clock.now(),
            )
        )

    with pytest.raises(CreditImpossible):
        await academy.issue_credit_note(payment.id, refund)
    await relayed(academy)

    parked = [row for row in academy.memory.store.outbox.values() if row.state == "parked"]
    assert [row.errand for row in parked] == [Errand.CREDIT_NOTE]
    assert "no credit note" in str(parked[0].why)
    assert [letter.subject for letter in academy.mail.letters].count("Back") == 1


async def test_a_void_invoice_is_issued_anew(academy: Academy) -> None:
    """
    Asked for again, the sale gets another; the student's letter went out before.
    """
    payment = await sold(academy)
    await relayed(academy)
    void = Cancellation(at=academy.clock.now(), why="a slip")
    async with academy.memory.unit_of_work() as work:
        work.documents.cancel(issued(academy)[0].document, void)

    await academy.issue_invoice(payment.id)
    await relayed(academy)

    assert [each.cancelled for each in issued(academy)] == [void, None]
    assert len(academy.mail.letters) == 1
