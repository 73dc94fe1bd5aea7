"""The worked month of the reference: five invoices and three notes of November 2026 that tie out to the paisa."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import Particulars, RegisteredDocument
from domain.gst_returns.return_period import ReturnPeriod
from domain.payments.payment import Payment
from domain.tax.gst import PriceMode
from fakes.documents.issued import POLICY, a_buyer, a_company, paid_back, sold
from fakes.samples import payment_id
from ports.unit_of_work import UnitOfWork

NOVEMBER: Final = ReturnPeriod(2026, 11)
BENGALURU: Final = "29AABCE5678K1Z2"


def day(number: int) -> datetime:
    return datetime(2026, 11, number, 6, 30, tzinfo=UTC)


def sales() -> Iterator[Payment]:
    """Yield what was sold, the first as payment 1."""
    yield sold(1, rupees="11800.00", buyer=a_buyer("27"), at=day(2))
    yield sold(2, rupees="999.00", buyer=a_buyer("27"), at=day(3))
    yield sold(
        3,
        rupees="9499.00",
        mode=PriceMode.EXCLUSIVE,
        buyer=a_buyer("29", BENGALURU),
        at=day(4),
    )
    yield sold(4, rupees="999.00", buyer=a_buyer("29"), at=day(5))
    yield sold(5, rupees="118000.00", buyer=a_buyer("07"), at=day(6))


REFUNDS: Final = ((3, "5604.41", 20), (5, "59000.00", 21), (1, "5900.00", 22))
"""Of which payment, how much, on which day of November."""


async def issue_the_month(unit_of_work: UnitOfWork) -> None:
    """Issue the eight documents in the order of the reference."""
    for payment in sales():
        assert payment.capture
        at = payment.capture.at
        await issue(unit_of_work, invoice_for(payment, a_company(), POLICY, at))
    for number, rupees, on in REFUNDS:
        await refund(unit_of_work, number, rupees, day(on))


async def refund(unit_of_work: UnitOfWork, number: int, rupees: str, at: datetime) -> None:
    async with unit_of_work() as work:
        invoice, *notes = await work.documents.register.of_payment(payment_id(number))
        paid = paid_back(rupees, f"RF{number}-{len(notes)}", at)
        work.documents.register.issue(
            credit_for(invoice.document, notes, paid, company=a_company(), policy=POLICY, at=at)
        )


async def issue(unit_of_work: UnitOfWork, said: Particulars) -> None:
    async with unit_of_work() as work:
        work.documents.register.issue(said)


async def kept(unit_of_work: UnitOfWork, number: int) -> list[RegisteredDocument]:
    async with unit_of_work() as work:
        return list(await work.documents.register.of_payment(payment_id(number)))
