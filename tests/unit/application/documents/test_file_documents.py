"""A document is filed in both copies before its email, once, and the email carries what was filed."""

import asyncio
import hashlib

import pytest

from application.documents.cancel_document import CancelDocument
from application.notifications.relay_outbox import DELAYS, LEASE
from domain.documents.document_number import DocumentNumber
from domain.identifiers import PaymentId
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment import Payment
from fakes.documents.issued import a_company
from fakes.samples import BY_STAFF, a_code
from ports.alerts import AlertKind
from ports.documents.document_files import DocumentOnFile, Filing
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import StorageUnavailable
from worlds.memory import MemoryWorld
from worlds.refund_requests import ask_refund

HALF = 590_00
INVOICE = "INV/2627/0000001"


async def sold(world: MemoryWorld, code: str | None = None) -> Payment:
    payment = await world.begin_payment(code=code)
    if payment.quote.payable:
        world.gateway.pay(payment.id)
        await world.deliver_webhook(payment.id)
    return world.payment(payment.id)


async def relayed(world: MemoryWorld) -> None:
    while await world.relay_outbox():
        pass


async def documents(world: MemoryWorld, payment: PaymentId) -> list[DocumentOnFile]:
    return list((await world.memory.filed.about(payment)).documents)


async def filed(world: MemoryWorld, payment: PaymentId, copy: Copy = Copy.ORIGINAL) -> Filing:
    """Return how the first document about *payment* is filed."""
    filing = (await documents(world, payment))[0].filing(copy)
    assert filing is not None
    return filing


def line(world: MemoryWorld, task: OutboxTask) -> tuple[str, str | None]:
    (row,) = [row for row in world.memory.store.outbox.values() if row.task is task]
    return row.state, row.why


async def test_both_copies_are_kept_and_written_down_by_their_hash(world: MemoryWorld) -> None:
    """
    The recipient's and the supplier's (Rule 48(2)), each what the renderer makes of the document.
    """
    payment = await sold(world)

    await relayed(world)

    (known,) = await documents(world, payment.id)
    for copy in Copy:
        content = await world.typewriter.render(known.registered, copy)
        assert known.filing(copy) == Filing(
            copy=copy,
            ordinal=1,
            file=FileHash(hashlib.sha256(content).hexdigest()),
            size_bytes=len(content),
            void=False,
            release="typewriter 1",
            filed_at=world.clock.now(),
        )
    assert len(world.shelf.files) == len(Copy)
    (entry,) = world.audited("document.filed")
    assert (entry.subject, entry.origin.actor) == (payment.id, "system")
    assert entry.facts == {
        "number": INVOICE,
        "original": (await filed(world, payment.id)).file,
        "duplicate": (await filed(world, payment.id, Copy.DUPLICATE)).file,
    }


async def test_the_email_has_the_recipients_copy(world: MemoryWorld) -> None:
    """
    The bytes that were filed, under the document's number.
    """
    payment = await sold(world)

    await relayed(world)

    (letter,) = world.mail.letters
    (file,) = letter.attachments
    assert file.name == "INV-2627-0000001.pdf"
    assert file.content == world.shelf.files[(await filed(world, payment.id)).file]
    assert INVOICE in letter.text


async def test_a_refunds_email_has_its_own_note(world: MemoryWorld) -> None:
    """
    Of two refunds each email has the note for its own.
    """
    payment = await sold(world)
    await relayed(world)
    world.gateway.refunds_end(RefundVerdict.PAID)
    for _ in range(2):
        await ask_refund(world, payment.id, HALF)
    await relayed(world)

    names = [file.name for letter in world.mail.letters for file in letter.attachments]
    assert names == ["INV-2627-0000001.pdf", "CRN-2627-0000001.pdf", "CRN-2627-0000002.pdf"]


async def test_where_nothing_is_invoiced_nothing_is_attached(world: MemoryWorld) -> None:
    """
    A course that cost nothing is confirmed by an email alone.
    """
    world.add_code(a_code("FREE", percent=100))
    await sold(world, "FREE")

    await relayed(world)

    assert [letter.attachments for letter in world.mail.letters] == [()]
    assert world.shelf.files == {}


async def test_an_unavailable_store_delays_and_loses_nothing(world: MemoryWorld) -> None:
    """
    No filing is written without its stored file, and no email goes without its document.
    """
    payment = await sold(world)
    world.shelf.away = True
    await relayed(world)

    assert (await documents(world, payment.id))[0].filings == ()
    assert line(world, OutboxTask.FILE_DOCUMENTS) == ("new", "the shelf is away")
    assert world.mail.letters == []

    world.shelf.away = False
    world.clock.move(DELAYS[0])
    await relayed(world)

    assert len(world.mail.letters) == 1
    assert len(world.audited("document.filed")) == 1


async def test_an_email_waits_for_an_unavailable_store(world: MemoryWorld) -> None:
    """
    Filed, and then not available for a while: the email is sent later, with its document.
    """
    await sold(world)
    for _ in range(2):
        await world.relay_outbox()
    world.shelf.away = True
    await relayed(world)
    assert line(world, OutboxTask.PAYMENT_CONFIRMATION) == ("new", "the shelf is away")

    world.shelf.away = False
    world.clock.move(DELAYS[0])
    await relayed(world)

    assert [len(letter.attachments) for letter in world.mail.letters] == [1]


async def test_who_dies_before_writing_down_is_followed_by_who_does_the_same(
    world: MemoryWorld,
) -> None:
    """
    The files lie there already: the same bytes under the same hash, and one line in the trail.
    """
    payment = await sold(world)
    await world.relay_outbox()
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))
    with pytest.raises(StorageUnavailable):
        await world.relay_outbox()
    assert len(world.shelf.files) == len(Copy)
    assert (await documents(world, payment.id))[0].filings == ()

    world.clock.move(LEASE)
    await relayed(world)

    assert len(world.shelf.files) == len(Copy)
    assert len(world.audited("document.filed")) == 1
    assert len(world.mail.letters) == 1


async def test_two_who_file_at_once_file_once(world: MemoryWorld) -> None:
    """
    The slower of them finds it done.
    """
    payment = await sold(world)
    await world.issue_invoice(payment.id)

    await asyncio.gather(*(world.file_documents(payment.id) for _ in range(3)))

    assert len(world.audited("document.filed")) == 1
    assert (await filed(world, payment.id)).ordinal == 1


async def test_a_cancelled_document_is_filed_as_cancelled(world: MemoryWorld) -> None:
    """
    Its page says so; the filing before stays on record, and no second email is sent.
    """
    payment = await sold(world)
    await relayed(world)
    before = await filed(world, payment.id)

    await void(world)
    await relayed(world)

    now = await filed(world, payment.id)
    assert (now.ordinal, now.void) == (2, True)
    assert b"cancelled" in world.shelf.files[now.file]
    assert world.memory.store.filings[a_company().gstin.text, INVOICE, Copy.ORIGINAL][0] == before
    assert len(world.mail.letters) == 1


async def test_an_email_has_no_cancelled_document(world: MemoryWorld) -> None:
    """
    Cancelled between issue and email: the email is sent without it.
    """
    payment = await sold(world)
    await world.relay_outbox()
    await void(world)

    await relayed(world)

    assert [letter.attachments for letter in world.mail.letters] == [()]
    assert (await filed(world, payment.id)).void


async def void(world: MemoryWorld) -> None:
    cancel = CancelDocument(world.memory.unit_of_work, world.memory.documents, world.clock)
    await cancel(DocumentNumber.parse(INVOICE), "a slip", BY_STAFF)


async def test_an_invoice_issued_anew_is_filed_as_well(world: MemoryWorld) -> None:
    """
    The first one is void: the same line of work is opened again for the second.
    """
    payment = await sold(world)
    await relayed(world)
    await void(world)
    await world.issue_invoice(payment.id)

    await relayed(world)

    first, second = await documents(world, payment.id)
    assert [each.stands_as_filed(copy) for each in (first, second) for copy in Copy] == [True] * 4


async def test_an_email_waits_for_an_invoice_that_is_not_filed_yet(world: MemoryWorld) -> None:
    """
    Issued again while the first email was due: it carries the valid one, once that has a file.
    """
    payment = await sold(world)
    for _ in range(2):
        await world.relay_outbox()
    await void(world)
    await world.issue_invoice(payment.id)
    world.shelf.away = True
    await relayed(world)
    assert line(world, OutboxTask.PAYMENT_CONFIRMATION) == (
        "new",
        "INV/2627/0000002 has no file yet",
    )

    world.shelf.away = False
    for _ in range(2):
        world.clock.move(DELAYS[1])
        await relayed(world)

    (letter,) = world.mail.letters
    assert [file.name for file in letter.attachments] == ["INV-2627-0000002.pdf"]


@pytest.mark.parametrize("damaged", [False, True])
async def test_a_lost_file_is_regenerated(world: MemoryWorld, *, damaged: bool) -> None:
    """
    The same bytes under the same hash: the email waits for them, and an alert is sent.
    """
    payment = await sold(world)
    for _ in range(2):
        await world.relay_outbox()
    filing = await filed(world, payment.id)
    if damaged:
        world.shelf.files[filing.file] = b"something else"
    else:
        del world.shelf.files[filing.file]
    await world.relay_outbox()
    assert line(world, OutboxTask.PAYMENT_CONFIRMATION) == (
        "new",
        f"the file of {INVOICE} is being made again",
    )
    (alert,) = world.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.FILE_LOST, INVOICE)
    assert alert.facts["state"] == ("damaged" if damaged else "missing")

    await world.relay_outbox()
    world.clock.move(DELAYS[0])
    await relayed(world)

    assert await filed(world, payment.id) == filing
    assert len(world.mail.letters[0].attachments) == 1
    (entry,) = world.audited("document.mended")
    assert entry.facts == {"number": INVOICE, "lost_original": filing.file}


async def test_a_file_can_be_lost_again(world: MemoryWorld) -> None:
    """
    The task to regenerate is enqueued as often as a file is lost.
    """
    payment = await sold(world)
    await relayed(world)
    known = (await documents(world, payment.id))[0]
    filing = await filed(world, payment.id)
    for _ in range(2):
        del world.shelf.files[filing.file]
        await lost(world, payment.id, known, filing)
        await relayed(world)

        assert filing.file in world.shelf.files
    assert len(world.audited("document.mended")) == 2


async def lost(
    world: MemoryWorld, payment: PaymentId, known: DocumentOnFile, filing: Filing
) -> None:
    with pytest.raises(Exception, match="is being made again"):
        await world.fetch_file(payment, known, filing)


async def test_what_another_release_makes_of_it_is_on_record(world: MemoryWorld) -> None:
    """
    Other bytes are another filing, under their own hash and release; nothing is passed over.
    """
    payment = await sold(world)
    await relayed(world)
    known = (await documents(world, payment.id))[0]
    before = await filed(world, payment.id)
    world.typewriter.release = "typewriter 2"
    del world.shelf.files[before.file]
    await lost(world, payment.id, known, before)

    await relayed(world)

    now = await filed(world, payment.id)
    assert (now.ordinal, now.release) == (2, "typewriter 2")
    assert now.file in world.shelf.files
    assert (await filed(world, payment.id, Copy.DUPLICATE)).ordinal == 1
    (entry,) = world.audited("document.mended")
    assert entry.facts == {
        "number": INVOICE,
        "lost_original": before.file,
        "now_original": now.file,
    }


async def test_what_is_whole_is_left_alone(world: MemoryWorld) -> None:
    """
    The file was regenerated meanwhile, or the number is of another payment: nothing is written.
    """
    payment = await sold(world)
    await relayed(world)

    await world.regenerate_file(payment.id, INVOICE)
    await world.regenerate_file(payment.id, "INV/2627/0000009")

    assert world.audited("document.mended") == []
