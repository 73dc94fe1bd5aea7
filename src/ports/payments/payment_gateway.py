"""The bank, as the use cases need it: open a page to pay on, ask how an order stands, give money back."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.money import Money
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import GatewayOrder, Student


class GatewayOperation(StrEnum):
    """The calls that a gateway takes, one for each method of ``PaymentGateway``."""

    CREATE_SESSION = "create_session"
    READ_ORDER = "read_order"
    REFUND = "refund"


class GatewayFailure(DomainError):
    """The gateway did not do what was asked; subclasses say what that means for the money."""

    def __init__(self, detail: str = "", *, response_id: str = "") -> None:
        self.detail, self.response_id = detail, response_id
        super().__init__(f"{type(self).__doc__} {detail}".strip())


class GatewayDown(GatewayFailure):
    """The gateway cannot be reached, or answers with something that is not its protocol."""


class GatewaySuspended(GatewayDown):
    """The gateway has not answered lately and is left alone for a while: it was not asked."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        GatewayFailure.__init__(self)


class GatewayBusy(GatewayFailure):
    """The gateway asks us to slow down."""

    def __init__(
        self, detail: str = "", *, response_id: str = "", retry_after: timedelta | None = None
    ) -> None:
        self.retry_after = retry_after
        GatewayFailure.__init__(self, detail, response_id=response_id)


class GatewayOutcomeUnknown(GatewayFailure):
    """The request may or may not have taken effect: ask about the order before anything else."""


class GatewayDuplicate(GatewayOutcomeUnknown):
    """The gateway knows this request's id, or is busy with one just like it: look before anything else."""


class GatewayDenied(GatewayFailure):
    """The gateway does not accept our credentials or our address; operators have to act."""


class GatewayRefused(GatewayFailure):
    """The gateway calls the request itself invalid; sending it again will not help."""

    def __init__(
        self, detail: str = "", *, response_id: str = "", fields: tuple[str, ...] = ()
    ) -> None:
        self.fields = fields
        GatewayFailure.__init__(self, detail, response_id=response_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What the bank has to know to let *student* pay *amount* within *lifetime*."""

    payment: PaymentId
    student: Student
    amount: Money
    description: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """
    What the bank has to know to give *amount* of *payment* back to *student*.

    *refund* is drawn and written down before the bank is asked, and never used for another one.
    """

    payment: PaymentId
    student: StudentId
    refund: RefundId
    amount: Money


class PaymentGateway(Protocol):
    async def create_session(self, order: NewOrder) -> GatewayOrder:
        """
        Open a payment page for *order* and return where it is.

        Asking again for the same order with the same content opens the same order again; only what
        is left of its lifetime may have shrunk. Raises
        ``GatewayDown``, ``GatewayBusy``, ``GatewayDenied`` or ``GatewayRefused`` when no page was
        opened, ``GatewayOutcomeUnknown`` when that is not known.
        """
        ...

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        """
        Return how the order stands at the bank now; an order the bank never heard of is a verdict.

        Reading changes nothing and may be repeated. Raises ``GatewayDown``, ``GatewayBusy`` or
        ``GatewayDenied`` when there was no answer; a missing answer says nothing about the money.
        """
        ...

    async def refund(self, order: RefundOrder) -> OrderFacts:
        """
        Ask the bank to give money back and return how the order stands then, this refund included.

        The same order may be asked for again when it is not known what became of the first time: it
        is never carried out twice. Raises ``GatewayOutcomeUnknown`` when it is not known whether the bank
        has it; ``GatewayDuplicate``, one of those, when the bank knows the id already or is busy with
        a refund just like it. Raises ``GatewayRefused`` when the bank would not take it this time:
        that it does not have it from an earlier time, only a read proves. Raises ``GatewayDown``,
        ``GatewayBusy`` or ``GatewayDenied`` when nothing was done this time.
        """
        ...
