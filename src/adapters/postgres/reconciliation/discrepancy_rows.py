"""A discrepancy in its row, and out of it."""

from collections.abc import Mapping
from typing import Any

from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.finding import Finding
from domain.reconciliation.reported import LineRef
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject
from ports.reconciliation.discrepancy_queries import searched_ids


def to_discrepancy(row: Mapping[str, Any]) -> Discrepancy:
    """Return the discrepancy of *row*, whose JSON the driver has decoded."""
    finding = Finding(
        type=DiscrepancyType(row["type"]),
        cause=Cause(row["cause"]),
        subject=Subject(row["subject"]),
        ref=row["ref"],
        settlement=row["settlement"],
        difference_paise=row["difference_paise"],
        posted_paise=row["posted_paise"],
        action=Action(row["action"]),
        lines=tuple(LineRef(*each) for each in row["lines"]),
        rejected_lines=tuple(row["rejected_lines"]),
        entries=tuple(row["entries"]),
        closed=tuple(row["closed"]),
        evidence=tuple((name, value) for name, value in row["evidence"]),
    )
    return Discrepancy(
        finding=finding,
        state=DiscrepancyState(row["state"]),
        owner=Owner(row["owner"]),
        first_found_at=row["first_found_at"],
        last_found_at=row["last_found_at"],
        due_at=row["due_at"],
        times_found=row["times_found"],
        closed_by=row["closed_by"],
        version=row["version"],
    )


def to_columns(discrepancy: Discrepancy) -> dict[str, object]:
    """Return the columns of *discrepancy* as they are stored next, as values that JSON can hold."""
    finding = discrepancy.finding
    return {
        "id": discrepancy.id,
        "type": finding.type,
        "cause": finding.cause,
        "subject": finding.subject,
        "ref": finding.ref,
        "settlement": finding.settlement,
        "difference_paise": finding.difference_paise,
        "posted_paise": finding.posted_paise,
        "action": finding.action,
        "lines": finding.lines,
        "rejected_lines": finding.rejected_lines,
        "entries": finding.entries,
        "closed": finding.closed,
        "evidence": finding.evidence,
        "state": discrepancy.state,
        "owner": discrepancy.owner,
        "first_found_at": discrepancy.first_found_at.isoformat(),
        "last_found_at": discrepancy.last_found_at.isoformat(),
        "due_at": discrepancy.due_at.isoformat(),
        "times_found": discrepancy.times_found,
        "closed_by": discrepancy.closed_by,
        "ids": sorted(searched_ids(discrepancy)),
        "version": discrepancy.version + 1,
    }
