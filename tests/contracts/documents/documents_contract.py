"""What any register of tax documents must do: number without a gap, refuse a second, change nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.storage import SECOND, Storage
from domain.documents.document_number import DocumentNumber
from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import (
    Cancellation,
    Heads,
    Particulars,
    RegisteredDocument,
)
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import Money
from domain.tax.gst import Supply
from domain.tax.indian_states import indian_state
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.samples import NOTED, payment_id

VOID = Cancellation(at=NOON + SECOND, why="typed for the wrong student")


async def issue(storage: Storage, said: Particulars) -> None:
    async with storage.unit_of_work() as work:
        work.documents.register.issue(said)


async def cancel(storage: Storage, known: RegisteredDocument) -> None:
    async with storage.unit_of_work() as work:
        work.documents.register.cancel(known.document, VOID)


def invoice(number: int = 1, at: datetime = NOON) -> Particulars:
    return invoice_for(sold(number, at=at), a_company(), POLICY, at)


def from_karnataka(number: int = 1) -> Particulars:
    """Return the invoice of a seller who is registered in another State."""
    return replace(
        invoice(number),
        company=a_company(indian_state("29")),
        supply=Supply.INTER_STATE,
        second_tax=None,
        heads=Heads(taxable=Money(10_000_00), igst=Money(1_800_00)),
    )


async def about(storage: Storage, number: int = 1) -> list[RegisteredDocument]:
    async with storage.unit_of_work() as work:
        return list(await work.documents.register.of_payment(payment_id(number)))


async def note(storage: Storage, rupees: str, refund: str, number: int = 1) -> Particulars:
    first, *notes = await about(storage, number)
    return credit_for(
        first.document,
        notes,
        paid_back(rupees, refund),
        company=a_company(),
        policy=POLICY,
        at=NOON + SECOND,
    )


async def numbers(storage: Storage, *payments: int) -> list[str]:
    return [
        str(each.document.number) for number in payments for each in await about(storage, number)
    ]


class DocumentsContract:
    async def test_a_document_is_kept_as_it_was_issued(self, storage: Storage) -> None:
        """
        All of it, under the next number, and found by payment, number and hash.
        """
        said = invoice()
        await issue(storage, said)

        (kept,) = await about(storage)

        assert kept.document.particulars == said
        assert str(kept.document.number) == "INV/2627/0000001"
        assert kept.cancelled is None
        assert [kept] == list(await storage.documents.of_payment(payment_id(1)))
        assert kept == await storage.documents.by_number(kept.document.number)
        assert kept == await storage.documents.by_hash(kept.sha256)

    async def test_an_unknown_document_is_not_found(self, storage: Storage) -> None:
        """
        By number, by hash, or under another registration; of a payment without one there are none.
        """
        await issue(storage, from_karnataka())

        assert await about(storage, 2) == []
        with pytest.raises(NotFound):
            await storage.documents.by_number(DocumentNumber.parse("INV/2627/0000001"))
        with pytest.raises(NotFound):
            await storage.documents.by_hash("0" * 64)

    async def test_numbers_run_on_in_each_series_and_year(self, storage: Storage) -> None:
        """
        Another registration, another year and another kind begin at one.
        """
        next_year = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
        for number, at in ((1, NOON), (2, NOON), (3, next_year), (4, NOON)):
            await issue(storage, invoice(number, at))
        await issue(storage, await note(storage, "1.00", "RF1", 2))
        bill = invoice_for(sold(5, rate="0"), a_company(), POLICY, NOON)
        await issue(storage, bill)
        await issue(storage, from_karnataka(6))

        assert await numbers(storage, 1, 2, 3, 4, 5, 6) == [
            "INV/2627/0000001",
            "INV/2627/0000002",
            "CRN/2627/0000001",
            "INV/2728/0000001",
            "INV/2627/0000003",
            "BOS/2627/0000001",
            "INV/2627/0000001",
        ]

    async def test_a_payment_has_one_invoice(self, storage: Storage) -> None:
        """
        The second is refused, and the number it would have had goes to the next.
        """
        await issue(storage, invoice())

        with pytest.raises(ChangedMeanwhile):
            await issue(storage, invoice())
        await issue(storage, invoice(2))

        assert await numbers(storage, 1, 2) == ["INV/2627/0000001", "INV/2627/0000002"]

    async def test_a_unit_that_fails_uses_up_no_number(self, storage: Storage) -> None:
        """
        Whatever else in it was refused.
        """

        async def with_a_stale_payment() -> None:
            async with storage.unit_of_work() as work:
                work.documents.register.issue(invoice())
                work.payments.repository.save(sold(), NOTED)

        with pytest.raises(ChangedMeanwhile):
            await with_a_stale_payment()
        await issue(storage, invoice(2))

        assert await numbers(storage, 1, 2) == ["INV/2627/0000001"]

    async def test_a_unit_issues_one_document(self, storage: Storage) -> None:
        """
        Two would want two numbers of one statement.
        """

        async def two() -> None:
            async with storage.unit_of_work() as work:
                work.documents.register.issue(invoice(1))
                work.documents.register.issue(invoice(2))

        with pytest.raises(ValueError, match="one document a unit"):
            await two()

        assert await numbers(storage, 1, 2) == []

    async def test_a_refund_has_one_note(self, storage: Storage) -> None:
        """
        A second note for the same refund is refused even under another ordinal.
        """
        await issue(storage, invoice())
        await issue(storage, await note(storage, "1.00", "RF1"))

        again = await note(storage, "1.00", "RF1")
        with pytest.raises(ChangedMeanwhile):
            await issue(storage, again)

    async def test_two_notes_that_rest_on_the_same_past_are_told_apart(
        self, storage: Storage
    ) -> None:
        """
        The slower would round from a sum that is no more.
        """
        await issue(storage, invoice())
        first, second = (
            await note(storage, "333.00", "RF1"),
            await note(storage, "333.00", "RF2"),
        )
        await issue(storage, first)

        with pytest.raises(ChangedMeanwhile):
            await issue(storage, second)
        await issue(storage, await note(storage, "333.00", "RF2"))
        assert len(await about(storage)) == 3

    async def test_notes_never_pass_what_was_charged(self, storage: Storage) -> None:
        """
        Should the domain ever ask for it.
        """
        await issue(storage, invoice())
        said = await note(storage, "11800.00", "RF1")
        heads = said.heads
        for wrong in (
            replace(heads, taxable=heads.taxable + Money(1)),
            Heads(taxable=Money(1), cgst=heads.cgst + Money(1), sgst=heads.sgst + Money(1)),
        ):
            with pytest.raises(storage.fault):
                await issue(storage, replace(said, heads=wrong))
        assert len(await about(storage)) == 1

    async def test_a_note_needs_its_original(self, storage: Storage) -> None:
        """
        Issued, about the same payment, and not void.
        """
        await issue(storage, invoice())
        said = await note(storage, "1.00", "RF1")
        stray = replace(said, payment=replace(said.payment, order=payment_id(2)))
        with pytest.raises(storage.fault):
            await issue(storage, stray)
        await cancel(storage, (await about(storage))[0])

        with pytest.raises(storage.fault):
            await issue(storage, said)

    async def test_a_void_document_stays_under_its_number(self, storage: Storage) -> None:
        """
        Its payment may have another, which gets the next number.
        """
        await issue(storage, invoice())
        (kept,) = await about(storage)
        await cancel(storage, kept)
        await issue(storage, invoice())

        assert await about(storage) == [
            replace(kept, cancelled=VOID),
            (await about(storage))[1],
        ]
        assert await numbers(storage, 1) == ["INV/2627/0000001", "INV/2627/0000002"]

    async def test_a_document_is_void_once(self, storage: Storage) -> None:
        """
        When and why it became so is told by the first.
        """
        await issue(storage, invoice())
        (kept,) = await about(storage)
        await cancel(storage, kept)

        with pytest.raises(ChangedMeanwhile):
            await cancel(storage, kept)

    async def test_a_document_with_a_note_against_it_is_not_voided(self, storage: Storage) -> None:
        """
        The note would refer to nothing; it goes first.
        """
        await issue(storage, invoice())
        await issue(storage, await note(storage, "1.00", "RF1"))
        kept, against = await about(storage)
        with pytest.raises(storage.fault):
            await cancel(storage, kept)

        await cancel(storage, against)
        await cancel(storage, kept)

        assert all(each.cancelled for each in await about(storage))
