"""Bodies of the served fake gateway: strict ones in, plain JSON out."""

from decimal import Decimal
from typing import Annotated, Final, cast

import msgspec
from litestar import Response
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from adapters.fake.orders import FakeOrder
from domain.identifiers import PaymentId
from domain.money import Money
from entrypoints.operations.fake_bank.served_bank import ServedBank

JsonObject = dict[str, object]
Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
TheBank = SkipValidation[NamedDependency[ServedBank]]


class Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body of the control API: an unknown field is an error."""


def the_bank(state: State) -> ServedBank:
    return cast("ServedBank", state.bank)


def json_answer(body: object, status: int = 200) -> Response[bytes]:
    return Response(ENCODER.encode(body), status_code=status, media_type="application/json")


def order_of(bank: ServedBank, order_id: str) -> FakeOrder:
    """Return the order, or raise the control API's 404."""
    if (order := bank.gateway.orders.get(PaymentId(order_id))) is None:
        raise NotFoundException("no such order")
    return order


def where(order: FakeOrder) -> JsonObject:
    """Return what every answer about an order begins with; the words are the fake gateway's."""
    return {
        "order_id": order.asked.payment,
        "id": f"fake_{order.asked.payment}",
        "status": order.facts.word,
        "status_id": order.facts.word_id,
    }


def rupees(amount: Money) -> int | Decimal:
    """Return *amount* as the simulator writes it: 1499.5, 100.15, 1."""
    exact = amount.rupees
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()
