"""Sessions whose time ran out: ask the bank a last time before letting go, and look again at what came to nothing."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.read_order import ReadOrder
from application.settle_payment import SettlePayment
from application.side_by_side import side_by_side
from application.unsold import UNSOLD_WATCHED_FOR
from ports.audit_log import Origin, Source
from ports.bank_questions import BankQuestion, BankQuestions
from ports.clock import Clock
from ports.payment_gateway import GatewayTrouble

log = logging.getLogger(__name__)

ASKED_PER_RUN_MAX: Final = 64
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
        Settle one batch of overdue and recently unsold payments; return how many were asked about.

        One that the bank is still busy with stays as it is, and so does one the bank gave no answer
        for: silence expires nothing. A payment given up as failed or expired is asked about for a
        day more, because its page at the bank may have taken the money after all.
        """
        at = self.clock.now()
        not_since = at - ASKED_AGAIN_AFTER
        overdue = await self.questions.claim_overdue(
            at, not_since=not_since, at_most=ASKED_PER_RUN_MAX
        )
        unsold = await self.questions.claim_unsold(
            at,
            not_since=not_since,
            closed_since=at - UNSOLD_WATCHED_FOR,
            at_most=ASKED_PER_RUN_MAX,
        )
        questions = [*overdue, *unsold]
        await side_by_side(self._ask(question) for question in questions)
        return len(questions)

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
