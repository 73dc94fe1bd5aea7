"""Letters in as few words as can be told apart."""

from dataclasses import dataclass
from datetime import datetime

from domain.documents.tax_document import TaxDocument
from domain.monitoring.alert_case import AlertCase
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from ports.notifications.email_sender import Email
from ports.notifications.email_texts import ReconciliationFigures


@dataclass(frozen=True, slots=True)
class PlainTexts:
    """The shortest letters that can be told apart."""

    def payment_confirmation(self, payment: Payment, attached: TaxDocument | None = None) -> Email:
        said = f"{payment.quote.course_title}: {payment.quote.payable.plain()}" + _named(attached)
        return Email(
            message_id=f"<{payment.id}@example.com>",
            to=payment.student.email,
            subject="Paid",
            text=said,
            html=f"<p>{said}</p>",
        )

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        return Email(
            message_id=f"<{payment.id}.failed@example.com>",
            to=payment.student.email,
            subject="Not paid",
            text=f"{payment.quote.course_title}: try again until {retry_until}",
            html="<p></p>",
        )

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        return _about(payment, refund, "On its way back")

    def refund_confirmation(
        self, payment: Payment, refund: Refund, attached: TaxDocument | None = None
    ) -> Email:
        return _about(payment, refund, "Back", attached)

    def reconciliation_summary(self, figures: ReconciliationFigures, to: str) -> Email:
        return Email(
            message_id=f"<{figures.run}@example.com>",
            to=to,
            subject="Reconciled",
            text=figures.settled.plain(),
            html="<p></p>",
        )

    def alert(self, alert: AlertCase, change: str, to: str) -> Email:
        return Email(
            message_id=f"<{change}@example.com>",
            to=to,
            subject="Alert",
            text=f"{alert.rule} {change}",
            html="<p></p>",
        )


def _named(attached: TaxDocument | None) -> str:
    return f" ({attached.number})" if attached else ""


def _about(
    payment: Payment, refund: Refund, subject: str, attached: TaxDocument | None = None
) -> Email:
    said = f"{payment.quote.course_title}: {refund.amount.plain()} {refund.arn}".strip()
    said += _named(attached)
    return Email(
        message_id=f"<{refund.id}.{len(subject)}@example.com>",
        to=payment.student.email,
        subject=subject,
        text=said,
        html=f"<p>{said}</p>",
    )
