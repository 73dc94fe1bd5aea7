"""The figures of a period: what was begun, how it ended, how it was paid, and how long that took."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.money import ZERO, Money
from domain.monitoring.payment_outcome import PaymentOutcome
from domain.monitoring.success_rate import SuccessRate
from domain.monitoring.time_histogram import P95, quantile

PAID_FOR: Final = frozenset({PaymentOutcome.PAID, PaymentOutcome.RECOVERED})
NOT_PAID: Final = frozenset(
    {PaymentOutcome.FAILED, PaymentOutcome.ABANDONED, PaymentOutcome.UNSTARTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """
    How many payments came to one outcome in one span that begins at *since* (UTC).

    *method* is the bank's word for how they were paid, *reason* why they failed, empty where nobody
    told. *seconds* is the sum of the whole seconds from their beginning.
    """

    since: datetime
    outcome: PaymentOutcome
    method: str = ""
    reason: str = ""
    count: int
    amount: Money
    seconds: int


@dataclass(frozen=True, slots=True)
class Share:
    """*name* is the word that *count* payments have in common, with their *amount*."""

    name: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """
    One bar of a strip: the span from *since* (UTC) to the next one.

    *paid_first* of those paid had no other final word before.
    """

    since: datetime
    begun: int
    paid: int
    failed: int
    paid_first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFigures:
    """
    The period from *since* to *until* (UTC, half-open), in spans of equal length that begin at *spans*.

    *complete_until* is the instant up to which every step was counted. *times* counts seconds from the
    beginning to the payment by their step, of payments whose first final word was that they are paid.
    """

    since: datetime
    until: datetime
    complete_until: datetime
    spans: Sequence[datetime]
    counts: Sequence[OutcomeCount]
    times: Mapping[int, int] = field(default_factory=dict)

    def count(self, *outcomes: PaymentOutcome) -> int:
        """Return how many payments came to one of *outcomes*."""
        return sum(each.count for each in self.counts if each.outcome in outcomes)

    @property
    def success_rate(self) -> SuccessRate:
        """Paid of those that were tried; what failed first and was paid later stays a failure here."""
        paid = self.count(PaymentOutcome.PAID)
        return SuccessRate(paid, paid + self.count(PaymentOutcome.FAILED))

    @property
    def amount(self) -> Money:
        """What was paid in the period, refunds not taken off."""
        return _amount(self._of(PAID_FOR))

    @property
    def time_on_average(self) -> timedelta | None:
        """How long it took from the beginning to the payment; None when nothing was paid."""
        paid = self.count(PaymentOutcome.PAID)
        seconds = sum(each.seconds for each in self._of({PaymentOutcome.PAID}))
        return timedelta(seconds=seconds) / paid if paid else None

    @property
    def time_p95(self) -> timedelta | None:
        """How long it took at most for 95 of 100 payments, at most 5 % beside the truth."""
        seconds = quantile(self.times, P95)
        return None if seconds is None else timedelta(seconds=seconds)

    @property
    def methods(self) -> Sequence[Share]:
        """How it was paid, the most frequent first."""
        return _shares(self._of(PAID_FOR), lambda each: each.method)

    @property
    def reasons(self) -> Sequence[Share]:
        """Why it was not paid, the most frequent first."""
        return _shares(self._of(NOT_PAID), lambda each: each.reason)

    @property
    def strip(self) -> Sequence[SpanFigures]:
        """Every span of the period, those without a payment too."""
        counted: Counter[tuple[datetime, PaymentOutcome]] = Counter()
        for each in self.counts:
            counted[each.since, each.outcome] += each.count
        return [
            SpanFigures(
                since=since,
                begun=counted[since, PaymentOutcome.BEGUN],
                paid=counted[since, PaymentOutcome.PAID] + counted[since, PaymentOutcome.RECOVERED],
                failed=counted[since, PaymentOutcome.FAILED],
                paid_first=counted[since, PaymentOutcome.PAID],
            )
            for since in self.spans
        ]

    def _of(self, outcomes: Collection[PaymentOutcome]) -> Sequence[OutcomeCount]:
        return [each for each in self.counts if each.outcome in outcomes]


def spans_between(since: datetime, until: datetime, span: timedelta) -> Sequence[datetime]:
    """Return where each span begins from *since* until *until*, which is no beginning."""
    return [since + number * span for number in range((until - since) // span)]


def _amount(counts: Sequence[OutcomeCount]) -> Money:
    return sum((each.amount for each in counts), ZERO)


def _shares(counts: Sequence[OutcomeCount], name: Callable[[OutcomeCount], str]) -> Sequence[Share]:
    shares = []
    for each in {name(count): None for count in counts}:
        named = [count for count in counts if name(count) == each]
        shares.append(Share(each, sum(count.count for count in named), _amount(named)))
    return sorted(shares, key=lambda share: (-share.count, share.name))
