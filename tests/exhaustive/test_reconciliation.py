"""Thousands of days of random trade and random faults of the bank, each a partition to the paisa."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from domain.reconciliation.evidence import Evidence
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from unit.domain.reconciliation.trade import AGREEMENT, disturbed


@pytest.mark.timeout(900)  # a minute of work, on a machine that does nothing else
@settings(max_examples=5_000, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(disturbed())
def test_every_line_and_expectation_stands_once(given_: Evidence) -> None:
    """
    Each expectation and each line is exactly one thing, in any order, whatever the bank got wrong.
    """
    outcome = reconcile(given_, AGREEMENT)
    turned = replace(given_, books=given_.books[::-1], lines=given_.lines[::-1])

    assert partition_faults(given_, outcome) == ()
    assert reconcile(turned, AGREEMENT).canonical() == outcome.canonical()
