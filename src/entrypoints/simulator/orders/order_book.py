"""All orders of the simulated gateway, in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from entrypoints.simulator.orders.order import Order

ORDERS_KEPT_MAX: Final = 100_000


@dataclass(slots=True)
class OrderBook:
    """Order ids are compared without regard to case, as the gateway does."""

    _by_order_id: dict[str, Order] = field(default_factory=dict)
    _by_id: dict[str, Order] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._by_id.values())

    def add(self, order: Order) -> None:
        self._by_order_id[order.request.order_id.casefold()] = order
        self._by_id[order.id] = order
        if len(self._by_id) > ORDERS_KEPT_MAX:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            del self._by_order_id[oldest.request.order_id.casefold()]

    def by_order_id(self, order_id: str) -> Order | None:
        return self._by_order_id.get(order_id.casefold())

    def by_txn_id(self, txn_id: str) -> Order | None:
        """Return the order that this attempt paid, ``{merchant}-{order}-{attempt}``."""
        order_id, _, _ = txn_id.rpartition("-")
        order = self.by_order_id(order_id.rpartition("-")[2])
        known = order and any(attempt.txn_id == txn_id for attempt in order.attempts)
        return order if known else None

    def by_id(self, gateway_id: str) -> Order | None:
        return self._by_id.get(gateway_id)
