"""Letters in as few words as can be told apart."""

from dataclasses import dataclass

from domain.payment import Payment
from ports.email_sender import Email


@dataclass(frozen=True, slots=True)
class PlainTexts:
    """The shortest letters that can be told apart."""

    def payment_confirmation(self, payment: Payment) -> Email:
        said = f"{payment.quote.course_title}: {payment.quote.payable.plain()}"
        return Email(
            message_id=f"<{payment.id}@example.com>",
            to=payment.student.email,
            subject="Paid",
            text=said,
            html=f"<p>{said}</p>",
        )
