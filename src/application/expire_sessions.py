"""Sessions whose time ran out: ask the bank one last time, then let go of the course's place and the code's slot."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.read_order import ReadOrder
from application.settle_payment import SettlePayment
from ports.audit_log import Origin, Source
from ports.bank_questions import BankQuestion, BankQuestions
from ports.clock import Clock
from ports.payment_gateway import GatewayTrouble

log = logging.getLogger(__name__)

LAPSED_PER_RUN_MAX: Final = 64
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
BY_EXPIRY: Final = Origin(actor="system", source=Source.EXPIRY)


@dataclass(frozen=True, slots=True)
class ExpireSessions:
    questions: BankQuestions
    read_order: ReadOrder
    settle: SettlePayment
    clock: Clock

    async def __call__(self) -> int:
        """
        Settle one batch of overdue payments by a last status read; return how many were asked about.

        One that the bank is still busy with stays as it is, and so does one the bank gave no answer
        for: silence expires nothing.
        """
        at = self.clock.now()
        overdue = await self.questions.claim_overdue(
            at, not_since=at - ASKED_AGAIN_AFTER, at_most=LAPSED_PER_RUN_MAX
        )
        await asyncio.gather(*(self._ask(question) for question in overdue))
        return len(overdue)

    async def _ask(self, question: BankQuestion) -> None:
        try:
            facts = await self.read_order(question.payment, question.student)
        except GatewayTrouble as trouble:
            log.warning(
                "no answer from the bank on an overdue session",
                extra={"payment": question.payment, "trouble": type(trouble).__name__},
            )
            return
        await self.settle(facts, BY_EXPIRY)
