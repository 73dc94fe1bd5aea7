"""What the charts of the console draw: whole numbers for an SVG, worked out before the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from domain.monitoring.payment_figures import Share, SpanFigures
from domain.reconciliation.run_days import RunDay

BAR_WIDTH: Final = 360
"""The length of the longest bar, in units of the drawing."""

STRIP_WIDTH: Final = 720
STRIP_HEIGHT: Final = 120
PER_CENT: Final = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar; *part* is what it is of the whole, in per cent."""

    share: Share
    y: int
    width: int
    part: int


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar of a strip: paid from the ground up, failed above it."""

    span: SpanFigures
    x: int
    width: int
    paid_y: int
    paid_height: int
    failed_y: int
    failed_height: int


ROW: Final = 34


def bars(shares: Sequence[Share]) -> Sequence[Bar]:
    """Return a bar for each of *shares*, the longest as long as the drawing is wide."""
    total = sum(each.count for each in shares)
    longest = max((each.count for each in shares), default=0)
    return [
        Bar(
            share=each,
            y=number * ROW,
            width=max(2, BAR_WIDTH * each.count // longest),
            part=round(PER_CENT * each.count / total),
        )
        for number, each in enumerate(shares)
    ]


def columns(strip: Sequence[SpanFigures]) -> Sequence[Column]:
    """Return a column for each span; the highest is as high as the drawing."""
    highest = max((each.paid + each.failed for each in strip), default=0) or 1
    step = STRIP_WIDTH // max(1, len(strip))
    found = []
    for number, each in enumerate(strip):
        paid = STRIP_HEIGHT * each.paid // highest
        failed = STRIP_HEIGHT * each.failed // highest
        if each.failed and not failed:
            failed = 1
        found.append(
            Column(
                span=each,
                x=number * step,
                width=max(2, step - 4),
                paid_y=STRIP_HEIGHT - paid,
                paid_height=paid,
                failed_y=max(0, STRIP_HEIGHT - paid - failed),
                failed_height=failed,
            )
        )
    return found


def busiest(strip: Sequence[SpanFigures]) -> datetime | None:
    """Return where the span with the most payments begins, None without a payment."""
    most = max(strip, key=lambda each: each.paid + each.failed, default=None)
    return most.since if most is not None and most.paid + most.failed else None


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a day's bar; *kind* is what it counts, a field of ``RunDay``."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class DayBar:
    """A horizontal bar of one day, made of *segments*."""

    day: date
    counts: RunDay
    y: int
    segments: Sequence[Segment]


DAY_ROW: Final = 56
DAYS_SHOWN: Final = 40
"""The longest range of a run, and some days around it on which it looks as well."""


def day_bars(days: Mapping[str, RunDay]) -> Sequence[DayBar]:
    """Return a bar for each of the latest *days*, the longest about as long as the drawing is wide."""
    shown = sorted(days.items())[-DAYS_SHOWN:]
    longest = max((sum(_counts(each)) for _, each in shown), default=1)
    return [
        DayBar(
            day=date.fromisoformat(day),
            counts=each,
            y=number * DAY_ROW,
            segments=_segments(each, longest),
        )
        for number, (day, each) in enumerate(shown)
    ]


def _segments(day: RunDay, longest: int) -> Sequence[Segment]:
    """Return the parts of a day's bar from the left; one of few is still seen."""
    found, x = [], 0
    for kind, count in zip(fields(RunDay), _counts(day), strict=True):
        if count:
            width = max(2, BAR_WIDTH * count // longest)
            found.append(Segment(kind.name, x, width))
            x += width
    return found


def _counts(day: RunDay) -> Sequence[int]:
    return (day.matched, day.expected, day.overdue, day.mismatched)
