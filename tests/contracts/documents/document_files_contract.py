"""What any record of filed documents must do: one by one, one hash for each copy, nothing forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from contracts.documents.documents_contract import VOID, issue
from contracts.storage import SECOND, Storage, add, enrol
from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import TaxDocument
from domain.errors import ChangedMeanwhile, NotFound
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.samples import ASHA, a_payment, payment_id
from ports.documents.document_files import DocumentOnFile, Filing
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash

FIRST = Filing(
    copy=Copy.ORIGINAL,
    ordinal=1,
    file=FileHash("a" * 64),
    size_bytes=40_000,
    void=False,
    release="press 1",
    filed_at=NOON,
)
SECOND_COPY = replace(FIRST, copy=Copy.DUPLICATE, file=FileHash("d" * 64))
OTHER = replace(FIRST, ordinal=2, file=FileHash("b" * 64), release="press 2")


async def invoiced(storage: Storage, number: int = 1) -> TaxDocument:
    """Return the invoice of a payment."""
    payment = sold(number)
    await add(storage, payment)
    await issue(storage, invoice_for(payment, a_company(), POLICY, NOON))
    return (await on_file(storage, number))[0].registered.document


async def on_file(storage: Storage, number: int = 1) -> Sequence[DocumentOnFile]:
    return (await storage.filed.about(payment_id(number))).documents


async def file(storage: Storage, document: TaxDocument, *filings: Filing) -> None:
    async with storage.unit_of_work() as work:
        for each in filings:
            work.documents.filings.add(document, each)


async def numbers(storage: Storage) -> tuple[str | None, Sequence[str]]:
    view = await storage.queries.status(payment_id(1), ASHA.id)
    items = (await storage.queries.history(ASHA.id, at_most=9)).items
    (item,) = (each for each in items if each.transaction_id == payment_id(1))
    assert item.invoice_number == view.invoice_number
    return view.invoice_number, view.credit_note_numbers


class DocumentFilesContract:
    async def test_what_was_filed_is_on_record(self, storage: Storage) -> None:
        """
        Both copies, with all that was said of them; a document without a file is there as well.
        """
        document = await invoiced(storage)
        assert [each.filings for each in await on_file(storage)] == [()]

        await file(storage, document, FIRST, SECOND_COPY)

        (known,) = await on_file(storage)
        assert known.registered.document == document
        assert known.filings == (SECOND_COPY, FIRST)

    async def test_each_document_has_its_own(self, storage: Storage) -> None:
        """
        In the order of issue, and nothing of other payments.
        """
        invoice = await invoiced(storage)
        await invoiced(storage, 2)
        note = credit_for(
            invoice, [], paid_back("5900.00"), company=a_company(), policy=POLICY, at=NOON
        )
        await issue(storage, note)
        await file(storage, invoice, FIRST)

        known = await on_file(storage)

        assert [each.registered.document.particulars.kind for each in known] == [
            invoice.kind,
            note.kind,
        ]
        assert [each.filings for each in known] == [(FIRST,), ()]

    async def test_the_last_filing_counts(self, storage: Storage) -> None:
        """
        Filed again with other bytes: these are what the copy looks like, and the other copy stays.
        """
        document = await invoiced(storage)
        await file(storage, document, FIRST, SECOND_COPY)

        await file(storage, document, OTHER)

        assert (await on_file(storage))[0].filings == (SECOND_COPY, OTHER)

    async def test_one_of_two_who_file_at_once_is_told(self, storage: Storage) -> None:
        """
        A copy has one hash at a time: the slower one has to look again.
        """
        document = await invoiced(storage)
        mine, theirs = (replace(FIRST, file=FileHash(letter * 64)) for letter in "ef")

        told = await asyncio.gather(
            file(storage, document, mine, SECOND_COPY),
            file(storage, document, theirs),
            return_exceptions=True,
        )

        assert [type(each) for each in told if each] == [ChangedMeanwhile]
        (known,) = await on_file(storage)
        if told[0] is None:
            assert known.filings == (SECOND_COPY, mine)
        else:
            assert known.filings == (theirs,)

    async def test_an_old_look_is_told(self, storage: Storage) -> None:
        """
        However many filings there were meanwhile.
        """
        document = await invoiced(storage)
        await file(storage, document, FIRST)
        await file(storage, document, OTHER)

        for stale in (FIRST, OTHER, replace(FIRST, file=FileHash("c" * 64))):
            with pytest.raises(ChangedMeanwhile):
                await file(storage, document, stale)

    async def test_filings_are_not_left_out_nor_repeated(self, storage: Storage) -> None:
        """
        A second before a first, the same file twice, a valid document filed as void: faults of ours.
        """
        document = await invoiced(storage)
        with pytest.raises(storage.fault):
            await file(storage, document, OTHER)
        with pytest.raises(storage.fault):
            await file(storage, document, replace(FIRST, void=True))
        await file(storage, document, FIRST)
        with pytest.raises(storage.fault):
            await file(storage, document, replace(OTHER, file=FIRST.file))

        assert (await on_file(storage))[0].filings == (FIRST,)

    async def test_a_void_document_is_filed_as_void(self, storage: Storage) -> None:
        """
        And is seen to be void.
        """
        document = await invoiced(storage)
        async with storage.unit_of_work() as work:
            work.documents.register.cancel(document, VOID)
        void = replace(FIRST, void=True)

        await file(storage, document, void)

        (known,) = await on_file(storage)
        assert known.filings == (void,)
        assert known.registered.cancelled == VOID

    async def test_whose_it_is_and_whether_one_is_due(self, storage: Storage) -> None:
        """
        Money that opened a course has to be invoiced; an open payment, and money that opened nothing, not.
        """
        await add(storage, a_payment(1), sold(2), sold(3))
        await enrol(storage, sold(3))
        async with storage.unit_of_work() as work:
            work.payments.enrolments.leave(sold(3), NOON + SECOND)

        said = [await storage.filed.about(payment_id(number)) for number in (1, 2, 3)]

        assert [(each.student, each.paid, each.supplied) for each in said] == [
            (ASHA.id, False, False),
            (ASHA.id, True, False),
            (ASHA.id, True, True),
        ]

    async def test_the_status_names_what_can_be_fetched(self, storage: Storage) -> None:
        """
        Documents that stand and whose original is filed; the supplier's copy alone is none.
        """
        invoice = await invoiced(storage)
        note = credit_for(
            invoice, [], paid_back("5900.00"), company=a_company(), policy=POLICY, at=NOON
        )
        await issue(storage, note)
        credit = (await on_file(storage))[1].registered.document
        await file(storage, invoice, SECOND_COPY)
        assert await numbers(storage) == (None, [])

        await file(storage, credit, FIRST)
        assert await numbers(storage) == (None, ["CRN/2627/0000001"])
        await file(storage, invoice, FIRST)
        assert await numbers(storage) == ("INV/2627/0000001", ["CRN/2627/0000001"])

        for each in (credit, invoice):
            async with storage.unit_of_work() as work:
                work.documents.register.cancel(each, VOID)
        assert await numbers(storage) == (None, [])

    async def test_an_unknown_payment_is_not_found(self, storage: Storage) -> None:
        """
        Never an empty answer.
        """
        with pytest.raises(NotFound):
            await storage.filed.about(payment_id(9))
