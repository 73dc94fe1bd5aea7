"""The business figures of one of the periods that staff look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.business_day import IST
from domain.monitoring.payment_figures import PaymentFigures
from ports.clock import Clock
from ports.monitoring.gateway_calls import GatewayCalls, OperationFigures
from ports.monitoring.payment_rollups import PaymentRollups

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=IST)


class FiguresRange(StrEnum):
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


@dataclass(frozen=True, slots=True)
class Spans:
    """*count* spans of the length *each*; the last one holds now."""

    each: timedelta
    count: int


SPANS: Final[Mapping[FiguresRange, Spans]] = MappingProxyType(
    {
        FiguresRange.DAY: Spans(timedelta(hours=1), 24),
        FiguresRange.WEEK: Spans(timedelta(hours=6), 28),
        FiguresRange.MONTH: Spans(timedelta(days=1), 30),
    }
)
"""Spans begin with the hours and days of India; so the last one is not over yet."""


@dataclass(frozen=True, slots=True)
class ReadFigures:
    rollups: PaymentRollups
    clock: Clock

    calls: GatewayCalls

    async def __call__(self, asked: FiguresRange) -> PaymentFigures:
        """Return the figures of *asked* up to now. Raises ``StorageUnavailable``."""
        at = self.clock.now()
        since, until = period_of(asked, at)
        return await self.rollups.figures(since, until, span=SPANS[asked].each, at=at)

    async def gateway(self, asked: FiguresRange) -> Sequence[OperationFigures]:
        """Return the figures of the calls to the bank in the same period. Raises ``StorageUnavailable``."""
        return await self.calls.figures(*period_of(asked, self.clock.now()))


def period_of(asked: FiguresRange, at: datetime) -> tuple[datetime, datetime]:
    """Return where the period *asked* begins, and where its last span, which holds *at*, is over (UTC)."""
    spans = SPANS[asked]
    over = _EPOCH + ((at - _EPOCH) // spans.each + 1) * spans.each
    until = over.astimezone(at.tzinfo)
    return until - spans.count * spans.each, until
