"""Asking the bank on a student's behalf: the answer settles the payment even if the student will not wait."""

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
    One question, settled when answered.

    A silent bank must not keep a person before a blank page: after *patience* the asker goes on, and
    the question goes on without them.
    """

    def __init__(self, read_order: ReadOrder, apply: ApplyOrderStatus, patience: timedelta) -> None:
        self._read_order, self._settle, self._patience = read_order, apply, patience
        self._under_way: set[asyncio.Task[bool]] = set()

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> bool:
        """Return whether the bank answered in time and its answer is settled."""
        question = asyncio.create_task(self._ask(payment, student, origin))
        self._under_way.add(question)
        question.add_done_callback(self._ended)
        answered, _ = await asyncio.wait({question}, timeout=self._patience.total_seconds())
        return question in answered and await question

    async def _ask(self, payment: PaymentId, student: StudentId, origin: Origin) -> bool:
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
        await self._settle(facts, origin)
        return True

    def _ended(self, question: asyncio.Task[bool]) -> None:
        self._under_way.discard(question)
        if not question.cancelled() and (error := question.exception()) is not None:
            log.warning("order_status.not_applied", extra={"error": type(error).__name__})
