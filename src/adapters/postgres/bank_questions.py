"""When the bank was last asked about an order, kept beside the payment and outside its version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, literal, or_, select, update

from adapters.postgres.database import Database
from adapters.postgres.prepared import prepare
from adapters.postgres.tables import LIVE, payment
from domain.identifiers import PaymentId, StudentId
from ports.bank_questions import BankQuestion

_long_ago = or_(payment.c.asked_at.is_(None), payment.c.asked_at <= bindparam("not_since"))
MAY_ASK = prepare(
    update(payment)
    .where(payment.c.id == bindparam("wanted"), _long_ago)
    .values(asked_at=bindparam("at"))
    .returning(literal(1))
)
_overdue = (
    select(payment.c.id, payment.c.asked_at)
    .where(LIVE, payment.c.expires_at <= bindparam("at"), _long_ago)
    .order_by(payment.c.asked_at.asc().nulls_first())
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("overdue")
)
CLAIM_OVERDUE = prepare(
    update(payment)
    .where(payment.c.id == _overdue.c.id)
    .values(asked_at=bindparam("at"))
    .returning(payment.c.id, payment.c.student_id, _overdue.c.asked_at)
)


@dataclass(frozen=True, slots=True)
class PostgresBankQuestions:
    database: Database

    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        return bool(await self.database.fetch(MAY_ASK, wanted=payment, at=at, not_since=not_since))

    async def claim_overdue(
        self, at: datetime, *, not_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        rows = await self.database.fetch(CLAIM_OVERDUE, at=at, not_since=not_since, at_most=at_most)
        # What an update returns comes in no promised order.
        rows = sorted(rows, key=lambda row: (row["asked_at"] is not None, row["asked_at"] or at))
        return [BankQuestion(PaymentId(row["id"]), StudentId(row["student_id"])) for row in rows]
