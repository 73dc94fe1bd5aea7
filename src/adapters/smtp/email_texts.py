"""The texts of our emails, the same in plain text and in HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.smtp import alert_email, reconciliation_email
from adapters.smtp.one_line import Line, cut, moment, on_day, one_line
from domain.catalogue.quote import Quote
from domain.documents.tax_document import DocumentKind, TaxDocument
from domain.money import Money
from domain.monitoring.alert_case import AlertCase
from domain.payments.payment import Payment
from domain.payments.payment_method import paid_by
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.tax.indian_states import SecondTax
from domain.text.language import IN_ENGLISH, Language, Sentence, Translations
from ports.notifications.email_sender import Email
from ports.notifications.email_texts import ReconciliationFigures
from ports.notifications.outbox import OutboxTask

SUBJECT_TITLE_MAX: Final = 120

REVIEWED: Final = (
    "Our team is having a second look at it. Please do not pay again before we write to you."
)
OTHERWISE: Final = "Try again, or use another way to pay."
GOING_BACK: Final = "Your refund is on its way"
GONE_BACK: Final = "Refund completed"


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


class _Templates:
    """The templates in one language."""

    def __init__(self, say: Translations) -> None:
        self.say = say
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=select_autoescape(
                enabled_extensions=("html",), default=True, disabled_extensions=("txt",)
            ),
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]
            say, lambda one, many, count: one if count == 1 else many, newstyle=True
        )
        self._environment.globals |= {"language": say.language.value, "say": say}

    def text(self, name: str, about: Mapping[str, object]) -> str:
        return self._environment.get_template(f"{name}.txt").render(about)

    def html(self, name: str, about: Mapping[str, object]) -> str:
        return self._environment.get_template(f"{name}.html").render(about)


class EmailTemplates:
    """
    Writes emails from the templates in the folder beside this file.

    Students are written to in the language of their payment, all others in English.
    """

    def __init__(
        self,
        email_branding: EmailBranding,
        translations: Mapping[Language, Translations] = MappingProxyType({}),
    ) -> None:
        self._branding = email_branding
        self._in = {each: _Templates(translations.get(each, IN_ENGLISH)) for each in Language}

    def payment_confirmation(self, payment: Payment, attached: TaxDocument | None = None) -> Email:
        head, quote = self._branding, payment.quote
        words, title = self._in[payment.student.language], one_line(quote.course_title)
        say = words.say
        about = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "free": quote.is_free,
            "paid": str(payment.captured or quote.payable),
            "price": _price_lines(quote, say),
            "reference": _reference_lines(payment, say),
            "course_link": head.course_link(quote.course) or "",
            "link": head.payment_page(payment),
            "enclosed": _enclosed_line(attached, say),
        }
        what = say("Your course is open") if quote.is_free else say("Payment received")
        return Email(
            message_id=f"<{OutboxTask.PAYMENT_CONFIRMATION}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"{what}: {cut(title, SUBJECT_TITLE_MAX)}",
            text=words.text("payment_confirmation", about),
            html=words.html("payment_confirmation", about),
        )

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        head, title = self._branding, one_line(payment.quote.course_title)
        words = self._in[payment.student.language]
        say = words.say
        about = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "amount": str(payment.quote.payable),
            "advice": say(_advice(payment)),
            "until": moment(retry_until, say) if retry_until else "",
            "link": head.payment_page(payment),
            "reference": [
                Line(say("Amount"), str(payment.quote.payable), strong=True),
                Line(say("Reference"), payment.id),
                Line(say("Date"), moment(payment.closed_at or payment.opened_at, say)),
            ],
        }
        return Email(
            message_id=f"<{OutboxTask.PAYMENT_FAILURE}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"{say('Payment not completed')}: {cut(title, SUBJECT_TITLE_MAX)}",
            text=words.text("payment_failure", about),
            html=words.html("payment_failure", about),
        )

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        return self._refund_email(
            OutboxTask.REFUND_REQUESTED,
            payment,
            refund,
            headline=GOING_BACK,
            message=Sentence.of(
                "The bank is giving %(amount)s back to the account or card you paid with:",
                amount=refund.amount,
            ),
        )

    def refund_confirmation(
        self, payment: Payment, refund: Refund, attached: TaxDocument | None = None
    ) -> Email:
        return self._refund_email(
            OutboxTask.REFUND_CONFIRMATION,
            payment,
            refund,
            headline=GONE_BACK,
            message=Sentence.of(
                "The bank has given %(amount)s back to the account or card you paid with:",
                amount=refund.amount,
            ),
            attached=attached,
        )

    def reconciliation_summary(self, figures: ReconciliationFigures, to: str) -> Email:
        head, words = self._branding, self._in[Language.ENGLISH]
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
            text=words.text("reconciliation_summary", about),
            html=words.html("reconciliation_summary", about),
        )

    def alert(self, alert: AlertCase, change: str, to: str) -> Email:
        head, state = self._branding, change.rpartition("/")[2]
        words = self._in[Language.ENGLISH]
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
            text=words.text("alert", about),
            html=words.html("alert", about),
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
        words = self._in[payment.student.language]
        say = words.say
        ended = payment.state is State.REFUNDED or refund.revokes
        about = {
            "seller": one_line(head.seller_name),
            "support": parseaddr(head.support_email)[1],
            "name": one_line(payment.student.name),
            "title": title,
            "headline": say(headline),
            "message": say(message),
            "link": head.payment_page(payment),
            "reference": _refund_lines(payment, refund, say),
            "closing": say(CLOSED[task]) if ended else "",
            "enclosed": _enclosed_line(attached, say),
        }
        return Email(
            message_id=f"<{task}.{_id_part(refund.id)}.{payment.id}@{head.host}>",
            to=payment.student.email,
            subject=f"{say(headline)}: {cut(title, SUBJECT_TITLE_MAX)}",
            text=words.text("refund", about),
            html=words.html("refund", about),
        )


CLOSED: Final = {
    OutboxTask.REFUND_REQUESTED: "The course stays open until the money is back.",
    OutboxTask.REFUND_CONFIRMATION: "The course is closed to you now.",
}


ENCLOSED: Final = {
    DocumentKind.TAX_INVOICE: "Your tax invoice %(number)s is attached.",
    DocumentKind.BILL_OF_SUPPLY: "Your bill of supply %(number)s is attached.",
    DocumentKind.CREDIT_NOTE: "Your credit note %(number)s is attached.",
    DocumentKind.COMMERCIAL_CREDIT: "Your credit note %(number)s is attached.",
}


def _enclosed_line(attached: TaxDocument | None, say: Translations) -> str:
    return say(ENCLOSED[attached.kind], number=attached.number) if attached else ""


def _refund_lines(payment: Payment, refund: Refund, say: Translations) -> Sequence[Line]:
    lines = [
        Line(say("Refund"), str(refund.amount), strong=True),
        Line(say("Paid"), str(payment.captured)),
    ]
    if refund.amount != payment.refunds.went_back and payment.refunds.went_back:
        lines.append(Line(say("Given back so far"), str(payment.refunds.went_back)))
    lines += [
        Line(say("Reference"), payment.id),
        Line(say("Refund id"), one_line(refund.id)),
    ]
    if refund.arn:
        # The student's own bank finds the money by this number.
        lines.append(Line(say("Acquirer reference (ARN)"), one_line(refund.arn)))
    elif refund.bank_reference:
        lines.append(Line(say("Bank reference"), one_line(refund.bank_reference)))
    return [*lines, Line(say("Expected in your account by"), on_day(refund.expected_on, say))]


def _advice(payment: Payment) -> str:
    """Return why nothing was paid and what the student can do, without the words of the bank."""
    if payment.is_under_review:
        return REVIEWED
    return payment.failure.hint if payment.failure else OTHERWISE


def _id_part(text: str) -> str:
    """Return *text* as a part of a message id; every other character than ASCII letters and digits is a hyphen."""
    return "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in text)


def _price_lines(quote: Quote, say: Translations) -> Sequence[Line]:
    lines = [Line(say("Course fee"), str(quote.list_price))]
    if quote.discount:
        label = say("Discount (%(code)s)", code=one_line(quote.discount_code or ""))
        lines.append(Line(label, f"\N{MINUS SIGN}{quote.discount}"))
    if quote.is_free:
        return [*lines, Line(say("To pay"), str(quote.payable), strong=True)]
    second = quote.second_tax or SecondTax.SGST
    heads: tuple[tuple[str, Money], ...] = (
        ("CGST", quote.cgst),
        (second.value, quote.sgst),
        ("IGST", quote.igst),
    )
    lines.append(Line(say("Taxable value"), str(quote.taxable)))
    lines += [Line(label, str(tax)) for label, tax in heads if tax]
    return [*lines, Line(say("Amount paid"), str(quote.payable), strong=True)]


def _reference_lines(payment: Payment, say: Translations) -> Sequence[Line]:
    capture = payment.capture
    at = capture.at if capture else payment.closed_at or payment.opened_at
    lines = [Line(say("Reference"), payment.id)]
    if capture is not None:
        if capture.bank_reference or capture.bank_txn_id:
            reference = one_line(capture.bank_reference or capture.bank_txn_id)
            lines.append(Line(say("Bank reference"), reference))
        if method := one_line(paid_by(capture.instrument, say)):
            lines.append(Line(say("Paid by"), method))
    return [*lines, Line(say("Date"), moment(at, say))]
