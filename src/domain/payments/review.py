"""Why staff have to review a payment: a set of reasons, each of which ends by its own end only."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from domain.payments.order_facts import FINAL_WITHOUT_SALE, ReviewReason

STATUS_REASONS: Final = frozenset(
    {
        ReviewReason.AUTHORISED_ONLY,
        ReviewReason.VOIDED,
        ReviewReason.CAPTURE_PENDING,
        ReviewReason.PARTLY_CHARGED,
        ReviewReason.UNKNOWN_STATUS,
    }
)
"""What the bank's last answer said of the order: the next clear answer ends it."""

MISMATCHES: Final = frozenset({ReviewReason.AMOUNT_DIFFERS, ReviewReason.CURRENCY_DIFFERS})
"""The bank charged something else than was quoted."""

STANDING: Final = STATUS_REASONS | MISMATCHES | {ReviewReason.AUTO_REFUNDED}
"""What every further answer of the bank says again, so that an acceptance has to be remembered."""


@dataclass(frozen=True, slots=True)
class OpenReason:
    """One reason, and since when it is known (UTC)."""

    reason: ReviewReason
    since: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """
    Each reason once, the longest known first.

    *accepted* are reasons that staff accepted although the bank will report them again: until the
    payment moves they open nothing.
    """

    known: tuple[OpenReason, ...] = ()
    accepted: frozenset[ReviewReason] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.known)

    def __contains__(self, reason: ReviewReason) -> bool:
        return reason in self.reasons

    @property
    def reasons(self) -> frozenset[ReviewReason]:
        return frozenset(each.reason for each in self.known)

    @property
    def since(self) -> datetime | None:
        """When the longest known reason began (UTC), None without a reason."""
        return self.known[0].since if self.known else None

    @property
    def blocks(self) -> bool:
        """Whether the bank may hold money for the payment, so that it must not be paid again."""
        return not self.reasons <= FINAL_WITHOUT_SALE

    @property
    def gravest(self) -> ReviewReason | None:
        """The one reason to name where only one can be named: the oldest that blocks, or the oldest."""
        blocking = [each for each in self.known if each.reason not in FINAL_WITHOUT_SALE]
        first = next(iter(blocking or self.known), None)
        return first.reason if first else None

    def with_(self, *reasons: ReviewReason, at: datetime) -> Self:
        """Return the review with *reasons*, new ones *at* this instant; the others keep their age."""
        new = [
            OpenReason(reason, at)
            for reason in set(reasons)
            if reason not in self and reason not in self.accepted
        ]
        if not new:
            return self
        in_order = sorted((*self.known, *new), key=lambda each: (each.since, each.reason))
        return replace(self, known=tuple(in_order))

    def without(self, *reasons: ReviewReason) -> Self:
        """Return the review without *reasons*; the others stay."""
        left = tuple(each for each in self.known if each.reason not in reasons)
        return self if left == self.known else replace(self, known=left)

    def accepting(self, reason: ReviewReason) -> Self:
        """Return the review without *reason*, which the same answer of the bank does not open again."""
        stays = {reason} & STANDING
        return replace(self.without(reason), accepted=self.accepted | stays)

    def moved(self) -> Self:
        """Return the review after a step of the payment: what was accepted before may open again."""
        return replace(self, accepted=frozenset()) if self.accepted else self


NOT_REVIEWED: Final = Review()
