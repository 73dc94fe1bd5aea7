"""The texts of our emails, the same in plain text and in HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.smtp import alert_email, reconciliation_email
from adapters.smtp.one_line import Line, cut, moment, one_line
from domain.catalogue.quote import Quote
from domain.documents.tax_document import DocumentKind, TaxDocument
from domain.money import Money
from domain.monitoring.alert_case import AlertCase
from domain.payments.payment import Payment
from domain.payments.payment_method import paid_by
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.tax.indian_states import SecondTax
from ports.notifications.email_sender import Email
from ports.notifications.email_texts import ReconciliationFigures
from ports.notifications.outbox import OutboxTask

SUBJECT_TITLE_MAX: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailBranding:
    """
    The seller's name, the address for support, and the public address of this service.

    *course_link* returns where a course is taken, None when no such address is known.
    """

    seller_name: str
    support_email: str
    public_url: str
    course_link: Callable[[str], str | None] = lambda _: None

    def payment_page(self, payment: Payment) -> str:
        """Return where the student sees the payment, after signing in."""
        return f"{self.public_url.rstrip('/')}/payments/{payment.id}"

    @property
    def host(self) -> str:
        host = urlsplit(self.public_url).hostname or "localhost"
        return f"[IPv6:{host}]" if ":" in host else host


class EmailTemplates:
    """Writes emails from the templates in the folder beside this file."""

    def __init__(self, email_branding: EmailBranding) -> None:
        self._branding = email_branding
        templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=select_autoescape(
                enabled_extensions=("html",), default=True, disabled_extensions=("txt",)
            ),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._text = templates.get_template("payment_confirmation.txt")
        self._html = templates.get_template("payment_confirmation.html")
        self._failure_text = templates.get_template("payment_failure.txt")
        self._failure_html = templates.get_template("payment_failure.html")
        self._reconciliation_text = templates.get_template("reconciliation_summary.txt")
        self._reconciliation_html = templates.get_template("reconciliation_summary.html")
        self._alert_text = templates.get_template("alert.txt")
        self._alert_html = templates.get_template("alert.html")
        self._refund_text = templates.get_template("refund.txt")
        self._refund_html = templates.get_template("refund.html")

    def payment_confirmation(self, payment: Payment, attached: TaxDocument | None = None) -> Email:
        head, quote = self._branding, payment.quote
        title = one_line(quote.course_title)
        words = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "free": quote.is_free,
            "paid": str(payment.captured or quote.payable),
            "price": _price_lines(quote),
            "reference": _reference_lines(payment),
            "course_link": head.course_link(quote.course) or "",
            "link": head.payment_page(payment),
            "enclosed": _enclosed_line(attached),
        }
        what = "Your course is open" if quote.is_free else "Payment received"
        return Email(
            message_id=f"<{OutboxTask.PAYMENT_CONFIRMATION}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"{what}: {cut(title, SUBJECT_TITLE_MAX)}",
            text=self._text.render(words),
            html=self._html.render(words),
        )

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        head, title = self._branding, one_line(payment.quote.course_title)
        words = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "amount": str(payment.quote.payable),
            "advice": _advice(payment),
            "until": moment(retry_until) if retry_until else "",
            "link": head.payment_page(payment),
            "reference": [
                Line("Amount", str(payment.quote.payable), strong=True),
                Line("Reference", payment.id),
                Line("Date", moment(payment.closed_at or payment.opened_at)),
            ],
        }
        return Email(
            message_id=f"<{OutboxTask.PAYMENT_FAILURE}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"Payment not completed: {cut(title, SUBJECT_TITLE_MAX)}",
            text=self._failure_text.render(words),
            html=self._failure_html.render(words),
        )

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        return self._refund_email(
            OutboxTask.REFUND_REQUESTED,
            payment,
            refund,
            headline="Your refund is on its way",
            message=f"The bank is giving {refund.amount} back to the account or card you paid with:",
        )

    def refund_confirmation(
        self, payment: Payment, refund: Refund, attached: TaxDocument | None = None
    ) -> Email:
        return self._refund_email(
            OutboxTask.REFUND_CONFIRMATION,
            payment,
            refund,
            headline="Refund completed",
            message=f"The bank has given {refund.amount} back to the account or card you paid with:",
            attached=attached,
        )

    def reconciliation_summary(self, figures: ReconciliationFigures, to: str) -> Email:
        head = self._branding
        about = {
            **reconciliation_email.words(figures),
            "seller": one_line(head.seller_name),
            "title": reconciliation_email.subject(figures),
            "link": head.public_url.rstrip("/") + figures.page,
        }
        return Email(
            message_id=f"<reconciliation_summary.{figures.run}@{head.host}>",
            to=to,
            subject=reconciliation_email.subject(figures),
            text=self._reconciliation_text.render(about),
            html=self._reconciliation_html.render(about),
        )

    def alert(self, alert: AlertCase, change: str, to: str) -> Email:
        head, state = self._branding, change.rpartition("/")[2]
        title = alert_email.subject(alert, state)
        about = {
            **alert_email.words(alert, state),
            "seller": one_line(head.seller_name),
            "title": title,
            "link": f"{head.public_url.rstrip('/')}/console/monitoring",
        }
        return Email(
            message_id=f"<alert.{change.replace('/', '.')}@{head.host}>",
            to=to,
            subject=title,
            text=self._alert_text.render(about),
            html=self._alert_html.render(about),
        )

    def _refund_email(
        self,
        task: OutboxTask,
        payment: Payment,
        refund: Refund,
        *,
        headline: str,
        message: str,
        attached: TaxDocument | None = None,
    ) -> Email:
        head, title = self._branding, one_line(payment.quote.course_title)
        ended = payment.state is State.REFUNDED or refund.revokes
        words = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "headline": headline,
            "message": message,
            "link": head.payment_page(payment),
            "reference": _refund_lines(payment, refund),
            "closing": _CLOSED[task] if ended else "",
            "enclosed": _enclosed_line(attached),
        }
        return Email(
            message_id=f"<{task}.{_id_part(refund.id)}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"{headline}: {cut(title, SUBJECT_TITLE_MAX)}",
            text=self._refund_text.render(words),
            html=self._refund_html.render(words),
        )


_CLOSED: Final = {
    OutboxTask.REFUND_REQUESTED: "The course stays open until the money is back.",
    OutboxTask.REFUND_CONFIRMATION: "The course is closed to you now.",
}


_ENCLOSED: Final = {
    DocumentKind.TAX_INVOICE: "Your tax invoice {number} is attached.",
    DocumentKind.BILL_OF_SUPPLY: "Your bill of supply {number} is attached.",
    DocumentKind.CREDIT_NOTE: "Your credit note {number} is attached.",
    DocumentKind.COMMERCIAL_CREDIT: "Your credit note {number} is attached.",
}


def _enclosed_line(attached: TaxDocument | None) -> str:
    return _ENCLOSED[attached.kind].format(number=attached.number) if attached else ""


def _refund_lines(payment: Payment, refund: Refund) -> Sequence[Line]:
    lines = [Line("Refund", str(refund.amount), strong=True), Line("Paid", str(payment.captured))]
    if refund.amount != payment.refunds.went_back and payment.refunds.went_back:
        lines.append(Line("Given back so far", str(payment.refunds.went_back)))
    lines += [Line("Reference", payment.id), Line("Refund id", one_line(refund.id))]
    if refund.arn:
        # The student's own bank finds the money by this number.
        lines.append(Line("Acquirer reference (ARN)", one_line(refund.arn)))
    elif refund.bank_reference:
        lines.append(Line("Bank reference", one_line(refund.bank_reference)))
    return [*lines, Line("Expected in your account by", f"{refund.expected_on:%d %B %Y}")]


def _advice(payment: Payment) -> str:
    """Return why nothing was paid and what the student can do, without the words of the bank."""
    if payment.is_under_review:
        return "Our team is having a second look at it. Please do not pay again before we write to you."
    return payment.failure.hint if payment.failure else "Try again, or use another way to pay."


def _id_part(text: str) -> str:
    """Return *text* as a part of a message id; every other character than ASCII letters and digits is a hyphen."""
    return "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in text)


def _price_lines(quote: Quote) -> Sequence[Line]:
    lines = [Line("Course fee", str(quote.list_price))]
    if quote.discount:
        lines.append(
            Line(
                f"Discount ({one_line(quote.discount_code or '')})",
                f"\N{MINUS SIGN}{quote.discount}",
            )
        )
    if quote.is_free:
        return [*lines, Line("To pay", str(quote.payable), strong=True)]
    second = quote.second_tax or SecondTax.SGST
    heads: tuple[tuple[str, Money], ...] = (
        ("CGST", quote.cgst),
        (second.value, quote.sgst),
        ("IGST", quote.igst),
    )
    lines.append(Line("Taxable value", str(quote.taxable)))
    lines += [Line(label, str(tax)) for label, tax in heads if tax]
    return [*lines, Line("Amount paid", str(quote.payable), strong=True)]


def _reference_lines(payment: Payment) -> Sequence[Line]:
    capture = payment.capture
    at = capture.at if capture else payment.closed_at or payment.opened_at
    lines = [Line("Reference", payment.id)]
    if capture is not None:
        if capture.bank_reference or capture.bank_txn_id:
            lines.append(
                Line("Bank reference", one_line(capture.bank_reference or capture.bank_txn_id))
            )
        if method := one_line(paid_by(capture.instrument)):
            lines.append(Line("Paid by", method))
    return [*lines, Line("Date", moment(at))]
