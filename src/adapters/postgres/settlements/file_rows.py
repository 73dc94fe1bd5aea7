"""Settlement files in rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain.money import Money
from domain.settlements.file_state import SettlementFileState
from domain.settlements.line_warning import LineWarning
from domain.settlements.settlement_report import FileOrigin
from domain.settlements.settlement_totals import DeclaredTotals
from ports.file_store import FileHash
from ports.settlements.settlement_file_reader import FileFormat, FileRefusal, HoldReason
from ports.settlements.settlement_files import (
    FileContent,
    FileReport,
    ReceivedFile,
    Refusal,
    Release,
    SettlementFile,
)

_AMOUNTS = ("credits", "debits", "fee", "tax", "net")


def to_file(row: Mapping[str, Any], reports: Sequence[FileReport] = ()) -> SettlementFile:
    refusal = told(row["refusal"])
    return SettlementFile(
        received=ReceivedFile(
            sha256=FileHash(row["sha256"]),
            name=row["name"],
            size=row["size"],
            origin=FileOrigin(row["origin"]),
            received_at=row["received_at"],
            received_by=row["received_by"],
            day=row["day"],
            preset=row["wanted_preset"],
            mid=row["wanted_mid"],
        ),
        state=SettlementFileState(row["state"]),
        attempts=row["attempts"],
        content=None if row["format"] is None else _content(row),
        refusal=None
        if refusal is None
        else Refusal(
            reason=FileRefusal(refusal["reason"]),
            detail=refusal["detail"],
            line_no=refusal["line_no"],
        ),
        released=None
        if row["released_at"] is None
        else Release(at=row["released_at"], by=row["released_by"], why=row["released_why"]),
        reports=tuple(reports),
    )


def from_received(file: ReceivedFile) -> dict[str, object]:
    return {
        "sha256": file.sha256,
        "name": file.name,
        "size": file.size,
        "origin": file.origin.value,
        "day": file.day,
        "wanted_preset": file.preset,
        "wanted_mid": file.mid,
        "received_at": file.received_at,
        "received_by": file.received_by,
    }


def from_content(content: FileContent) -> dict[str, object]:
    declared = [
        {
            name: value.paise if isinstance(value, Money) else value
            for name, value in _figures(each).items()
        }
        for each in content.declared
    ]
    return {
        "format": from_format(content.format),
        "line_count": content.line_count,
        "rejected_count": content.rejected_count,
        "skipped_count": content.skipped_count,
        "warnings": json.dumps(
            {each.value: count for each, count in content.warnings.items()}, sort_keys=True
        ),
        "declared": json.dumps(declared),
        "held_for": [each.value for each in content.held_for],
    }


def _figures(totals: DeclaredTotals) -> dict[str, str | int | Money | None]:
    return {
        "settlement_id": totals.settlement_id,
        "utr": totals.utr,
        "lines": totals.lines,
        "credits": totals.credits,
        "debits": totals.debits,
        "fee": totals.fee,
        "tax": totals.tax,
        "net": totals.net,
    }


def from_format(form: FileFormat) -> str:
    return json.dumps(asdict(form), sort_keys=True)


def to_format(stored: object) -> FileFormat:
    return FileFormat(**told(stored))


def told(stored: Any) -> Any:
    """Return what stands in a column of JSON, which the driver returns as text."""
    return json.loads(stored) if isinstance(stored, str) else stored


def _content(row: Mapping[str, Any]) -> FileContent:
    return FileContent(
        format=to_format(row["format"]),
        line_count=row["line_count"],
        rejected_count=row["rejected_count"],
        skipped_count=row["skipped_count"],
        warnings={LineWarning(word): count for word, count in told(row["warnings"]).items()},
        declared=to_declared(row["declared"]),
        held_for=tuple(HoldReason(each) for each in row["held_for"]),
    )


def to_declared(stored: object) -> tuple[DeclaredTotals, ...]:
    return tuple(_declared(each) for each in told(stored))


def _declared(stored: Mapping[str, Any]) -> DeclaredTotals:
    amounts = {name: None if stored[name] is None else Money(stored[name]) for name in _AMOUNTS}
    return DeclaredTotals(
        settlement_id=stored["settlement_id"], utr=stored["utr"], lines=stored["lines"], **amounts
    )
