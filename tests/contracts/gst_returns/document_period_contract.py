"""What any reader of a month must do: all of it, of one moment, in order, and added up beside it."""

from datetime import UTC, datetime

from contracts.storage import Storage
from domain.documents.invoicing import invoice_for
from domain.documents.tax_document import Cancellation, DocumentKind
from domain.gst_returns.gstr1 import SeriesRun, Sums
from domain.gst_returns.return_period import ReturnPeriod
from domain.money import Money
from domain.tax.indian_states import indian_state
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, sold
from fakes.gst_returns.sample_month import NOVEMBER, day, issue, issue_the_month, kept, refund

SELLER = a_company().gstin
MIDNIGHT = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)


async def numbers(storage: Storage, period: ReturnPeriod = NOVEMBER) -> list[str]:
    async with storage.periods(SELLER, period) as register:
        return [str(each.document.number) async for each in register.documents()]


async def runs(storage: Storage, period: ReturnPeriod = NOVEMBER) -> list[SeriesRun]:
    async with storage.periods(SELLER, period) as register:
        return list(await register.runs())


async def control(storage: Storage, period: ReturnPeriod = NOVEMBER) -> Sums:
    async with storage.periods(SELLER, period) as register:
        return await register.control()


async def invoiced(storage: Storage, number: int, at: datetime, rate: str = "18") -> None:
    said = invoice_for(sold(number, rate=rate, at=at), a_company(), POLICY, at)
    await issue(storage.unit_of_work, said)


def run(kind: DocumentKind, first: str, last: str, total: int, cancelled: int = 0) -> SeriesRun:
    return SeriesRun(kind=kind, first=first, last=last, total=total, cancelled=cancelled)


class DocumentPeriodContract:
    async def test_a_quiet_month_is_empty(self, storage: Storage) -> None:
        """
        Nothing sold is no error.
        """
        assert await numbers(storage) == []
        assert await runs(storage) == []
        assert await control(storage) == Sums()

    async def test_documents_come_by_buyer_and_place(self, storage: Storage) -> None:
        """
        The registered first, then State by State; within each by number.
        """
        await issue_the_month(storage.unit_of_work)

        assert await numbers(storage) == [
            "CRN/2627/0000001",
            "INV/2627/0000003",
            "CRN/2627/0000002",
            "INV/2627/0000005",
            "CRN/2627/0000003",
            "INV/2627/0000001",
            "INV/2627/0000002",
            "INV/2627/0000004",
        ]

    async def test_the_sample_month_adds_up_beside_its_documents(self, storage: Storage) -> None:
        """
        Net 61,442.73, and 72,502.41 with tax.
        """
        await issue_the_month(storage.unit_of_work)

        assert await control(storage) == Sums(
            taxable=Money(61_442_73),
            cgst=Money(526_19),
            sgst=Money(526_19),
            igst=Money(9_152_39 + 854_91),
        )
        assert (await control(storage)).total == Money(72_502_41)
        assert await runs(storage) == [
            run(DocumentKind.CREDIT_NOTE, "CRN/2627/0000001", "CRN/2627/0000003", 3),
            run(DocumentKind.TAX_INVOICE, "INV/2627/0000001", "INV/2627/0000005", 5),
        ]

    async def test_a_month_has_its_own_days_and_seller(self, storage: Storage) -> None:
        """
        It ends at midnight in India, and another registration files another return.
        """
        await invoiced(storage, 1, MIDNIGHT)
        await invoiced(storage, 2, day(30))

        assert await numbers(storage) == ["INV/2627/0000002"]
        async with storage.periods(a_company(indian_state("29")).gstin, NOVEMBER) as register:
            assert [each async for each in register.documents()] == []
            assert await register.control() == Sums()
            assert await register.runs() == []

    async def test_numbers_that_another_month_took_part_the_runs(self, storage: Storage) -> None:
        """
        A document of yesterday numbered after one of today is in another return.
        """
        await invoiced(storage, 1, day(28))
        await invoiced(storage, 2, MIDNIGHT)
        await invoiced(storage, 3, day(30))
        await invoiced(storage, 4, day(30), rate="0")
        december = ReturnPeriod(2026, 12)

        assert await runs(storage) == [
            run(DocumentKind.BILL_OF_SUPPLY, "BOS/2627/0000001", "BOS/2627/0000001", 1),
            run(DocumentKind.TAX_INVOICE, "INV/2627/0000001", "INV/2627/0000001", 1),
            run(DocumentKind.TAX_INVOICE, "INV/2627/0000003", "INV/2627/0000003", 1),
        ]
        assert [each.first for each in await runs(storage, december)] == ["INV/2627/0000002"]

    async def test_a_void_document_is_counted_but_adds_nothing(self, storage: Storage) -> None:
        """
        Its number was issued, its amount was not.
        """
        await invoiced(storage, 1, day(1))
        await invoiced(storage, 2, day(2))
        (first,) = await kept(storage.unit_of_work, 1)
        async with storage.unit_of_work() as work:
            work.documents.register.cancel(first.document, Cancellation(at=NOON, why="a slip"))

        assert await runs(storage) == [
            run(DocumentKind.TAX_INVOICE, "INV/2627/0000001", "INV/2627/0000002", 2, 1)
        ]
        assert (await control(storage)).total == Money(11_800_00)
        assert len(await numbers(storage)) == 2

    async def test_a_commercial_credit_is_in_no_total(self, storage: Storage) -> None:
        """
        It is among the documents, for whoever looks; no return knows it.
        """
        late = datetime(2027, 12, 1, 12, tzinfo=UTC)
        await invoiced(storage, 1, day(1))
        await refund(storage.unit_of_work, 1, "5900.00", late)
        december = ReturnPeriod(2027, 12)

        assert await numbers(storage, december) == ["CCR/2728/0000001"]
        assert await control(storage, december) == Sums()
        assert await runs(storage, december) == []

    async def test_what_is_issued_meanwhile_is_not_seen(self, storage: Storage) -> None:
        """
        Documents, runs and sums are all of the moment the month was opened.
        """
        await invoiced(storage, 1, day(1))
        async with storage.periods(SELLER, NOVEMBER) as register:
            before = await register.control()
            await invoiced(storage, 2, day(2))

            assert len([each async for each in register.documents()]) == 1
            assert await register.control() == before
            assert [each.total for each in await register.runs()] == [1]
