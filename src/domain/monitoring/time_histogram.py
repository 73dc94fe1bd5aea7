"""Times counted by steps that grow by a tenth: counts of any spans can be added, and quantiles read from them."""

from collections.abc import Mapping
from math import ceil, log
from typing import Final

GROWTH: Final = 1.1
"""Each step is so many times as long as the one before: a quantile is at most 5 % beside the truth."""

P95: Final = 0.95
"""What only one of 20 exceeds."""

STEP_MAX: Final = 200
"""Whatever took longer is counted in this step: about six years, or two days of milliseconds."""


def step_of(duration: float) -> int:
    """Return the step that counts a *duration*, in any unit; up to 1 it is step 0."""
    return min(STEP_MAX, ceil(log(duration) / log(GROWTH))) if duration > 1 else 0


def value_of(step: int) -> float:
    """Return the duration that stands for all of one step: its relative error is the same at both ends."""
    return float(2 * GROWTH**step / (GROWTH + 1))


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """
    Return the duration that *share* (0 to 1) of all do not exceed; None when nothing was counted.

    *counts* gives how many durations each step holds.
    """
    total = sum(counts.values())
    wanted = max(1, ceil(total * share))
    seen = 0
    for step in sorted(counts):
        seen += counts[step]
        if seen >= wanted:
            return value_of(step)
    return None
