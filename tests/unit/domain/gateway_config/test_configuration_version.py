"""A version's way: proposed, approved by another officer, in effect from an instant on, old secrets until they end."""

from datetime import timedelta
from typing import Any

import pytest

from domain.gateway_config.configuration_version import (
    EFFECT_AHEAD_MAX,
    EFFECT_LEAD,
    OVERLAP,
    PROPOSAL_LAPSES_AFTER,
    NoOldSecrets,
    OwnProposal,
    VersionDecided,
    VersionState,
    in_effect,
    overlapping,
)
from domain.gateway_config.gateway_terms import ConfigurationInvalid
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON
from fakes.gateway_config.samples import ANITA, ENCRYPTED, ZOYA, a_version

LATER = NOON + timedelta(hours=1)


def test_another_officer_approves() -> None:
    """
    In effect a minute later, so that every process switches at one instant.
    """
    with pytest.raises(OwnProposal):
        a_version().approve(ZOYA, LATER)
    approved = a_version().approve(ANITA, LATER)

    assert (approved.state, approved.decided_by) == (VersionState.APPROVED, ANITA)
    assert approved.effective_from == LATER + EFFECT_LEAD
    assert approved.overlap_until is None
    assert approved.is_pending(LATER)
    assert approved.is_effective(LATER + EFFECT_LEAD)
    assert not approved.is_pending(LATER + EFFECT_LEAD)


def test_what_narrows_needs_no_second() -> None:
    """
    Switching something off must not wait.
    """
    assert a_version(alone=True).approve(ZOYA, NOON).decided_by == ZOYA


@pytest.mark.parametrize(
    ("wanted", "effective"),
    [
        (NOON + timedelta(hours=9), NOON + timedelta(hours=9)),
        (NOON, LATER + EFFECT_LEAD),
    ],
)
def test_the_instant_may_be_chosen(wanted: Any, effective: Any) -> None:
    """
    Not sooner than a minute after the approval.
    """
    assert a_version(wanted_from=wanted).approve(ANITA, LATER).effective_from == effective


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        (ConfigurationInvalid, {"reason": " "}),
        (ConfigurationInvalid, {"reason": "x" * 201}),
        (CardNumberRefused, {"reason": "for 4111 1111 1111 1111"}),
        (ConfigurationInvalid, {"wanted_from": NOON + EFFECT_AHEAD_MAX + timedelta(seconds=1)}),
    ],
)
def test_a_proposal_has_a_reason_and_a_near_instant(
    error: type[Exception], changes: dict[str, Any]
) -> None:
    """
    A reason that can be read, without a card number.
    """
    with pytest.raises(error):
        a_version(**changes)


def test_a_proposal_lapses() -> None:
    """
    After three days nobody decides it any more, and another may be proposed.
    """
    late = NOON + PROPOSAL_LAPSES_AFTER
    version = a_version()

    assert version.is_pending(late - timedelta(seconds=1))
    assert version.has_lapsed(late)
    assert not version.is_pending(late)
    for decide in (version.approve, lambda by, at: version.reject(by, at, "late")):
        with pytest.raises(VersionDecided) as refused:
            decide(ANITA, late)
        assert refused.value.state is VersionState.LAPSED
    assert version.lapse().state is VersionState.LAPSED


def test_a_proposal_is_decided_once() -> None:
    """
    Who proposed it may withdraw it, and an approved one is withdrawn until its instant.
    """
    withdrawn = a_version().reject(ZOYA, LATER, "a slip")
    assert (withdrawn.state, withdrawn.decision_reason) == (VersionState.REJECTED, "a slip")
    approved = a_version(retires=True).approve(ANITA, LATER)
    stopped = approved.reject(ZOYA, LATER, "the bank is not ready")
    assert (stopped.effective_from, stopped.overlap_until) == (None, None)
    assert not stopped.is_pending(LATER)
    with pytest.raises(VersionDecided):
        approved.reject(ANITA, LATER + EFFECT_LEAD, "too late")
    for decided in (withdrawn, approved):
        with pytest.raises(VersionDecided):
            decided.approve(ANITA, LATER)
    with pytest.raises(ConfigurationInvalid):
        a_version().reject(ANITA, LATER, "")


def test_old_secrets_are_accepted_for_a_while() -> None:
    """
    Two days from the switch, unless an officer ends them sooner.
    """
    version = a_version(retires=True).approve(ANITA, NOON)
    switched = NOON + EFFECT_LEAD

    assert not version.overlaps(NOON)
    assert version.overlaps(switched)
    assert version.overlaps(switched + OVERLAP - timedelta(seconds=1))
    assert not version.overlaps(switched + OVERLAP)
    ended = version.end_old_secrets(LATER)
    assert not ended.overlaps(LATER)
    with pytest.raises(NoOldSecrets):
        ended.end_old_secrets(LATER)
    with pytest.raises(NoOldSecrets):
        a_version().approve(ANITA, NOON).end_old_secrets(LATER)


def test_the_newest_whose_instant_has_come_is_in_effect() -> None:
    """
    None of them before: then it is what the process was started with.
    """
    first = a_version(1, retires=True).approve(ANITA, NOON)
    second = a_version(2).approve(ANITA, LATER)

    assert in_effect((second, first), NOON) is None
    assert in_effect((second, first), LATER) == first
    assert in_effect((second, first), LATER + EFFECT_LEAD) == second
    assert overlapping((second, first), LATER) == first
    assert overlapping((second,), LATER + EFFECT_LEAD) is None


def test_no_secret_stands_in_the_repr_of_a_version() -> None:
    """
    Not even encrypted.
    """
    assert not any(text in repr(a_version()) for text in ENCRYPTED.values())
