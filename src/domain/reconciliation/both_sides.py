"""The two amounts of a discrepancy: what our books say, and what the bank says."""

from dataclasses import dataclass
from typing import Final

from domain.reconciliation.finding import Finding
from domain.reconciliation.taxonomy import Cause, DiscrepancyType

_OURS: Final = "ours"
_TOLD_BY_THE_BANK: Final = ("bank", "credited", "declared", "net")
"""Names under which evidence keeps the bank's amount, the more exact one first."""

_TOLD_TWICE: Final = frozenset({Cause.CHARGED_TWICE, Cause.DUPLICATE_LINE})


@dataclass(frozen=True, slots=True)
class BothSides:
    """Amounts in paise as the comparison saw them; both are None where it compared something else."""

    ours_paise: int | None
    bank_paise: int | None


def both_sides(finding: Finding) -> BothSides:
    """
    Return the amounts that *finding* lies between: of a fee the two fees, of an absence nothing on one side.

    What the evidence names stands before what follows from the difference.
    """
    told = dict(finding.evidence)
    bank = _bank_paise(finding, told)
    if bank is None:
        return BothSides(None, None)
    ours = int(told[_OURS]) if _OURS in told else bank - finding.difference_paise
    return BothSides(ours, bank)


def _bank_paise(finding: Finding, told: dict[str, str]) -> int | None:
    for name in _TOLD_BY_THE_BANK:
        if name in told:
            return int(told[name])
    if finding.type is DiscrepancyType.MISSING_IN_SYSTEM or finding.cause in _TOLD_TWICE:
        return finding.difference_paise
    if finding.type is DiscrepancyType.AMOUNT_MISMATCH:
        # Two files tell one event differently, and the evidence names the lines alone.
        return None
    return finding.posted_paise
