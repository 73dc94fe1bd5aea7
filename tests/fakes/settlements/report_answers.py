"""Answers of the sources of settlement files, in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from domain.settlements.settlement_report import ReportAnswer, ReportState
from fakes.store import Store
from ports.settlements.report_answers import KeptAnswer

DONE: Final = frozenset({ReportAnswer.READY, ReportAnswer.NOTHING_SETTLED})


@dataclass(frozen=True, slots=True)
class MemoryReportAnswers:
    store: Store

    async def keep(self, answers: Sequence[KeptAnswer]) -> None:
        await asyncio.sleep(0)
        for each in answers:
            key = (each.day, each.mid, each.origin)
            known = self.store.report_answers.get(key)
            self.store.report_answers[key] = replace(
                each,
                first_asked_at=each.asked_at if known is None else known.first_asked_at,
                times=1 if known is None else known.times + 1,
            )

    async def of_days(self, first: date, last: date) -> Sequence[KeptAnswer]:
        await asyncio.sleep(0)
        kept = sorted(self.store.report_answers.items())
        return [each for _, each in kept if first <= each.day <= last]

    async def awaited(self, first: date, last: date) -> frozenset[tuple[str, date]]:
        told = await self.of_days(first, last)
        there = {(each.mid, each.day) for each in told if each.answer in DONE}
        there |= {
            (each.totals.mid, each.totals.settled_on)
            for each in self.store.settlements.values()
            if each.state is ReportState.LIVE
        }
        there |= {("*", day) for _, day in there}
        return frozenset({(each.mid, each.day) for each in told} - there)
