"""A credit that is not what its settlement has to bring: the rest is written off, and both are closed."""

from domain.reconciliation.finding import Finding
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.taxonomy import Cause


def is_credit_write_off(action: ResolutionAction, finding: Finding) -> bool:
    """Whether *action* ends what a bank credit brings too little or too much."""
    return action is ResolutionAction.WRITE_OFF and finding.cause is Cause.BANK_CREDIT_DIFFERS


def written_off_part(finding: Finding) -> CreditPart | None:
    """
    Return what the one credit of *finding* pays of its one settlement, with what it lacks.

    None when several credits were to pay it, or when the bank took a debt of earlier settlements out of it:
    then nobody can say which of them is short.
    """
    told = dict(finding.evidence)
    if "entries" in told or "carried" in told:
        return None
    return CreditPart(
        entry=finding.ref,
        settlement=finding.settlement,
        amount_paise=int(told["credited"]),
        rounding_paise=-finding.difference_paise,
    )
