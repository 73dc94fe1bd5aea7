"""A document is downloaded by its own student and by staff; for others there is none."""

import pytest

from application.documents.cancel_document import CancelDocument
from application.documents.download_document import DownloadDocumentCommand
from domain.documents.document_number import DocumentNumber
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Payment
from fakes.samples import ASHA, BY_STAFF, RAVI, a_code, payment_id
from ports.documents.document_files import DocumentNotReady, NoDocument
from ports.documents.document_renderer import Copy
from ports.file_store import FilesUnavailable
from worlds.memory import MemoryWorld

INVOICE = DocumentNumber.parse("INV/2627/0000001")


def wanted(
    payment: PaymentId,
    student: StudentId | None = ASHA.id,
    number: DocumentNumber | None = None,
    copy: Copy = Copy.ORIGINAL,
) -> DownloadDocumentCommand:
    return DownloadDocumentCommand(payment=payment, student=student, number=number, copy=copy)


@pytest.fixture
async def sold(world: MemoryWorld) -> Payment:
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    return payment


@pytest.fixture
async def filed(world: MemoryWorld, sold: Payment) -> Payment:
    while await world.relay_outbox():
        pass
    return sold


async def void(world: MemoryWorld) -> None:
    cancel = CancelDocument(world.memory.unit_of_work, world.memory.documents, world.clock)
    await cancel(INVOICE, "a slip", BY_STAFF)


@pytest.mark.parametrize("who", [ASHA.id, None])
@pytest.mark.parametrize("number", [None, INVOICE])
async def test_the_invoice_is_downloaded(
    world: MemoryWorld, filed: Payment, who: StudentId | None, number: DocumentNumber | None
) -> None:
    """
    By its student and by staff; it need not be named.
    """
    file = await world.download_document(wanted(filed.id, who, number))

    assert file.name == "INV-2627-0000001.pdf"
    assert file.content == world.shelf.files[file.file]
    assert file.content
    assert b"original" in file.content


async def test_the_suppliers_copy_has_a_name_of_its_own(world: MemoryWorld, filed: Payment) -> None:
    """
    So that the two are not taken for each other once they are saved.
    """
    file = await world.download_document(wanted(filed.id, None, copy=Copy.DUPLICATE))

    assert file.name == "INV-2627-0000001-duplicate.pdf"
    assert file.content
    assert b"duplicate" in file.content


async def test_what_the_client_has_is_not_fetched_again(world: MemoryWorld, filed: Payment) -> None:
    """
    The store is not called.
    """
    first = await world.download_document(wanted(filed.id))
    world.shelf.away = True

    again = await world.download_document(
        DownloadDocumentCommand(payment=filed.id, student=ASHA.id, had=frozenset({first.file}))
    )

    assert (again.file, again.content) == (first.file, None)


async def test_another_students_payment_is_not_found(world: MemoryWorld, filed: Payment) -> None:
    """
    The same refusal as for a payment that does not exist.
    """
    with pytest.raises(NotFound) as theirs:
        await world.download_document(wanted(filed.id, RAVI.id))
    with pytest.raises(NotFound) as nobodys:
        await world.download_document(wanted(payment_id(9), RAVI.id))

    assert str(theirs.value).replace(filed.id, "") == str(nobodys.value).replace(payment_id(9), "")


async def test_another_payments_number_is_not_found(world: MemoryWorld, filed: Payment) -> None:
    """
    Counting on from one's own invoice leads nowhere.
    """
    with pytest.raises(NotFound):
        await world.download_document(
            wanted(filed.id, number=DocumentNumber.parse("INV/2627/0000002"))
        )


async def test_what_is_due_is_not_ready(world: MemoryWorld, sold: Payment) -> None:
    """
    Paid, then issued, then filed: it is not ready before its file is there.
    """
    with pytest.raises(DocumentNotReady, match="not issued yet"):
        await world.download_document(wanted(sold.id))
    await world.relay_outbox()
    with pytest.raises(DocumentNotReady, match="its file is being made"):
        await world.download_document(wanted(sold.id))


async def test_what_was_not_paid_has_no_document(world: MemoryWorld) -> None:
    """
    Not while it is open, and not when there was nothing to pay.
    """
    world.add_code(a_code("FREE", percent=100))
    open_one = await world.begin_payment()
    free = await world.begin_payment(RAVI, code="FREE")

    for payment in (open_one, free):
        with pytest.raises(NoDocument):
            await world.download_document(wanted(payment.id, payment.student.id))


async def test_a_cancelled_invoice_is_downloaded_by_its_number_only(
    world: MemoryWorld, filed: Payment
) -> None:
    """
    Whoever downloads the invoice gets to know that a new one is due.
    """
    await void(world)
    while await world.relay_outbox():
        pass

    file = await world.download_document(wanted(filed.id, number=INVOICE))
    assert file.content
    assert b"cancelled" in file.content
    with pytest.raises(DocumentNotReady):
        await world.download_document(wanted(filed.id))


async def test_an_unavailable_store_is_an_error_of_its_own(
    world: MemoryWorld, filed: Payment
) -> None:
    """
    It is neither a missing document nor a new one.
    """
    world.shelf.away = True

    with pytest.raises(FilesUnavailable):
        await world.download_document(wanted(filed.id))


async def test_a_lost_file_is_regenerated_by_the_worker(world: MemoryWorld, filed: Payment) -> None:
    """
    The client is told to come back, and then the file is there.
    """
    file = await world.download_document(wanted(filed.id))
    world.shelf.files.clear()

    with pytest.raises(DocumentNotReady):
        await world.download_document(wanted(filed.id))
    await world.relay_outbox()

    assert await world.download_document(wanted(filed.id)) == file
    assert len(world.alerts.called) == 1
