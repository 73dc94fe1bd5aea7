"""Answers about figures and health; amounts are rupees as text, shares from 0 to 1, times seconds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

import msgspec

from domain.money import CURRENCY
from domain.monitoring.payment_figures import PaymentFigures, Share
from domain.monitoring.payment_outcome import PaymentOutcome
from entrypoints.http.api.wire import Currency
from ports.monitoring.gateway_calls import OperationFigures


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is empty where nobody told it."""

    name: str
    count: int
    amount: str

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(name=share.name, count=share.count, amount=share.amount.plain())


class SpanView(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    begun: int
    paid: int
    failed: int


class SuccessRateView(msgspec.Struct, frozen=True, kw_only=True):
    """
    `share` is null without an attempt. `low` and `high` are Wilson's interval that holds the true
    rate 19 times of 20. `telling` is false below 20 attempts: show *paid of attempts* then.
    """

    paid: int
    attempts: int
    share: float | None
    low: float
    high: float
    telling: bool


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one operation; `results` counts them by how they ended, `p95_seconds` is null without a call."""

    operation: str
    calls: int
    results: Mapping[str, int]
    p95_seconds: float | None

    @classmethod
    def of(cls, figures: OperationFigures) -> Self:
        return cls(
            operation=figures.operation.value,
            calls=figures.calls,
            results={each.value: count for each, count in figures.results.items()},
            p95_seconds=None if figures.p95 is None else round(figures.p95.total_seconds(), 3),
        )


class FiguresView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Half-open from `since` to `until`, of which the last span is not over yet; complete until
    `complete_until`. `outcomes` counts the steps of payments by what they came to. The times are of
    payments from their beginning to the payment.
    """

    range: str
    since: datetime
    until: datetime
    complete_until: datetime
    outcomes: Mapping[str, int]
    success_rate: SuccessRateView
    amount: str
    average_seconds: float | None
    p95_seconds: float | None
    methods: Sequence[ShareView]
    reasons: Sequence[ShareView]
    spans: Sequence[SpanView]
    gateway: Sequence[GatewayView]
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, asked: str, figures: PaymentFigures, gateway: Sequence[OperationFigures]) -> Self:
        rate = figures.success_rate
        low, high = rate.interval()
        return cls(
            range=asked,
            since=figures.since,
            until=figures.until,
            complete_until=figures.complete_until,
            outcomes={each.value: figures.count(each) for each in PaymentOutcome},
            success_rate=SuccessRateView(
                paid=rate.paid,
                attempts=rate.attempts,
                share=rate.share,
                low=low,
                high=high,
                telling=rate.is_telling,
            ),
            amount=figures.amount.plain(),
            average_seconds=_seconds(figures.time_on_average),
            p95_seconds=_seconds(figures.time_p95),
            methods=[ShareView.of(each) for each in figures.methods],
            reasons=[ShareView.of(each) for each in figures.reasons],
            spans=[
                SpanView(since=each.since, begun=each.begun, paid=each.paid, failed=each.failed)
                for each in figures.strip
            ],
            gateway=[GatewayView.of(each) for each in gateway],
        )


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """`due` entries wait although they could be processed; counts end at 1000."""

    name: str
    due: int
    oldest_due_seconds: int | None
    dead: int


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """`last_run_at` is the beginning of the last slot that was taken; `late` when three were missed."""

    name: str
    every_seconds: int
    last_run_at: datetime | None
    late: bool


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A certificate, key or password by the name of its setting. `ends_at` is its own end, or the end of the time
    for which it may be used; `ending` is true when that is near enough to be an alert.
    """

    name: str
    since: datetime
    ends_at: datetime
    days_left: int
    ending: bool


class SystemView(msgspec.Struct, frozen=True, kw_only=True):
    """`parts` gives for each dependency `ok` or what is wrong with it."""

    status: str
    parts: Mapping[str, str]
    queues: Sequence[QueueView]
    jobs: Sequence[JobView]
    credentials: Sequence[CredentialView]


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)
