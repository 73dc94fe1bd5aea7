"""When the bank was last asked about an order, kept beside the payment and outside its version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    TextClause,
    bindparam,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from adapters.postgres.database import Database, Record
from adapters.postgres.prepared import Prepared, prepare
from adapters.postgres.tables import LIVE, UNSOLD, payment
from domain.identifiers import PaymentId, StudentId
from domain.payment import LAPSE_GRACE_MAX
from ports.bank_questions import BankQuestion

GRACE = f"interval '{LAPSE_GRACE_MAX.total_seconds():.0f} seconds'"

_long_ago = or_(payment.c.asked_at.is_(None), payment.c.asked_at <= bindparam("not_since"))
_lapsed = literal_column(
    f"payment.expires_at + least({GRACE}, payment.expires_at - payment.opened_at)",
    payment.c.expires_at.type,
)


def _rarely_since(beginning: str) -> ColumnElement[bool]:
    """Whether the last question is longer ago than a quarter of what lay between it and *beginning*."""
    due = literal_column(
        f"payment.asked_at + (payment.asked_at - payment.{beginning}) / 4", payment.c.asked_at.type
    )
    return or_(payment.c.asked_at.is_(None), due <= bindparam("at"))


def _claim(*due: ColumnElement[bool] | TextClause) -> Prepared:
    claimed = (
        select(payment.c.id, payment.c.asked_at)
        .where(*due, _long_ago)
        .order_by(payment.c.asked_at.asc().nulls_first())
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
        .cte("claimed")
    )
    return prepare(
        update(payment)
        .where(payment.c.id == claimed.c.id)
        .values(asked_at=bindparam("at"))
        .returning(payment.c.id, payment.c.student_id, claimed.c.asked_at)
    )


MAY_ASK = prepare(
    update(payment)
    .where(payment.c.id == bindparam("wanted"), _long_ago)
    .values(asked_at=bindparam("at"))
    .returning(literal(1))
)
CLAIM_OVERDUE = _claim(
    LIVE,
    payment.c.expires_at <= bindparam("at"),
    _lapsed <= bindparam("at"),
    _rarely_since("expires_at"),
)
CLAIM_UNSOLD = _claim(
    UNSOLD, payment.c.closed_at > bindparam("closed_since"), _rarely_since("closed_at")
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
        return _questions(rows, at)

    async def claim_unsold(
        self, at: datetime, *, not_since: datetime, closed_since: datetime, at_most: int
    ) -> Sequence[BankQuestion]:
        rows = await self.database.fetch(
            CLAIM_UNSOLD, at=at, not_since=not_since, closed_since=closed_since, at_most=at_most
        )
        return _questions(rows, at)


def _questions(rows: Sequence[Record], at: datetime) -> list[BankQuestion]:
    # What an update returns comes in no promised order.
    rows = sorted(rows, key=lambda row: (row["asked_at"] is not None, row["asked_at"] or at))
    return [BankQuestion(PaymentId(row["id"]), StudentId(row["student_id"])) for row in rows]
