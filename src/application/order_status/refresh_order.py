"""Refresh a payment for a waiting student: the bank's answer is applied even after the student's wait ends."""

import asyncio
import logging
from datetime import timedelta

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from domain.identifiers import PaymentId, StudentId
from ports.audit_log import Origin
from ports.payments.payment_gateway import GatewayFailure

log = logging.getLogger(__name__)


class RefreshOrder:
    """
    One read of the order, applied when it is answered.

    The caller waits for at most *patience*, so that a student gets their page although the bank does
    not answer. The read continues without the caller, and its answer is applied.
    """

    def __init__(self, read_order: ReadOrder, apply: ApplyOrderStatus, patience: timedelta) -> None:
        self._read_order, self._apply, self._patience = read_order, apply, patience
        self._running: set[asyncio.Task[bool]] = set()

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> bool:
        """Return whether the bank answered in time and its answer is applied."""
        refresh = asyncio.create_task(self._refresh(payment, student, origin))
        self._running.add(refresh)
        refresh.add_done_callback(self._ended)
        answered, _ = await asyncio.wait({refresh}, timeout=self._patience.total_seconds())
        return refresh in answered and await refresh

    async def _refresh(self, payment: PaymentId, student: StudentId, origin: Origin) -> bool:
        try:
            facts = await self._read_order(payment, student)
        except GatewayFailure as gateway_failure:
            log.warning(
                "order_status.unanswered",
                extra={
                    "payment": payment,
                    "trouble": type(gateway_failure).__name__,
                    "source": origin.source,
                },
            )
            return False
        await self._apply(facts, origin)
        return True

    def _ended(self, refresh: asyncio.Task[bool]) -> None:
        self._running.discard(refresh)
        if not refresh.cancelled() and (error := refresh.exception()) is not None:
            log.warning("order_status.not_applied", extra={"error": type(error).__name__})
