"""Settlement files beside the books, as the command line shows them."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from application.reconciliation.compare_file import FileComparison
from domain.money import Money
from domain.reconciliation.bank_credits import CreditsOutcome
from domain.reconciliation.finding import Finding
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


def compare(
    settings: Settings, path: Path, preset: str | None, mid: str | None, statement: Path | None
) -> dict[str, Any]:
    """
    Return what the file at *path* comes to beside the books; amounts are rupees in text.

    With a *statement* of the account, what that shows of the file's settlements as well.
    """

    async def compared(container: Shulk) -> dict[str, Any]:
        use_cases = container.use_cases().reconciliation()
        with path.open("rb") as file:
            comparison: FileComparison = await use_cases.compare_file()(
                file, path.name, preset=preset, mid=mid
            )
        report = _report(path.name, comparison)
        if statement is not None:
            with statement.open("rb") as file:
                credits_: CreditsOutcome = await use_cases.compare_statement()(
                    file, statement.name, comparison.payouts
                )
            report["credits"] = dict(credits_.credits)
            report["payouts"] = dict(credits_.payouts)
            report["discrepancies"] += [_discrepancy(finding) for finding in credits_.findings]
        return report

    return run_in_container(settings, compared)


def _report(name: str, comparison: FileComparison) -> dict[str, Any]:
    outcome, summary = comparison.outcome, comparison.summary
    return {
        "file": name,
        "preset": summary.format.preset,
        "lines": summary.line_count,
        "rejected": summary.rejected_count,
        "held_for": list(summary.held_for),
        "matched": {"count": outcome.matched_lines, "rupees": _rupees(outcome.matched_paise)},
        "expected": {"count": len(outcome.expected), "rupees": _rupees(outcome.expected_paise)},
        "late": [match.entry.id for match in outcome.late],
        "discrepancies": [_discrepancy(finding) for finding in outcome.findings],
        "totals": {
            name.removesuffix("_paise"): _rupees(paise)
            for name, paise in asdict(outcome.totals).items()
        },
    }


def _discrepancy(finding: Finding) -> dict[str, Any]:
    return {
        "type": finding.type,
        "cause": finding.cause,
        "subject": finding.subject,
        "ref": finding.ref,
        "difference": _rupees(finding.difference_paise),
        "action": finding.action,
        "left_to_a_person": finding.rule.left_to_a_person,
        "lines": [*(ref.line_no for ref in finding.lines), *finding.rejected_lines],
        "evidence": dict(finding.evidence),
    }


def _rupees(paise: int) -> str:
    return Money(paise).plain()
