"""Payments with an open dispute, as the command line lists them."""

from collections.abc import Sequence
from typing import Final

from domain.payments.dispute_state import DisputeState
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.refunds.refund_queries import DisputeCursor, DisputedPayment, RefundQueries

PAGE: Final = 200


def find_disputes(settings: Settings, state: str | None, at_most: int) -> Sequence[DisputedPayment]:
    """Return at most so many disputed payments, earliest deadline first, only those in *state* when given."""

    async def read(container: Shulk) -> Sequence[DisputedPayment]:
        queries: RefundQueries = container.storage.refund_queries()
        wanted = DisputeState(state) if state else None
        found: list[DisputedPayment] = []
        after: DisputeCursor | None = None
        while len(found) < at_most:
            size = min(PAGE, at_most - len(found))
            page = await queries.disputed(after=after, state=wanted, at_most=size)
            found += page.items
            if (after := page.next) is None:
                break
        return found

    return run_in_container(settings, read)
