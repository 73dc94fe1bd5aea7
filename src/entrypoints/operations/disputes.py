"""Payments with an open dispute, as the command line lists them."""

from collections.abc import Sequence

from domain.payments.dispute_state import DisputeState
from entrypoints.operations.pages import Page, first_items
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.refunds.refund_queries import DisputeCursor, DisputedPayment, RefundQueries


def find_disputes(settings: Settings, state: str | None, at_most: int) -> Sequence[DisputedPayment]:
    """Return at most so many disputed payments, earliest deadline first, only those in *state* when given."""

    async def read(container: Shulk) -> Sequence[DisputedPayment]:
        queries: RefundQueries = container.storage.refund_queries()
        wanted = DisputeState(state) if state else None

        async def page(
            after: DisputeCursor | None, at_most: int
        ) -> Page[DisputedPayment, DisputeCursor]:
            return await queries.disputed(after=after, state=wanted, at_most=at_most)

        return await first_items(page, at_most)

    return run_in_container(settings, read)
