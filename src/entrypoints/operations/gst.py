"""GST returns exported, and tax documents issued or cancelled, from the command line."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from domain.business_day import business_day_of
from domain.documents.document_number import DocumentNumber
from domain.documents.tax_document import RegisteredDocument, TaxDocument
from domain.errors import DomainError
from domain.gst_returns.gstr1 import Gstr1
from domain.gst_returns.return_period import ReturnPeriod
from domain.identifiers import PaymentId, RefundId, is_payment_id
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.gst_returns.return_files import ReturnFormat

IN_MEMORY_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GstReport:
    """What was done in a sentence, or why nothing was."""

    summary: str = ""
    problem: str = ""


def export(settings: Settings, period: str, form: str, to: BinaryIO) -> GstReport:
    """Write the return of *period* in *form* to *to*, which stays as it is when there is none."""

    async def exported(container: Shulk) -> Gstr1:
        month = ReturnPeriod.parse(period)
        month.check_begun(business_day_of(container.clock().now()))
        with cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY_MAX)) as aside:
            totals: Gstr1 = (
                await container.use_cases()
                .gst_returns()
                .export_return()(month, ReturnFormat(form), aside, BY_COMMAND)
            )
            aside.seek(0)
            shutil.copyfileobj(aside, to)
        return totals

    try:
        totals = run_in_container(settings, exported)
    except DomainError as refusal:
        return GstReport(problem=f"{refusal}")
    return GstReport(summary=_told(totals, period))


def cancel(settings: Settings, number: str, why: str) -> GstReport:
    """Declare the document with *number* void."""

    async def cancelled(container: Shulk) -> TaxDocument:
        wanted = DocumentNumber.parse(number)
        document: TaxDocument = (
            await container.use_cases().documents().cancel_document()(wanted, why, BY_COMMAND)
        )
        return document

    try:
        document = run_in_container(settings, cancelled)
    except DomainError as refusal:
        return GstReport(problem=f"{refusal}")
    order = document.particulars.payment.order
    return GstReport(
        summary=f"{number} is void; `shulk gst issue {order}` issues what {order} then needs"
    )


def issue(settings: Settings, payment: str, refund: str | None) -> GstReport:
    """Issue the invoice of *payment*, or the note of its *refund*, unless that stands."""

    async def issued(container: Shulk) -> Sequence[RegisteredDocument]:
        use_cases, order = container.use_cases(), PaymentId(payment)
        if refund is None:
            await use_cases.documents().issue_invoice()(order)
        else:
            await use_cases.documents().issue_credit_note()(order, RefundId(refund))
        found: Sequence[RegisteredDocument] = await container.storage.documents().of_payment(order)
        return found

    if not is_payment_id(payment):
        return GstReport(problem="this is no transaction id")
    try:
        documents = run_in_container(settings, issued)
    except DomainError as refusal:
        return GstReport(problem=f"{refusal}")
    if not documents:
        return GstReport(problem=f"{payment} opened no course for money, so nothing is issued")
    return GstReport(summary="\n".join(map(_line, documents)))


def _line(registered: RegisteredDocument) -> str:
    document, void = registered.document, registered.cancelled
    said = f"{document.number}  {document.particulars.date}  {document.heads.total}"
    return f"{said}  void: {void.why}" if void else said


def _told(totals: Gstr1, period: str) -> str:
    documents = sum(totals.listed.values())
    listed = sum(count for table, count in totals.listed.items() if table.is_listed)
    return (
        f"GSTR-1 of {period}: {documents} documents, {listed} of them listed; taxable "
        f"{totals.net.taxable}, with tax {totals.net.total}; services tie with documents"
    )
