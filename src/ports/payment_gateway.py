"""The bank's payment page, as the use cases need it: open a session for an order, ask how the order stands."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.payment import GatewayOrder, Student


class GatewayTrouble(DomainError):
    """The gateway did not do what was asked; subclasses say what that means for the money."""

    def __init__(self, detail: str = "", *, response_id: str = "") -> None:
        self.detail, self.response_id = detail, response_id
        super().__init__(f"{type(self).__doc__} {detail}".strip())


class GatewayDown(GatewayTrouble):
    """The gateway cannot be reached, or answers with something that is not its protocol."""


class GatewayBusy(GatewayTrouble):
    """The gateway asks us to slow down."""

    def __init__(
        self, detail: str = "", *, response_id: str = "", retry_after: timedelta | None = None
    ) -> None:
        self.retry_after = retry_after
        GatewayTrouble.__init__(self, detail, response_id=response_id)


class GatewayUnclear(GatewayTrouble):
    """The request may or may not have taken effect: ask about the order before anything else."""


class GatewayDenied(GatewayTrouble):
    """The gateway does not accept our credentials or our address; operators have to act."""


class GatewayRefused(GatewayTrouble):
    """The gateway calls the request itself invalid; sending it again will not help."""

    def __init__(
        self, detail: str = "", *, response_id: str = "", fields: tuple[str, ...] = ()
    ) -> None:
        self.fields = fields
        GatewayTrouble.__init__(self, detail, response_id=response_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What the bank has to know to let *student* pay *amount* within *lifetime*."""

    payment: PaymentId
    student: Student
    amount: Money
    description: str
    lifetime: timedelta


class PaymentGateway(Protocol):
    async def create_session(self, order: NewOrder) -> GatewayOrder:
        """
        Open a payment page for *order* and return where it is.

        Asking again for the same order with the same content opens the same order again; only what
        is left of its lifetime may have shrunk. Raises
        ``GatewayDown``, ``GatewayBusy``, ``GatewayDenied`` or ``GatewayRefused`` when no page was
        opened, ``GatewayUnclear`` when that is not known.
        """
        ...

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        """
        Return how the order stands at the bank now; an order the bank never heard of is a verdict.

        Reading changes nothing and may be repeated. Raises ``GatewayDown``, ``GatewayBusy`` or
        ``GatewayDenied`` when there was no answer; a missing answer says nothing about the money.
        """
        ...
