"""Requests and answers of the runs of the reconciliation; amounts are rupees as text, refunds negative."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta

from domain.money import CURRENCY, Money
from domain.reconciliation.run import Run, RunFile, RunSummary, RunTrigger
from domain.reconciliation.run_state import RunState
from entrypoints.http.api.discrepancy_wire import DiscrepanciesPage, SignedRupees
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.api.wire import Currency

RunNumber = Annotated[str, Meta(max_length=ID_MAX, examples=["RCABCDEFGH234567JKLM"])]
Counts = Mapping[str, int]


class RunAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Business dates in India, both included: at most 31, none in the future."""

    first: Annotated[date, Meta(examples=["2026-08-03"])]
    last: Annotated[date, Meta(examples=["2026-08-04"])]


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A run in a list. `as_of` is the instant of what it knew, `why` says why it failed. `matched` and
    `discrepancies` are null until it has ended.
    """

    id: RunNumber
    first: date
    last: date
    state: RunState
    trigger: RunTrigger
    requested_at: datetime
    requested_by: str
    as_of: datetime | None
    ended_at: datetime | None
    why: str
    matched: int | None
    discrepancies: int | None

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(**_view(run))


class RunsPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of runs, the latest first; `next` null on the last."""

    items: Sequence[RunView]
    next: str | None


class RunFileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file of which the run took lines; one that is not `posted` is held, or waits."""

    sha256: str
    settlement: str
    posted: bool

    @classmethod
    def of(cls, file: RunFile) -> Self:
        return cls(sha256=file.sha256, settlement=file.settlement, posted=file.posted)


class AwaitedFileView(msgspec.Struct, frozen=True, kw_only=True):
    """The day up to which a file of the MID is missing or held; `*` is any MID of ours."""

    mid: str
    day: date


class RunTotals(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the run came to. `received` to `net` are the bank's own amounts, of the lines that were compared;
    `expected` is what is not due yet, `overdue` what is missing, `reads` the orders read at the bank.
    """

    matched: int
    matched_amount: SignedRupees
    late: int
    expected: int
    expected_amount: SignedRupees
    overdue: int
    discrepancies: int
    healed: int
    reads: int
    received: SignedRupees
    refunded: SignedRupees
    fees: SignedRupees
    taxes: SignedRupees
    net: SignedRupees
    credited: SignedRupees

    @classmethod
    def of(cls, told: RunSummary) -> Self:
        return cls(
            matched=told.matched,
            matched_amount=_rupees(told.matched_paise),
            late=told.late,
            expected=told.expected,
            expected_amount=_rupees(told.expected_paise),
            overdue=told.overdue,
            discrepancies=told.discrepancies,
            healed=told.healed,
            reads=told.reads,
            received=_rupees(told.received_paise),
            refunded=_rupees(told.refunded_paise),
            fees=_rupees(told.fees_paise),
            taxes=_rupees(told.taxes_paise),
            net=_rupees(told.net_paise),
            credited=_rupees(told.credited_paise),
        )


class RunCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found by type and by cause, and bank credits and settlements by what became of them."""

    types: Counts
    causes: Counts
    credits: Counts
    payouts: Counts

    @classmethod
    def of(cls, told: RunSummary) -> Self:
        return cls(types=told.types, causes=told.causes, credits=told.credits, payouts=told.payouts)


class RunDetail(RunView, frozen=True, kw_only=True):
    """
    A run with what it came to. `totals`, `counts` and `calendar` are null until it has ended, and for one
    that failed. `found` holds what it found, as it stands today, the gravest first.
    """

    totals: RunTotals | None
    counts: RunCounts | None
    files: Sequence[RunFileView]
    awaited: Sequence[AwaitedFileView]
    calendar: str | None
    found: DiscrepanciesPage
    currency: Currency = CURRENCY

    @classmethod
    def with_found(cls, run: Run, found: DiscrepanciesPage) -> Self:
        """Return *run* with a page of what it *found*."""
        told = run.summary
        if told is None:
            return cls(
                **_view(run),
                totals=None,
                counts=None,
                files=[],
                awaited=[],
                calendar=None,
                found=found,
            )
        return cls(
            **_view(run),
            totals=RunTotals.of(told),
            counts=RunCounts.of(told),
            files=[RunFileView.of(each) for each in told.files],
            awaited=[
                AwaitedFileView(mid=mid, day=date.fromisoformat(day))
                for mid, day in told.missing.items()
            ],
            calendar=told.calendar,
            found=found,
        )


def _view(run: Run) -> dict[str, Any]:
    told = run.summary
    return {
        "id": run.id,
        "first": run.first,
        "last": run.last,
        "state": run.state,
        "trigger": run.trigger,
        "requested_at": run.requested_at,
        "requested_by": run.requested_by,
        "as_of": run.as_of,
        "ended_at": run.ended_at,
        "why": run.why,
        "matched": None if told is None else told.matched,
        "discrepancies": None if told is None else told.discrepancies,
    }


def _rupees(paise: int) -> str:
    return Money(paise).plain()
