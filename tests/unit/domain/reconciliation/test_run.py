"""A run over a range of days: which ranges are reconciled, and how a run ends."""

from datetime import date, timedelta

import pytest

from domain.business_day import business_day_of
from domain.reconciliation.run import (
    RANGE_DAYS_MAX,
    RangeRefused,
    Run,
    RunId,
    RunSummary,
    RunTrigger,
    check_range,
    is_run_id,
)
from domain.reconciliation.run_state import IllegalRunStep, RunState
from fakes.clock import NOON

TODAY = business_day_of(NOON)
DAY = timedelta(days=1)
RUNNING = Run(
    id=RunId("RC1"),
    first=TODAY,
    last=TODAY,
    trigger=RunTrigger.JOB,
    requested_at=NOON,
    requested_by="system",
    state=RunState.RUNNING,
    attempts=1,
)


def test_a_month_up_to_today_is_reconciled() -> None:
    """
    One day as well as the longest range.
    """
    check_range(TODAY, TODAY, NOON)
    check_range(TODAY - (RANGE_DAYS_MAX - 1) * DAY, TODAY, NOON)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (TODAY, TODAY - DAY, "before it begins"),
        (TODAY - RANGE_DAYS_MAX * DAY, TODAY, "more than 31 days"),
        (TODAY, TODAY + DAY, "in the future"),
    ],
)
def test_another_range_is_refused(first: date, last: date, why: str) -> None:
    """
    It says why.
    """
    with pytest.raises(RangeRefused, match=why) as refusal:
        check_range(first, last, NOON)

    assert (refusal.value.first, refusal.value.last) == (first, last)


def test_an_id_has_its_form() -> None:
    """
    Its prefix and 18 characters, nothing around them.
    """
    whole = "RC" + "A2" * 9

    assert is_run_id(whole)
    assert not any(is_run_id(each) for each in ("RC1", f"{whole}A", f"{whole}\n", whole.lower()))


def test_a_run_is_complete_when_no_file_is_missing() -> None:
    """
    And incomplete otherwise; it ends once.
    """
    whole = RUNNING.ended(RunSummary(), NOON, NOON)
    part = RUNNING.ended(RunSummary(missing={"SIM0001": "2026-11-13"}), NOON, NOON)

    assert whole.state is RunState.COMPLETE
    assert part.state is RunState.INCOMPLETE
    assert RUNNING.failed("no storage", NOON).why == "no storage"
    with pytest.raises(IllegalRunStep):
        whole.failed("late", NOON)
