"""Answers of the sources of settlement files, in rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.settlements.settlement_report import FileOrigin, ReportAnswer
from ports.settlements.report_answers import KeptAnswer

KEEP: Final = prepare(
    text("""
        INSERT INTO report_answer (mid, day, origin, answer, asked_at, first_asked_at, times, retry_at, why)
        SELECT mid, day, origin, answer, asked_at, asked_at, 1, retry_at, why
        FROM unnest(CAST(:mids AS text[]), CAST(:days AS date[]), CAST(:origins AS text[]),
                    CAST(:answers AS text[]), CAST(:asked AS timestamptz[]),
                    CAST(:retries AS timestamptz[]), CAST(:reasons AS text[]))
             AS a (mid, day, origin, answer, asked_at, retry_at, why)
        ORDER BY mid, day, origin
        ON CONFLICT (mid, day, origin) DO UPDATE SET
            answer = excluded.answer, asked_at = excluded.asked_at, retry_at = excluded.retry_at,
            why = excluded.why, times = report_answer.times + 1
    """)
)
OF_DAYS: Final = prepare(
    text("""
        SELECT * FROM report_answer WHERE day BETWEEN :first AND :last ORDER BY day, mid, origin
    """)
)

AWAITED: Final = prepare(
    text("""
        SELECT DISTINCT a.mid, a.day FROM report_answer a
        WHERE a.day BETWEEN :first AND :last
          AND NOT EXISTS (
            SELECT FROM report_answer d
            WHERE d.day = a.day AND a.mid IN (d.mid, '*') AND d.answer IN ('ready', 'nothing_settled'))
          AND NOT EXISTS (
            SELECT FROM settlement s
            WHERE s.settled_on = a.day AND a.mid IN (s.mid, '*') AND s.state = 'live')
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresReportAnswers:
    database: Database

    async def keep(self, answers: Sequence[KeptAnswer]) -> None:
        await self.database.fetch(
            KEEP,
            mids=[each.mid for each in answers],
            days=[each.day for each in answers],
            origins=[each.origin.value for each in answers],
            answers=[each.answer.value for each in answers],
            asked=[each.asked_at for each in answers],
            retries=[each.retry_at for each in answers],
            reasons=[each.why for each in answers],
        )

    async def of_days(self, first: date, last: date) -> Sequence[KeptAnswer]:
        rows = await self.database.fetch(OF_DAYS, first=first, last=last)
        return [
            KeptAnswer(
                mid=row["mid"],
                day=row["day"],
                origin=FileOrigin(row["origin"]),
                answer=ReportAnswer(row["answer"]),
                asked_at=row["asked_at"],
                retry_at=row["retry_at"],
                why=row["why"],
                first_asked_at=row["first_asked_at"],
                times=row["times"],
            )
            for row in rows
        ]

    async def awaited(self, first: date, last: date) -> frozenset[tuple[str, date]]:
        rows = await self.database.fetch(AWAITED, first=first, last=last)
        return frozenset((row["mid"], row["day"]) for row in rows)
