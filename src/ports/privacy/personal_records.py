"""Everything personal that is kept of one student: read as a whole, and erased where no law keeps it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from domain.identifiers import PaymentId, StudentId
from domain.payments.consent import Consent
from domain.privacy.erasure import ErasurePlan, PersonalPayment
from ports.audit_log import AuditEntry
from ports.notifications.outbox import OutboxTask

EMAILS: Final = frozenset(
    {
        OutboxTask.PAYMENT_CONFIRMATION,
        OutboxTask.PAYMENT_FAILURE,
        OutboxTask.REFUND_REQUESTED,
        OutboxTask.REFUND_CONFIRMATION,
    }
)
"""The emails to students."""

ERASED_NAME: Final = "Erased"
ERASED_EMAIL: Final = "erased@erased.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord:
    """A payment with what is personal in it, and what the student agreed to; amounts in rupees."""

    payment: PaymentId
    opened_at: datetime
    course: str
    state: str
    payable: str
    name: str
    email: str
    phone: str
    bill_name: str
    bill_state: str
    bill_gstin: str
    bill_address: str
    method: str
    card_tail: str
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalFact:
    """
    Something about the student: *kind* and *what* it was, *at* an instant (UTC).

    An ``enrolment`` names its course, a ``document`` its number, an ``email`` and a ``webhook`` its task or type,
    a ``sign_in`` the browser and IP address, an ``act`` the action in the audit log, the browser and IP address.
    """

    at: datetime
    kind: str
    what: str
    payment: PaymentId | None = None
    browser: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecord:
    student: StudentId
    payments: Sequence[PaymentRecord]
    facts: Sequence[PersonalFact]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedCounts:
    """How many payments, sessions and addresses were emptied."""

    contact: int
    names: int
    sessions: int
    addresses: int


class PersonalRecords(Protocol):
    async def payments_of(self, student: StudentId) -> Sequence[PersonalPayment]:
        """Return what decides about the data of each payment of *student*."""
        ...

    async def everything_of(self, student: StudentId) -> PersonalRecord:
        """Return all that is kept of *student*, payments and facts in the order of time."""
        ...

    async def erase(
        self, plan: ErasurePlan, audit: Callable[[ErasedCounts], AuditEntry]
    ) -> ErasedCounts:
        """
        Erase what *plan* names with the entry that *audit* makes of the counts, all or nothing.

        Names and emails of its payments become ``ERASED_NAME`` and ``ERASED_EMAIL``. Sessions lose what they say of
        the person. Where the student's requests came from is emptied in entries of the audit log from before the
        plan's instant; sealed lines are proved as before. Raises ``ChangedMeanwhile`` when a payment has changed.
        """
        ...

    async def holds(self) -> Sequence[PaymentId]:
        """Return the payments under legal hold."""
        ...

    async def hold(self, payment: PaymentId, audit: AuditEntry) -> None:
        """Place a legal hold on *payment*; nothing of it is erased until it is released. Twice is once."""
        ...

    async def release(self, payment: PaymentId, audit: AuditEntry) -> None:
        """End the legal hold of *payment*, or raise ``NotFound``."""
        ...
