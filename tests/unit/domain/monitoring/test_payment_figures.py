"""Figures are read from counts alone: rates, shares, times and the strip."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import ZERO, Money
from domain.monitoring.payment_figures import (
    OutcomeCount,
    PaymentFigures,
    Share,
    SpanFigures,
    spans_between,
)
from domain.monitoring.payment_outcome import PaymentOutcome, outcome_of
from domain.monitoring.success_rate import SuccessRate
from domain.monitoring.time_histogram import STEP_MAX, quantile, step_of, value_of
from domain.payments.payment_state import Event, State
from fakes.clock import NOON

HOUR = timedelta(hours=1)


def counted(
    outcome: PaymentOutcome, count: int, *, method: str = "", reason: str = "", seconds: int = 0
) -> OutcomeCount:
    return OutcomeCount(
        since=NOON,
        outcome=outcome,
        method=method,
        reason=reason,
        count=count,
        amount=Money(count * 100),
        seconds=seconds,
    )


def figures(*counts: OutcomeCount, times: dict[int, int] | None = None) -> PaymentFigures:
    until = NOON + 2 * HOUR
    return PaymentFigures(
        since=NOON,
        until=until,
        complete_until=until,
        spans=spans_between(NOON, until, HOUR),
        counts=counts,
        times=times or {},
    )


def test_of_nothing_nothing_is_said() -> None:
    """
    No share, no average, no quantile; every span stands there with zeros.
    """
    empty = figures()

    assert empty.success_rate.share is None
    assert not empty.success_rate.is_telling
    assert empty.success_rate.interval() == (0.0, 1.0)
    assert empty.time_on_average is None
    assert empty.time_p95 is None
    assert empty.amount == ZERO
    assert list(empty.strip) == [
        SpanFigures(NOON, 0, 0, 0),
        SpanFigures(NOON + HOUR, 0, 0, 0),
    ]


def test_the_worked_example() -> None:
    """
    100 begun, 12 never tried, 80 paid, 8 failed, of which one was paid later: 80 of 88.
    """
    seen = figures(
        counted(PaymentOutcome.BEGUN, 100),
        counted(PaymentOutcome.ABANDONED, 12, reason="session_expired"),
        counted(PaymentOutcome.PAID, 60, method="UPI", seconds=6000),
        counted(PaymentOutcome.PAID, 20, method="CARD", seconds=2000),
        counted(PaymentOutcome.FAILED, 8, reason="declined_by_bank"),
        counted(PaymentOutcome.RECOVERED, 1, method="UPI", seconds=90_000),
        counted(PaymentOutcome.FREE, 3),
        times={step_of(100): 80},
    )

    assert seen.success_rate == SuccessRate(80, 88)
    assert seen.success_rate.is_telling
    assert seen.amount == Money(8100)
    assert list(seen.methods) == [
        Share("UPI", 61, Money(6100)),
        Share("CARD", 20, Money(2000)),
    ]
    assert [(each.name, each.count) for each in seen.reasons] == [
        ("session_expired", 12),
        ("declined_by_bank", 8),
    ]
    assert seen.time_on_average == timedelta(seconds=100)
    assert seen.time_p95
    assert seen.time_p95.total_seconds() == pytest.approx(100, rel=0.05)
    assert seen.strip[0] == SpanFigures(NOON, 100, 81, 8, 80)


@pytest.mark.parametrize(
    ("paid", "attempts", "upper"),
    [
        (1, 2, 0.9274),
        (0, 2, 0.7308),
        (14, 20, 0.8733),
        (15, 20, 0.9037),
        (39, 50, 0.8851),
        (40, 50, 0.8992),
        (83, 100, 0.8999),
        (434, 500, 0.8994),
        (435, 500, 0.9011),
        (877, 1000, 0.8992),
        (878, 1000, 0.9001),
    ],
)
def test_the_upper_bound_is_wilsons(paid: int, attempts: int, upper: float) -> None:
    """
    Vectors for a bound that one in a hundred exceeds.
    """
    assert SuccessRate(paid, attempts).interval(2.33)[1] == pytest.approx(upper, abs=0.00006)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(told: tuple[int, int]) -> None:
    """
    It never leaves 0 to 1.
    """
    rate = SuccessRate(*told)
    low, high = rate.interval()

    assert rate.share is not None
    assert 0 <= low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= high <= 1


@pytest.mark.parametrize("told", [(3, 2), (-1, 2)])
def test_an_impossible_rate_is_refused(told: tuple[int, int]) -> None:
    """
    No more can be paid than were attempted.
    """
    with pytest.raises(ValueError, match="no more"):
        SuccessRate(*told)


@given(st.lists(st.floats(1, 1_000_000), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_quantile_is_at_most_five_percent_beside_the_truth(
    durations: list[float], share: float
) -> None:
    """
    Whatever the durations are.
    """
    counts: dict[int, int] = {}
    for each in durations:
        counts[step_of(each)] = counts.get(step_of(each), 0) + 1
    ordered = sorted(durations)
    truth = ordered[max(1, -int(-len(ordered) * share // 1)) - 1]

    assert quantile(counts, share) == pytest.approx(truth, rel=0.05)


def test_steps_are_bounded() -> None:
    """
    What took no time is step 0, what took for ever the last one.
    """
    assert step_of(0) == step_of(1) == 0
    assert step_of(1.0001) == 1
    assert step_of(10.0**12) == STEP_MAX
    assert value_of(0) == pytest.approx(0.952, abs=0.001)


@pytest.mark.parametrize("state", State)
def test_only_beginnings_and_ends_are_counted(state: State) -> None:
    """
    No step, and steps between or after the ends, are none of them.
    """
    assert outcome_of(state, None, "") is None
    assert outcome_of(None, state, "") is PaymentOutcome.BEGUN
    counted = state in {State.SUCCESS, State.FAILED, State.EXPIRED}
    assert (outcome_of(State.PENDING, state, Event.BANK_BUSY) is not None) == counted


def test_what_cost_nothing_is_free() -> None:
    """
    It is no payment, so it stays out of the success rate.
    """
    assert outcome_of(State.PENDING, State.SUCCESS, Event.NOTHING_TO_PAY) is PaymentOutcome.FREE
    assert outcome_of(State.PENDING, State.SUCCESS, Event.BANK_CHARGED) is PaymentOutcome.PAID
