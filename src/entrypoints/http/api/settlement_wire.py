"""What the settlement API takes and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, Self

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from application.settlements.preview_file import FilePreview
from domain.money import CURRENCY
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_report import FileOrigin
from domain.settlements.settlement_totals import SettlementTotals
from entrypoints.http.api.refund_wire import REASON_MAX, REASON_MIN
from entrypoints.http.api.wire import Currency
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.bank_statements import StoredStatement
from ports.settlements.settlement_files import FileReport, SettlementFile

Sha256 = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$")]
Reason = Annotated[
    str,
    Meta(
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        description="3 to 200 characters for the audit trail; no card numbers.",
        examples=["The bank confirmed the row by email"],
    ),
]
NAMED_MAX: Final = 64


@dataclass
class FileForm:
    """The file, and what a person names where the file does not."""

    file: UploadFile
    preset: str | None = None
    mid: str | None = None


@dataclass
class StatementForm:
    """The statement, and the account that it is of where it does not say."""

    file: UploadFile
    preset: str | None = None
    account: str | None = None


class ReleaseAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why the held file may count."""

    reason: Reason


class ReissueAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which waiting re-issue is taken, and why."""

    settlement: Annotated[str, Meta(min_length=1, max_length=100, examples=["SIM0001/2026-11-13"])]
    reason: Reason


class SettlementShown(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement of a file; amounts in rupees. `net` is that of the lines that count."""

    settlement: str
    mid: str
    settled_on: date
    utr: str | None
    lines: int
    credits: str
    debits: str
    fee: str
    tax: str
    reported_net: str
    state: str | None
    reported: str | None
    net: str | None

    @classmethod
    def of(cls, totals: SettlementTotals, report: FileReport | None = None) -> Self:
        told = None if report is None else report.reported
        return cls(
            settlement=totals.key,
            mid=totals.mid,
            settled_on=totals.settled_on,
            utr=totals.utr,
            lines=totals.lines,
            credits=totals.credits.plain(),
            debits=totals.debits.plain(),
            fee=totals.fee.plain(),
            tax=totals.tax.plain(),
            reported_net=totals.net.plain(),
            state=None if report is None else report.state.value,
            reported=None if told is None else told.value,
            net=None if report is None else report.net.plain(),
        )


class LineShown(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it is read; amounts in rupees."""

    line: int
    type: LineType
    direction: Direction
    mid: str
    transaction_id: str | None
    refund_id: str | None
    rrn: str | None
    gross: str
    fee: str
    tax: str
    net: str
    settled_on: date

    @classmethod
    def of(cls, line: SettlementLine) -> Self:
        return cls(
            line=line.line_no,
            type=line.line_type,
            direction=line.direction,
            mid=line.mid,
            transaction_id=line.payment_id,
            refund_id=line.refund_id,
            rrn=line.rrn,
            gross=line.gross.plain(),
            fee=line.fee.plain(),
            tax=line.tax.plain(),
            net=line.net.plain(),
            settled_on=line.settled_on,
        )


class RejectedShown(msgspec.Struct, frozen=True, kw_only=True):
    """A row that could not be read; card numbers in its text are masked."""

    line: int
    reason: str
    text: str


class FileShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    A settlement file. Without `take` it is a preview: `state` is null, and nothing was kept. `line_list`
    and `rejected_list` are the first of a preview.
    """

    sha256: str
    name: str
    state: SettlementFileState | None
    origin: FileOrigin | None
    received_at: datetime | None
    received_by: str | None
    preset: str | None
    preset_version: int | None
    lines: int
    rejected: int
    skipped: int
    warnings: Mapping[str, int]
    held_for: Sequence[str]
    refusal: str | None
    refusal_line: int | None
    released_by: str | None
    released_why: str | None
    settlements: Sequence[SettlementShown]
    line_list: Sequence[LineShown] = ()
    rejected_list: Sequence[RejectedShown] = ()
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, file: SettlementFile) -> Self:
        received, content, refusal = file.received, file.content, file.refusal
        form = None if content is None else content.format
        return cls(
            sha256=received.sha256,
            name=received.name,
            state=file.state,
            origin=received.origin,
            received_at=received.received_at,
            received_by=received.received_by,
            preset=None if form is None else form.preset,
            preset_version=None if form is None else form.preset_version,
            lines=0 if content is None else content.line_count,
            rejected=0 if content is None else content.rejected_count,
            skipped=0 if content is None else content.skipped_count,
            warnings={}
            if content is None
            else {word.value: count for word, count in sorted(content.warnings.items())},
            held_for=[] if content is None else [each.value for each in content.held_for],
            refusal=None if refusal is None else refusal.detail,
            refusal_line=None if refusal is None else refusal.line_no,
            released_by=None if file.released is None else file.released.by,
            released_why=None if file.released is None else file.released.why,
            settlements=[SettlementShown.of(each.totals, each) for each in file.reports],
        )

    @classmethod
    def preview(cls, name: str, preview: FilePreview) -> Self:
        summary = preview.summary
        return cls(
            sha256=preview.sha256,
            name=name,
            state=None,
            origin=None,
            received_at=None,
            received_by=None,
            preset=summary.format.preset,
            preset_version=summary.format.preset_version,
            lines=summary.line_count,
            rejected=summary.rejected_count,
            skipped=summary.skipped_count,
            warnings={word.value: count for word, count in sorted(summary.warnings.items())},
            held_for=[each.value for each in summary.held_for],
            refusal=None,
            refusal_line=None,
            released_by=None,
            released_why=None,
            settlements=[SettlementShown.of(each) for each in summary.settlements],
            line_list=[LineShown.of(each) for each in preview.lines],
            rejected_list=[
                RejectedShown(line=each.line_no, reason=each.reason.value, text=each.text)
                for each in preview.rejected
            ],
        )


class FilePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of settlement files, the latest first; `next` null on the last."""

    items: Sequence[FileShown]
    next: str | None


class StatementShown(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of the account; of a preview `place` is null. Amounts in rupees."""

    place: int | None
    account: str | None
    first_day: date | None
    last_day: date | None
    opening: str
    closing: str
    entries: int
    new_entries: int | None
    held_for: Sequence[str]

    @classmethod
    def of(cls, statement: StoredStatement) -> Self:
        return cls(
            place=statement.place,
            account=statement.account,
            first_day=statement.first_day,
            last_day=statement.last_day,
            opening=statement.opening.plain(),
            closing=statement.closing.plain(),
            entries=statement.entries,
            new_entries=statement.new_entries,
            held_for=[each.value for each in statement.held_for],
        )


class StatementListed(StatementShown, frozen=True, kw_only=True):
    """A statement in the list, with the file that holds it and who brought it."""

    sha256: str
    name: str
    received_at: datetime
    received_by: str

    @classmethod
    def with_file(cls, statement: StoredStatement) -> Self:
        return cls(
            **msgspec.structs.asdict(StatementShown.of(statement)),
            sha256=statement.file,
            name=statement.name,
            received_at=statement.received_at,
            received_by=statement.received_by,
        )


class StatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of bank statements, the latest first; `next` null on the last."""

    items: Sequence[StatementListed]
    next: str | None
    currency: Currency = CURRENCY


class StatementsShown(msgspec.Struct, frozen=True, kw_only=True):
    """The statements of a file. Without `take` it is a preview, and nothing was kept."""

    sha256: str
    name: str
    taken: bool
    statements: Sequence[StatementShown]
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, sha256: str, name: str, statements: Sequence[StoredStatement]) -> Self:
        return cls(
            sha256=sha256,
            name=name,
            taken=True,
            statements=[StatementShown.of(each) for each in statements],
        )

    @classmethod
    def preview(cls, sha256: str, name: str, report: StatementReport) -> Self:
        held = ["rows_rejected"] if report.rejected else []
        held += [] if report.balances_follow and report.summary_agrees else ["balances_differ"]
        return cls(
            sha256=sha256,
            name=name,
            taken=False,
            statements=[
                StatementShown(
                    place=None,
                    account=each.account,
                    first_day=min((entry.booked_on for entry in each.entries), default=None),
                    last_day=max((entry.booked_on for entry in each.entries), default=None),
                    opening=each.opening.plain(),
                    closing=each.closing.plain(),
                    entries=len(each.entries),
                    new_entries=None,
                    held_for=held,
                )
                for each in report.statements
            ],
        )
