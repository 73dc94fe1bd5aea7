"""What any store of the sources' answers must do; on memory and on PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from contracts.settlements.settlement_files_contract import ONE, a_line, bring
from contracts.storage import Storage
from domain.settlements.settlement_report import FileOrigin, ReportAnswer
from fakes.clock import NOON
from ports.settlements.report_answers import KeptAnswer

FRIDAY: Final = date(2026, 11, 13)
MONDAY: Final = date(2026, 11, 16)
ASKED: Final = KeptAnswer(
    mid="SIM0001",
    day=FRIDAY,
    origin=FileOrigin.REPORT,
    answer=ReportAnswer.NOT_READY,
    asked_at=NOON,
    retry_at=NOON + timedelta(hours=1),
    why="the bank is preparing it",
)


class ReportAnswersContract:
    async def test_the_last_answer_of_a_day_and_mid_counts(self, storage: Storage) -> None:
        """
        With how often it was asked, and since when.
        """
        other = replace(ASKED, mid="SIM0002", origin=FileOrigin.FOLDER, retry_at=None, why=None)
        later = replace(
            ASKED, answer=ReportAnswer.READY, asked_at=NOON + timedelta(hours=2), retry_at=None
        )
        await storage.report_answers.keep([ASKED, other])
        await storage.report_answers.keep([later])

        assert await storage.report_answers.of_days(FRIDAY, FRIDAY) == [
            replace(later, first_asked_at=NOON, times=2),
            replace(other, first_asked_at=NOON, times=1),
        ]
        assert await storage.report_answers.of_days(MONDAY, MONDAY) == []

    async def test_a_day_is_awaited_until_somebody_has_its_report(self, storage: Storage) -> None:
        """
        A source that has it, or says that there is none, ends it as well as a file that came otherwise.
        """
        tuesday = MONDAY + timedelta(days=1)
        told = [
            ASKED,
            replace(ASKED, mid="SIM0002", answer=ReportAnswer.AWAY),
            replace(ASKED, mid="SIM0002", origin=FileOrigin.FOLDER, answer=ReportAnswer.READY),
            replace(ASKED, mid="SIM0002", day=MONDAY),
            replace(ASKED, mid="*", day=MONDAY),
            replace(ASKED, mid="*", day=tuesday),
            replace(ASKED, day=tuesday, answer=ReportAnswer.NOTHING_SETTLED),
        ]
        await storage.report_answers.keep(told)

        awaited = storage.report_answers.awaited
        assert await awaited(FRIDAY, tuesday) == {
            *(("SIM0001", FRIDAY), ("SIM0002", MONDAY), ("*", MONDAY))
        }
        await bring(storage, ONE, a_line(1), a_line(2, settled_on=MONDAY))
        assert await awaited(FRIDAY, tuesday) == {("SIM0002", MONDAY)}
        assert await awaited(tuesday, tuesday) == frozenset()

    async def test_that_nothing_was_settled_makes_a_day_complete(self, storage: Storage) -> None:
        """
        As a file of that day would; any other answer proves nothing.
        """
        await bring(storage, ONE, a_line(1))
        await storage.report_answers.keep(
            [
                replace(ASKED, day=MONDAY, answer=ReportAnswer.NOTHING_SETTLED),
                replace(ASKED, day=MONDAY + timedelta(days=1)),
                replace(ASKED, mid="SIM0002", answer=ReportAnswer.NOTHING_SETTLED),
            ]
        )

        assert await storage.settlement_reads.complete_until() == {
            "SIM0001": MONDAY,
            "SIM0002": FRIDAY,
        }
