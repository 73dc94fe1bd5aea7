"""A payment's reasons for a review in its row, and the one word that the release before can read."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.payments.order_facts import ReviewReason
from domain.payments.review import NOT_REVIEWED, OpenReason, Review

WORDS_OF_THE_RELEASE_BEFORE: Final = frozenset(
    {
        "authorised_only",
        "voided",
        "capture_pending",
        "auto_refunded",
        "partly_charged",
        "unknown_status",
        "amount_differs",
        "currency_differs",
        "paid_twice",
        "course_closed",
        "refund_outside",
        "refund_failed",
        "refund_in_review",
        "refund_overdue",
        "refund_differs",
        "refund_unclear",
        "refunds_exceed",
        "unresolved",
    }
)
"""Its processes stop at any other word in the column ``attention``; see migration 0011."""

STANDS_FOR_NEWER: Final = ReviewReason.UNKNOWN_STATUS
"""What that column says in place of a newer reason: staff have to review the payment."""


def to_review(row: Mapping[str, Any], prefix: str = "") -> Review:
    """Return the review in *row*, whose JSON the driver has decoded."""
    known, accepted = row[prefix + "review"], row[prefix + "review_accepted"]
    if not known and not accepted:
        return NOT_REVIEWED
    reasons = [
        OpenReason(ReviewReason(reason), datetime.fromisoformat(since))
        for reason, since in (known or {}).items()
    ]
    in_order = sorted(reasons, key=lambda each: (each.since, each.reason))
    return Review(tuple(in_order), frozenset(map(ReviewReason, accepted or ())))


def review_columns(review: Review) -> dict[str, object]:
    """Return the columns of *review*; one without reasons is NULL in all of them."""
    known = {each.reason.value: each.since.isoformat() for each in review.known}
    return {
        "attention": _word(review.gravest),
        "review": json.dumps(known) if known else None,
        "review_since": review.since,
        "review_accepted": sorted(each.value for each in review.accepted) or None,
    }


def _word(gravest: ReviewReason | None) -> str | None:
    if gravest is None:
        return None
    return (gravest if gravest in WORDS_OF_THE_RELEASE_BEFORE else STANDS_FOR_NEWER).value
