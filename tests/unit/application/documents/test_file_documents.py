"""A document is filed in both copies before its letter, once, and the letter carries what was filed."""

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
from ports.notifications.outbox import Errand
from ports.unit_of_work import StorageUnavailable
from worlds.memory import Academy
from worlds.refund_requests import RefundDesk

HALF = 590_00
INVOICE = "INV/2627/0000001"


async def sold(academy: Academy, code: str | None = None) -> Payment:
    payment = await academy.opens(code=code)
    if payment.quote.payable:
        academy.gateway.pay(payment.id)
        await academy.hears(payment.id)
    return academy.payment(payment.id)


async def relayed(academy: Academy) -> None:
    while await academy.relay():
        pass


async def documents(academy: Academy, payment: PaymentId) -> list[DocumentOnFile]:
    return list((await academy.memory.filed.about(payment)).documents)


async def filed(academy: Academy, payment: PaymentId, copy: Copy = Copy.ORIGINAL) -> Filing:
    """Return how the first document about *payment* is filed."""
    filing = (await documents(academy, payment))[0].filing(copy)
    assert filing is not None
    return filing


def line(academy: Academy, errand: Errand) -> tuple[str, str | None]:
    (row,) = [row for row in academy.memory.store.outbox.values() if row.errand is errand]
    return row.state, row.why


async def test_both_copies_are_kept_and_written_down_by_their_hash(academy: Academy) -> None:
    """
    The recipient's and the supplier's (Rule 48(2)), each what the renderer makes of the document.
    """
    payment = await sold(academy)

    await relayed(academy)

    (known,) = await documents(academy, payment.id)
    for copy in Copy:
        content = await academy.typewriter.render(known.registered, copy)
        assert known.filing(copy) == Filing(
            copy=copy,
            ordinal=1,
            file=FileHash(hashlib.sha256(content).hexdigest()),
            size_bytes=len(content),
            void=False,
            release="typewriter 1",
            filed_at=academy.clock.now(),
        )
    assert len(academy.shelf.files) == len(Copy)
    (entry,) = academy.audited("document.filed")
    assert (entry.subject, entry.origin.actor) == (payment.id, "system")
    assert entry.facts == {
        "number": INVOICE,
        "original": (await filed(academy, payment.id)).file,
        "duplicate": (await filed(academy, payment.id, Copy.DUPLICATE)).file,
    }


async def test_the_letter_carries_the_recipients_copy(academy: Academy) -> None:
    """
    The bytes that were filed, under the document's number.
    """
    payment = await sold(academy)

    await relayed(academy)

    (letter,) = academy.mail.letters
    (file,) = letter.attachments
    assert file.name == "INV-2627-0000001.pdf"
    assert file.content == academy.shelf.files[(await filed(academy, payment.id)).file]
    assert INVOICE in letter.text


async def test_a_refunds_letter_carries_its_own_note(academy: Academy) -> None:
    """
    Of two refunds each letter has the note for its own.
    """
    desk = RefundDesk(academy)
    payment = await sold(academy)
    await relayed(academy)
    academy.gateway.refunds_end(RefundVerdict.PAID)
    for _ in range(2):
        await desk.asks(payment.id, HALF)
    await relayed(academy)

    names = [file.name for letter in academy.mail.letters for file in letter.attachments]
    assert names == ["INV-2627-0000001.pdf", "CRN-2627-0000001.pdf", "CRN-2627-0000002.pdf"]


async def test_where_nothing_is_invoiced_nothing_is_attached(academy: Academy) -> None:
    """
    A course that cost nothing is confirmed by a letter alone.
    """
    academy.offers(a_code("FREE", percent=100))
    await sold(academy, "FREE")

    await relayed(academy)

    assert [letter.attachments for letter in academy.mail.letters] == [()]
    assert academy.shelf.files == {}


async def test_a_store_that_is_away_delays_and_loses_nothing(academy: Academy) -> None:
    """
    Nothing is written down of a file that is not kept, and no letter goes without its document.
    """
    payment = await sold(academy)
    academy.shelf.away = True
    await relayed(academy)

    assert (await documents(academy, payment.id))[0].filings == ()
    assert line(academy, Errand.FILE_DOCUMENTS) == ("new", "the shelf is away")
    assert academy.mail.letters == []

    academy.shelf.away = False
    academy.clock.move(DELAYS[0])
    await relayed(academy)

    assert len(academy.mail.letters) == 1
    assert len(academy.audited("document.filed")) == 1


async def test_a_letter_waits_for_a_store_that_went_away(academy: Academy) -> None:
    """
    Filed, and then not to be had for a while: the letter goes later, whole.
    """
    await sold(academy)
    for _ in range(2):
        await academy.relay()
    academy.shelf.away = True
    await relayed(academy)
    assert line(academy, Errand.PAYMENT_CONFIRMATION) == ("new", "the shelf is away")

    academy.shelf.away = False
    academy.clock.move(DELAYS[0])
    await relayed(academy)

    assert [len(letter.attachments) for letter in academy.mail.letters] == [1]


async def test_who_dies_before_writing_down_is_followed_by_who_does_the_same(
    academy: Academy,
) -> None:
    """
    The files lie there already: the same bytes under the same hash, and one line in the trail.
    """
    payment = await sold(academy)
    await academy.relay()
    academy.memory.unit_of_work.trouble.append(StorageUnavailable("gone"))
    with pytest.raises(StorageUnavailable):
        await academy.relay()
    assert len(academy.shelf.files) == len(Copy)
    assert (await documents(academy, payment.id))[0].filings == ()

    academy.clock.move(LEASE)
    await relayed(academy)

    assert len(academy.shelf.files) == len(Copy)
    assert len(academy.audited("document.filed")) == 1
    assert len(academy.mail.letters) == 1


async def test_two_who_file_at_once_file_once(academy: Academy) -> None:
    """
    The slower of them finds it done.
    """
    payment = await sold(academy)
    await academy.issue_invoice(payment.id)

    await asyncio.gather(*(academy.file_documents(payment.id) for _ in range(3)))

    assert len(academy.audited("document.filed")) == 1
    assert (await filed(academy, payment.id)).ordinal == 1


async def test_a_document_that_is_void_is_filed_as_void(academy: Academy) -> None:
    """
    Once more, with the page saying so; what it looked like before stays on record, and no second
    letter goes out.
    """
    payment = await sold(academy)
    await relayed(academy)
    before = await filed(academy, payment.id)

    await void(academy)
    await relayed(academy)

    now = await filed(academy, payment.id)
    assert (now.ordinal, now.void) == (2, True)
    assert b"cancelled" in academy.shelf.files[now.file]
    assert academy.memory.store.filings[a_company().gstin.text, INVOICE, Copy.ORIGINAL][0] == before
    assert len(academy.mail.letters) == 1


async def test_a_letter_has_no_document_that_is_void_by_then(academy: Academy) -> None:
    """
    Declared void between issue and letter: the letter goes, without it.
    """
    payment = await sold(academy)
    await academy.relay()
    await void(academy)

    await relayed(academy)

    assert [letter.attachments for letter in academy.mail.letters] == [()]
    assert (await filed(academy, payment.id)).void


async def void(academy: Academy) -> None:
    cancel = CancelDocument(academy.memory.unit_of_work, academy.memory.documents, academy.clock)
    await cancel(DocumentNumber.parse(INVOICE), "a slip", BY_STAFF)


async def test_an_invoice_issued_anew_is_filed_as_well(academy: Academy) -> None:
    """
    The first one is void: the same line of work is opened again for the second.
    """
    payment = await sold(academy)
    await relayed(academy)
    await void(academy)
    await academy.issue_invoice(payment.id)

    await relayed(academy)

    first, second = await documents(academy, payment.id)
    assert [each.stands_as_filed(copy) for each in (first, second) for copy in Copy] == [True] * 4


async def test_a_letter_waits_for_an_invoice_that_is_not_filed_yet(academy: Academy) -> None:
    """
    Issued anew while the first letter was due: it carries the one that stands, once that has a file.
    """
    payment = await sold(academy)
    for _ in range(2):
        await academy.relay()
    await void(academy)
    await academy.issue_invoice(payment.id)
    academy.shelf.away = True
    await relayed(academy)
    assert line(academy, Errand.PAYMENT_CONFIRMATION) == (
        "new",
        "INV/2627/0000002 has no file yet",
    )

    academy.shelf.away = False
    for _ in range(2):
        academy.clock.move(DELAYS[1])
        await relayed(academy)

    (letter,) = academy.mail.letters
    assert [file.name for file in letter.attachments] == ["INV-2627-0000002.pdf"]


@pytest.mark.parametrize("damaged", [False, True])
async def test_a_file_that_is_lost_is_made_again(academy: Academy, *, damaged: bool) -> None:
    """
    The same bytes at the same place: the letter waits for them, and a person is told.
    """
    payment = await sold(academy)
    for _ in range(2):
        await academy.relay()
    filing = await filed(academy, payment.id)
    if damaged:
        academy.shelf.files[filing.file] = b"something else"
    else:
        del academy.shelf.files[filing.file]
    await academy.relay()
    assert line(academy, Errand.PAYMENT_CONFIRMATION) == (
        "new",
        f"the file of {INVOICE} is being made again",
    )
    (alert,) = academy.alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.FILE_LOST, INVOICE)
    assert alert.facts["state"] == ("damaged" if damaged else "missing")

    await academy.relay()
    academy.clock.move(DELAYS[0])
    await relayed(academy)

    assert await filed(academy, payment.id) == filing
    assert len(academy.mail.letters[0].attachments) == 1
    (entry,) = academy.audited("document.mended")
    assert entry.facts == {"number": INVOICE, "lost_original": filing.file}


async def test_a_file_can_be_lost_again(academy: Academy) -> None:
    """
    The line that mends is opened as often as there is something to mend.
    """
    payment = await sold(academy)
    await relayed(academy)
    known = (await documents(academy, payment.id))[0]
    filing = await filed(academy, payment.id)
    for _ in range(2):
        del academy.shelf.files[filing.file]
        await lost(academy, payment.id, known, filing)
        await relayed(academy)

        assert filing.file in academy.shelf.files
    assert len(academy.audited("document.mended")) == 2


async def lost(academy: Academy, payment: PaymentId, known: DocumentOnFile, filing: Filing) -> None:
    with pytest.raises(Exception, match="is being made again"):
        await academy.open_file(payment, known, filing)


async def test_what_another_release_makes_of_it_is_on_record(academy: Academy) -> None:
    """
    Other bytes are another filing, under their own hash and release; nothing is passed over.
    """
    payment = await sold(academy)
    await relayed(academy)
    known = (await documents(academy, payment.id))[0]
    before = await filed(academy, payment.id)
    academy.typewriter.release = "typewriter 2"
    del academy.shelf.files[before.file]
    await lost(academy, payment.id, known, before)

    await relayed(academy)

    now = await filed(academy, payment.id)
    assert (now.ordinal, now.release) == (2, "typewriter 2")
    assert now.file in academy.shelf.files
    assert (await filed(academy, payment.id, Copy.DUPLICATE)).ordinal == 1
    (entry,) = academy.audited("document.mended")
    assert entry.facts == {
        "number": INVOICE,
        "lost_original": before.file,
        "now_original": now.file,
    }


async def test_what_is_whole_is_left_alone(academy: Academy) -> None:
    """
    Somebody mended it meanwhile, or the number is of another payment: nothing is written down.
    """
    payment = await sold(academy)
    await relayed(academy)

    await academy.mend_files(payment.id, INVOICE)
    await academy.mend_files(payment.id, "INV/2627/0000009")

    assert academy.audited("document.mended") == []
