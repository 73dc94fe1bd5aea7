"""Payments under review, read by an index that holds no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import String, bindparam, select, text, tuple_

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.payments.payments import COLUMNS, to_payment
from adapters.postgres.payments.tables import REVIEWED, payment
from adapters.postgres.refunds.refunds import refunds_of
from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from ports.reviews.review_queries import (
    NAMED_MAX,
    ReviewCount,
    ReviewCursor,
    ReviewPage,
)

IN_ORDER: Final = (payment.c.review_since, payment.c.id)


def _page(*, after: bool, filtered: bool) -> Prepared:
    page = (
        select(*COLUMNS, refunds_of(payment.c.id).label("refunds"))
        .where(REVIEWED)
        .order_by(*IN_ORDER)
        .limit(bindparam("at_most"))
    )
    if after:
        since = bindparam("since", type_=payment.c.review_since.type)
        page = page.where(tuple_(*IN_ORDER) > tuple_(since, bindparam("last")))
    if filtered:
        page = page.where(payment.c.review.has_key(bindparam("for_reason", type_=String())))
    return prepare(page)


PAGES: Final = {
    (after, filtered): _page(after=after, filtered=filtered)
    for after in (False, True)
    for filtered in (False, True)
}
BY_REASON: Final = prepare(
    text(
        # The number is a constant of this code.
        "SELECT reason, count(*) AS count, min(since) AS since,"  # noqa: S608 - see above
        f" (array_agg(id ORDER BY since, id))[1:{NAMED_MAX}] AS payments"
        " FROM (SELECT id, key AS reason, value::timestamptz AS since"
        " FROM payment, jsonb_each_text(review) WHERE review_since IS NOT NULL) AS each"
        " GROUP BY reason ORDER BY reason"
    )
)


@dataclass(frozen=True, slots=True)
class PostgresReviewQueries:
    database: Database

    async def under_review(
        self,
        *,
        after: ReviewCursor | None = None,
        reason: ReviewReason | None = None,
        at_most: int,
    ) -> ReviewPage:
        values: dict[str, object] = {"at_most": at_most + 1}
        if after is not None:
            values |= {"since": after.since, "last": after.payment}
        if reason is not None:
            values |= {"for_reason": reason.value}
        rows = await self.database.fetch(PAGES[after is not None, reason is not None], **values)
        shown = [to_payment(row) for row in rows[:at_most]]
        return ReviewPage.of(shown, more=len(rows) > at_most)

    async def by_reason(self) -> Sequence[ReviewCount]:
        return [
            ReviewCount(
                reason=ReviewReason(row["reason"]),
                count=row["count"],
                since=row["since"],
                payments=tuple(PaymentId(each) for each in row["payments"]),
            )
            for row in await self.database.fetch(BY_REASON)
        ]
