"""Alerts fire and are resolved by counted evaluations; staff take them on and silence them."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.monitoring.alert_case import (
    SILENCE_MAX,
    TEXT_MAX,
    AlertCase,
    AlertId,
    AlertNotFiring,
    AlertState,
    SilenceRefused,
    begun,
)
from domain.monitoring.alert_rules import RULES, AlertRule, Measure
from domain.monitoring.success_rate import SuccessRate, alert_bound
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON
from ports.alerts import AlertKind

ID = AlertId("ALAAAAAAAAAAAAAAAAAA")
STEP = timedelta(minutes=5)
LONG = 400
MIDDLE = 200
SHORT = 10


def queue(seconds: int) -> Measure:
    return Measure.exact(AlertRule.QUEUE_STUCK, "outbox", seconds, f"{seconds} s")


def rate(paid: int, attempts: int) -> Measure:
    value, bound = alert_bound(SuccessRate(paid, attempts))
    return Measure(rule=AlertRule.SUCCESS_LOW, value=value, bound=bound, sample=attempts)


def history(*measures: Measure) -> list[AlertCase]:
    """Return the alert after each of *measures*, five minutes apart."""
    seen = [begun(ID, measures[0], NOON)]
    for number, each in enumerate(measures[1:], start=1):
        seen.append(seen[-1].after(each, NOON + number * STEP))
    return seen


def states(*measures: Measure) -> list[AlertState]:
    return [each.state for each in history(*measures)]


def test_every_alert_that_is_raised_has_a_rule() -> None:
    """
    By its name; and every rule says what to do.
    """
    assert {each.value for each in AlertKind} <= {each.value for each in RULES}
    raised = {rule.value for rule, terms in RULES.items() if terms.lasts}
    assert raised == {each.value for each in AlertKind}
    assert all(terms.means and terms.remedy for terms in RULES.values())


@pytest.mark.parametrize(
    ("paid", "attempts", "low"),
    [(1, 2, False), (0, 2, False), (0, 19, False), (14, 20, True), (15, 20, False), (0, 0, False)],
)
def test_one_failure_of_two_wakes_nobody(paid: int, attempts: int, low: bool) -> None:  # noqa: FBT001
    """
    Only 20 attempts say something, and only when chance does not explain them.
    """
    assert rate(paid, attempts).is_beyond is low


def test_a_low_rate_fires_at_the_second_evaluation() -> None:
    """
    And is resolved by three good ones in a row.
    """
    bad, fair, good = rate(10, 20), rate(91, 100), rate(95, 100)
    pending, firing = AlertState.PENDING, AlertState.FIRING

    assert states(bad, good, bad, bad) == [pending, AlertState.RESOLVED, pending, firing]
    assert states(bad, bad, good, good, fair, good, good) == [pending, *[firing] * 6]
    assert states(bad, bad, good, good, good)[-1] is AlertState.RESOLVED
    # Too few attempts at night neither alarm nor calm.
    assert states(bad, bad, *[rate(2, 2)] * 5)[-1] is firing


def test_between_the_thresholds_nothing_changes() -> None:
    """
    A value that swings around one threshold neither fires again nor is resolved.
    """
    seen = history(queue(LONG), *[queue(MIDDLE), queue(LONG)] * 5)

    assert {each.state for each in seen} == {AlertState.FIRING}
    assert {each.changes for each in seen} == {1}
    assert states(queue(LONG), queue(SHORT), queue(MIDDLE), queue(SHORT))[-1] is AlertState.FIRING
    assert states(queue(LONG), queue(SHORT), queue(SHORT))[-1] is AlertState.RESOLVED


def test_the_last_measure_is_kept() -> None:
    """
    With the instant of the last change, which a new value does not move.
    """
    last = history(queue(LONG), queue(LONG + 1))[-1]

    assert (last.value, last.detail, last.since) == (401, "401 s", NOON)


def test_it_fires_anew_without_the_old_answer() -> None:
    """
    Whoever took on the last time is not asked for this one.
    """
    taken = history(queue(LONG))[0].acknowledged("staff:mira", "I look", NOON)
    calm = taken.after(queue(SHORT), NOON).after(queue(SHORT), NOON)
    again = calm.after(queue(LONG), NOON)

    assert (taken.state, taken.acknowledged_by, taken.note) == (
        AlertState.ACKNOWLEDGED,
        "staff:mira",
        "I look",
    )
    assert (calm.state, again.state, again.changes) == (
        AlertState.RESOLVED,
        AlertState.FIRING,
        3,
    )
    assert again.acknowledged_by == again.note == ""


def test_an_acknowledged_alert_goes_on_quietly() -> None:
    """
    Nothing is told until it is resolved.
    """
    taken = history(queue(LONG))[0].acknowledged("staff:mira", "", NOON)
    worse = taken.after(queue(LONG * 9), NOON)

    assert (worse.state, worse.changes) == (AlertState.ACKNOWLEDGED, 1)


def test_only_what_fires_is_acknowledged() -> None:
    """
    Not what is pending or resolved.
    """
    for each in (rate(10, 20), rate(20, 20)):
        with pytest.raises(AlertNotFiring):
            begun(ID, each, NOON).acknowledged("staff:mira", "", NOON)


@pytest.mark.parametrize(
    ("reason", "until"),
    [
        ("", NOON + STEP),
        ("  ", NOON + STEP),
        ("x" * (TEXT_MAX + 1), NOON + STEP),
        ("a\u202eb", NOON + STEP),
        ("moving", NOON),
        ("moving", NOON + SILENCE_MAX + STEP),
    ],
)
def test_a_silence_has_a_reason_and_an_end(reason: str, until: datetime) -> None:
    """
    Within a day.
    """
    firing = history(queue(LONG))[0]
    with pytest.raises(SilenceRefused) as refusal:
        firing.silenced("staff:mira", reason, until, NOON)
    assert [field for field, _ in refusal.value.faults] == [
        "until" if reason == "moving" else "reason"
    ]


def test_all_that_is_wrong_with_a_silence_is_named() -> None:
    """
    Its reason and its end; a note has one text alone.
    """
    firing = history(queue(LONG))[0]
    with pytest.raises(SilenceRefused) as refusal:
        firing.silenced("staff:mira", " ", NOON, NOON)
    with pytest.raises(SilenceRefused) as note:
        firing.acknowledged("staff:mira", "a\u202eb", NOON)

    assert [field for field, _ in refusal.value.faults] == ["reason", "until"]
    assert [field for field, _ in note.value.faults] == ["note"]


def test_a_silence_ends() -> None:
    """
    By the clock; the alert goes on being judged.
    """
    quiet = history(queue(LONG))[0].silenced("staff:mira", " moving ", NOON + STEP, NOON)

    assert (quiet.state, quiet.silence_reason) == (AlertState.FIRING, "moving")
    assert quiet.is_silent(NOON)
    assert not quiet.is_silent(NOON + STEP)
    assert not history(queue(LONG))[0].is_silent(NOON)


def test_a_card_number_is_no_reason() -> None:
    """
    Neither here nor in a note.
    """
    firing, card = history(queue(LONG))[0], "it was 4111 1111 1111 1111"
    with pytest.raises(CardNumberRefused):
        firing.silenced("staff:mira", card, NOON + STEP, NOON)
    with pytest.raises(CardNumberRefused):
        firing.acknowledged("staff:mira", card, NOON)


@given(st.lists(st.sampled_from([SHORT, MIDDLE, LONG]), min_size=1, max_size=40))
def test_firing_and_resolved_take_turns(values: list[int]) -> None:
    """
    Whatever is measured: each told change leads from one to the other, and begins with a firing.
    """
    seen = [replace(begun(ID, queue(SHORT), NOON)), *history(*map(queue, values))]
    told = [
        after.state for before, after in itertools.pairwise(seen) if after.changes > before.changes
    ]

    assert told == [AlertState.FIRING, AlertState.RESOLVED] * (len(told) // 2) + (
        [AlertState.FIRING] if len(told) % 2 else []
    )
