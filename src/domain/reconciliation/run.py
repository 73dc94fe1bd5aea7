"""A reconciliation of a range of business dates: who asked for it, as of when, and what it came to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self

from domain.business_day import business_day_of
from domain.errors import DomainError
from domain.identifiers import PAYMENT_ID_RANDOM_CHARS
from domain.reconciliation.run_days import RunDay
from domain.reconciliation.run_state import RunEvent, RunState, run_after

RunId = NewType("RunId", str)

RUN_ID_PREFIX: Final = "RC"
"""Followed by random characters as in a payment's id."""

RANGE_DAYS_MAX: Final = 31

_ID_SHAPE: Final = re.compile(rf"{RUN_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII)


class RunTrigger(StrEnum):
    """What asked for a run."""

    JOB = "job"
    BUTTON = "button"
    FILE_ARRIVED = "file_arrived"
    COMMAND = "command"


class RangeRefused(DomainError):
    """A range of business dates that is not reconciled: it ends before it begins, is too long, or not over."""

    def __init__(self, first: date, last: date, why: str) -> None:
        self.first, self.last, self.why = first, last, why
        super().__init__(f"{first} to {last} is not reconciled: {why}")


def is_run_id(text: str) -> bool:
    """Whether *text* has the form of our ids of runs."""
    return _ID_SHAPE.fullmatch(text) is not None


def check_range(first: date, last: date, now: datetime) -> None:
    """Raise ``RangeRefused`` for what is no range of at most ``RANGE_DAYS_MAX`` days up to today (India)."""
    if last < first:
        raise RangeRefused(first, last, "it ends before it begins")
    if last - first >= timedelta(days=RANGE_DAYS_MAX):
        raise RangeRefused(first, last, f"it has more than {RANGE_DAYS_MAX} days")
    if last > business_day_of(now):
        raise RangeRefused(first, last, "it ends in the future")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file of which a run took lines: the hash of its bytes, and the settlement that it reports."""

    sha256: str
    settlement: str
    posted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """
    What a run came to, in counts and paise; refunds are negative.

    *received*, *refunded*, *fees*, *taxes* and *net* are the bank's, of the lines that were compared.
    *credits* and *payouts* count bank credits and settlements by their outcome, *types* and
    *causes* the discrepancies that were found. *missing* are MIDs with the day up to which a file is missing or held.
    *days* has what was counted by day; it is empty in what another release has kept.
    """

    matched: int = 0
    matched_paise: int = 0
    late: int = 0
    expected: int = 0
    expected_paise: int = 0
    overdue: int = 0
    discrepancies: int = 0
    healed: int = 0
    reads: int = 0
    received_paise: int = 0
    refunded_paise: int = 0
    fees_paise: int = 0
    taxes_paise: int = 0
    net_paise: int = 0
    credited_paise: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    credits: Mapping[str, int] = field(default_factory=dict)
    payouts: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    files: tuple[RunFile, ...] = ()
    calendar: str = ""
    days: Mapping[str, RunDay] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    One run over the business dates *first* to *last* (IST), both included; it never changes once it has ended.

    *as_of* is the instant (UTC) of what it knew. *attempts* counts the workers that took it: only the
    last one may end it. *why* says why it failed.
    """

    id: RunId
    first: date
    last: date
    trigger: RunTrigger
    requested_at: datetime
    requested_by: str
    state: RunState = RunState.REQUESTED
    attempts: int = 0
    as_of: datetime | None = None
    ended_at: datetime | None = None
    summary: RunSummary | None = None
    why: str = ""

    def ended(self, summary: RunSummary, as_of: datetime, at: datetime) -> Self:
        """Return it concluded; it is incomplete while a file is missing or held."""
        event = RunEvent.FILE_MISSING if summary.missing else RunEvent.ALL_DONE
        return replace(
            self, state=run_after(self.state, event), summary=summary, as_of=as_of, ended_at=at
        )

    def failed(self, why: str, at: datetime) -> Self:
        """Return it given up for the reason *why*."""
        return replace(self, state=run_after(self.state, RunEvent.COULD_NOT), ended_at=at, why=why)
