"""What a settlement file says of one settlement, and what became of that."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DomainError
from domain.settlements.reissue import ReportedAgain, SettlementDifference


class FileOrigin(StrEnum):
    """By which way a settlement file or statement came."""

    UPLOAD = "upload"
    COMMAND = "command"
    REPORT = "report"
    """The bank's report API."""

    FOLDER = "folder"


class ReportAnswer(StrEnum):
    """What a source said of the reports of a business date, as far as one MID goes."""

    READY = "ready"
    NOT_READY = "not_ready"
    NOTHING_SETTLED = "nothing_settled"
    AWAY = "away"
    """It could not be asked, or a report could not be fetched whole."""


class ReportState(StrEnum):
    """What the report of a settlement in one file counts for."""

    LIVE = "live"
    """Its live lines are what the bank settles; a run posts them."""

    HELD = "held"
    """Its file is held: nothing is posted."""

    WAITING = "waiting"
    """A re-issue that takes something away or changes what was matched: a person takes it."""

    DECLINED = "declined"
    """A re-issue that a person did not take: what stands still counts. It may be taken later."""

    REPEATED = "repeated"
    """It holds no event that another file has not reported."""

    SUPERSEDED = "superseded"
    """A re-issue was taken instead; a run reverses what was posted for it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a report counts for beside the reports of other files, and what it is to them; None of the first."""

    state: ReportState
    reported: ReportedAgain | None = None


class ReissueNotWaiting(DomainError):
    """No re-issue of the *settlement* in the file waits for a person."""

    def __init__(self, settlement: str) -> None:
        self.settlement = settlement
        super().__init__(f"no re-issue of {settlement} waits in this file")


def judge_report(
    difference: SettlementDifference, *, matched: frozenset[str], was_held: bool, is_taken: bool
) -> Judgement:
    """
    Return what the report of a settlement counts for that other files have reported.

    *matched* are the keys of the lines before that are matched. *was_held* says that only held reports
    were there: one that could be read whole takes their place. *is_taken* says that a person takes it.
    """
    kind = difference.kind
    if kind is ReportedAgain.SUPPLEMENT:
        return Judgement(ReportState.LIVE, kind)
    if kind is ReportedAgain.NO_NEW_EVENTS and not was_held:
        return Judgement(ReportState.REPEATED, kind)
    is_sure = is_taken or difference.is_taken_by_machine(matched)
    return Judgement(ReportState.LIVE if is_sure else ReportState.WAITING, ReportedAgain.REISSUE)
