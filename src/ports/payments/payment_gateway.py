"""The bank's gateway as the use cases need it: create a session, read an order, refund."""

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
    """The gateway did not answer before and is not called for a while: this call was not made."""

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
    """The request may or may not have taken effect: read the order before anything else."""


class GatewayDuplicate(GatewayOutcomeUnknown):
    """The gateway knows this request's id, or is busy with one just like it: read the order before anything else."""


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
    """An order that *student* can pay within *lifetime*; *payment* is its id at the bank."""

    payment: PaymentId
    student: Student
    amount: Money
    description: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """
    A refund of *amount* of *payment* to *student*.

    The id *refund* is written in our books before the bank is called, and used for this refund only.
    """

    payment: PaymentId
    student: StudentId
    refund: RefundId
    amount: Money


class PaymentGateway(Protocol):
    async def create_session(self, order: NewOrder) -> GatewayOrder:
        """
        Create the payment session of *order* and return it with the address of its page.

        The same call may be repeated with the same content, with a shorter lifetime only: it returns
        the same order. Raises

        - ``GatewayDown``, ``GatewayBusy``, ``GatewayDenied`` or ``GatewayRefused``: there is no session;
        - ``GatewayOutcomeUnknown``: there may be one.
        """
        ...

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        """
        Return the state of the order at the bank now; that the bank does not know it is an answer too.

        Reading changes nothing and may be repeated. Raises ``GatewayDown``, ``GatewayBusy`` or
        ``GatewayDenied`` when there was no answer; that says nothing about the money.
        """
        ...

    async def refund(self, order: RefundOrder) -> OrderFacts:
        """
        Request a refund and return the state of the order with this refund in it.

        The same call may be repeated: the bank never carries out one refund id twice. Raises

        - ``GatewayOutcomeUnknown``: the bank may have the refund;
        - ``GatewayDuplicate``, one of those: the bank knows the id, or works on a refund just like it;
        - ``GatewayRefused``: it did not accept this call; only a read proves that it has the refund
          from no earlier call;
        - ``GatewayDown``, ``GatewayBusy`` or ``GatewayDenied``: this call did nothing.
        """
        ...
