"""A document is cancelled once, before its return is due, and never while a note refers to it."""

from datetime import UTC, datetime

import pytest

from application.documents.cancel_document import CancelDocument, CancellationRefused
from domain.documents.document_number import DocumentNumber
from domain.documents.tax_document import Cancellation
from domain.errors import NotFound
from domain.text.card_number import CardNumberRefused
from fakes.clock import StoppedClock
from fakes.gst_returns.sample_month import day, issue_the_month, kept
from fakes.memory import Memory
from fakes.samples import BY_STAFF, payment_id

SECOND = DocumentNumber.parse("INV/2627/0000002")
THIRD = DocumentNumber.parse("INV/2627/0000003")
WHY = "billed to the wrong company"


@pytest.fixture
async def memory() -> Memory:
    memory = Memory()
    await issue_the_month(memory.unit_of_work)
    return memory


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(day(25))


@pytest.fixture
def cancel(memory: Memory, clock: StoppedClock) -> CancelDocument:
    return CancelDocument(memory.unit_of_work, memory.documents, clock)


async def test_a_document_becomes_void(memory: Memory, cancel: CancelDocument) -> None:
    """
    It stays under its number, with when and why; who did it stands in the trail.
    """
    document = await cancel(SECOND, WHY, BY_STAFF)

    (known,) = await kept(memory.unit_of_work, 2)
    assert known.document == document
    assert known.cancelled == Cancellation(at=day(25), why=WHY)
    (line,) = memory.store.audit
    assert (line.action, line.subject, line.origin) == (
        "document.cancelled",
        payment_id(2),
        BY_STAFF,
    )
    assert line.facts == {"number": str(SECOND), "why": WHY}


async def test_a_document_is_void_once(cancel: CancelDocument) -> None:
    """
    The first reason is the one that counts.
    """
    await cancel(SECOND, WHY, BY_STAFF)

    with pytest.raises(CancellationRefused, match="void already"):
        await cancel(SECOND, "another reason", BY_STAFF)


async def test_a_note_is_cancelled_before_its_invoice(cancel: CancelDocument) -> None:
    """
    It would refer to nothing.
    """
    with pytest.raises(CancellationRefused, match="a note stands against it"):
        await cancel(THIRD, WHY, BY_STAFF)

    await cancel(DocumentNumber.parse("CRN/2627/0000001"), WHY, BY_STAFF)
    await cancel(THIRD, WHY, BY_STAFF)


async def test_a_return_that_is_due_is_not_changed(
    cancel: CancelDocument, clock: StoppedClock
) -> None:
    """
    From 11 December on November stays as it is, and only a credit note can correct it.
    """
    clock.at = datetime(2026, 12, 10, 18, 30, tzinfo=UTC)

    with pytest.raises(CancellationRefused, match="the return of its month is due"):
        await cancel(SECOND, WHY, BY_STAFF)


@pytest.mark.parametrize("why", ["", "  ", "x" * 201, "tab\there"])
async def test_a_reason_can_be_kept(cancel: CancelDocument, why: str) -> None:
    """
    Printable words of bounded length.
    """
    with pytest.raises(CancellationRefused, match="the reason"):
        await cancel(SECOND, why, BY_STAFF)


async def test_a_reason_holds_no_card_number(cancel: CancelDocument) -> None:
    """
    Whatever somebody pastes.
    """
    with pytest.raises(CardNumberRefused):
        await cancel(SECOND, "card 4111111111111111", BY_STAFF)


async def test_an_unknown_number_is_not_found(cancel: CancelDocument) -> None:
    """
    Nothing is void that never was.
    """
    with pytest.raises(NotFound):
        await cancel(DocumentNumber.parse("INV/2627/0000099"), WHY, BY_STAFF)
