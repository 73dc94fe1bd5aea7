"""A mail server that keeps every letter in a list, or does with it what a test planned."""

from dataclasses import dataclass, field

from domain.payment import Payment
from ports.email_sender import Email, EmailDelayed, EmailRefused


@dataclass(slots=True)
class Mailbag:
    letters: list[Email] = field(default_factory=list)
    trouble: list[EmailDelayed | EmailRefused] = field(default_factory=list)

    async def send(self, email: Email) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.letters.append(email)


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
