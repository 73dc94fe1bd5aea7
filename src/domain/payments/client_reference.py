"""What the platform calls a purchase: its own order number, which it can find the payments by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from domain.catalogue.course import CourseId
from domain.errors import DomainError
from domain.identifiers import PaymentId, StudentId
from domain.text.opaque_id import is_opaque_id

CLIENT_REFERENCE_MAX: Final = 100


class ClientReferenceInvalid(DomainError):
    """The text cannot be a reference: it is too long, holds a blank or a sign outside ASCII, or is a card number."""

    def __init__(self) -> None:
        super().__init__(
            f"a client reference is 1 to {CLIENT_REFERENCE_MAX} printable ASCII characters without blanks,"
            " and no card number"
        )


class ClientReferenceConflict(StrEnum):
    """Why a reference cannot name another payment."""

    OTHER_PURCHASE = "other_purchase"
    """It names a purchase of another student or of another course."""

    SOLD = "sold"
    """A payment that bears it was successful: the next purchase has a reference of its own."""


class ClientReferenceUsed(DomainError):
    """The reference names another purchase; *payment* is the first that bore it."""

    def __init__(self, text: str, payment: PaymentId, reason: ClientReferenceConflict) -> None:
        self.text, self.payment, self.reason = text, payment, reason
        super().__init__(f"the client reference {text} names another purchase already")


@dataclass(frozen=True, slots=True)
class ClientReference:
    """
    The platform's own name for a purchase, that is of one course for one student, until it is sold once.

    Every payment that was begun for the purchase bears it. *first* is the first of them, None for that
    one itself.
    """

    text: str
    first: PaymentId | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the reference that nobody bears yet, or raise ``ClientReferenceInvalid``."""
        if " " in text or not is_opaque_id(text, CLIENT_REFERENCE_MAX):
            raise ClientReferenceInvalid
        return cls(text)

    def of_another(self, payment: PaymentId) -> Self:
        """Return it for a further payment of the same purchase; *payment* bears it now."""
        return type(self)(self.text, self.first or payment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencedPurchase:
    """What bears a reference: its *first* payment, of which *student* and *course*, and whether it was *sold*."""

    first: PaymentId
    student: StudentId
    course: CourseId
    sold: bool

    def check(self, text: str, student: StudentId, course: CourseId) -> None:
        """Return when a payment of *student* for *course* may bear *text* too, or raise ``ClientReferenceUsed``."""
        if (self.student, self.course) != (student, course):
            raise ClientReferenceUsed(text, self.first, ClientReferenceConflict.OTHER_PURCHASE)
        if self.sold:
            raise ClientReferenceUsed(text, self.first, ClientReferenceConflict.SOLD)


def reference_for(
    asked: ClientReference | None,
    borne_by: ReferencedPurchase | None,
    student: StudentId,
    course: CourseId,
) -> ClientReference | None:
    """Return *asked* as a payment of *student* for *course* bears it, or raise ``ClientReferenceUsed``."""
    if asked is None or borne_by is None:
        return asked
    borne_by.check(asked.text, student, course)
    return ClientReference(asked.text, borne_by.first)
