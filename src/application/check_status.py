"""The student asks how it stands: the answer is fresh from the bank while the payment is not final."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from application.read_order import ReadOrder
from application.settle_payment import SettlePayment
from domain.identifiers import PaymentId, StudentId
from domain.payment_state import State
from ports.audit_log import Origin
from ports.bank_questions import BankQuestions
from ports.clock import Clock
from ports.payment_gateway import GatewayTrouble
from ports.payment_queries import PaymentQueries, StatusView

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckStatus:
    queries: PaymentQueries
    questions: BankQuestions
    read_order: ReadOrder
    settle: SettlePayment
    clock: Clock
    least_interval: timedelta

    async def __call__(self, payment: PaymentId, student: StudentId, origin: Origin) -> StatusView:
        """
        Return the payment as its student may see it, or raise ``NotFound``.

        The bank is asked first when the payment is pending or processing, at most once in
        *least_interval* however many ask; without its answer the view says what is known.
        """
        view = await self.queries.status(payment, student)
        if not State(view.status).is_live:
            return view
        at = self.clock.now()
        if not await self.questions.may_ask(payment, at, not_since=at - self.least_interval):
            return view
        try:
            facts = await self.read_order(payment, student)
        except GatewayTrouble as trouble:
            log.warning(
                "no answer from the bank on a status question",
                extra={"payment": payment, "trouble": type(trouble).__name__},
            )
            return view
        await self.settle(facts, origin)
        return await self.queries.status(payment, student)
