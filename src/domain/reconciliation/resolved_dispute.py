"""What a decision about a chargeback says of the payment's dispute."""

from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.basis import DisputeBasis, ToldDispute
from domain.payments.dispute import Dispute, dispute_about
from domain.reconciliation.finding import Finding
from domain.reconciliation.resolution import DiscrepancyResolution, ResolutionAction
from domain.reconciliation.resolution_context import DisputedPayment, ResolutionContext
from domain.reconciliation.resolution_rules import (
    DISPUTE_STATES,
    ResolutionRequest,
    concerned_payment,
)


def disputed_payment(
    context: ResolutionContext, request: ResolutionRequest | None = None
) -> PaymentId | None:
    """
    Return the payment whose dispute *request* records, or whose record it takes back; None otherwise.

    Without a request it is the one of the proposal that awaits approval.
    """
    if request is not None and request.action in DISPUTE_STATES:
        return concerned_payment(request, context.discrepancy.finding)
    if request is not None:
        return _named(context.in_force) if request.action is ResolutionAction.UNDO else None
    proposed = context.proposed
    if proposed is not None and proposed.undoes is not None:
        proposed = context.history[proposed.undoes - 1]
    return _named(proposed)


def recorded_dispute(
    context: ResolutionContext, resolution: DiscrepancyResolution
) -> DisputedPayment | None:
    """Return what *resolution* makes of the payment's dispute, None where it says nothing of one that is known."""
    state = DISPUTE_STATES.get(resolution.action)
    if state is None or context.payment is None:
        return None
    told = ToldDispute(
        discrepancy=resolution.discrepancy,
        amount=_pulled(context.discrepancy.finding),
        state=state,
    )
    basis = DisputeBasis(told=(told,), at=context.at, response=context.dispute_response)
    return DisputedPayment(basis.decide(context.payment), basis)


def dispute_that_ended(
    context: ResolutionContext, resolution: DiscrepancyResolution
) -> Dispute | None:
    """Return the dispute that ended as *resolution* says, None where it has not, or goes on."""
    state = DISPUTE_STATES.get(resolution.action)
    if state is None or state.is_open or context.payment is None:
        return None
    disputes = context.payment.disputes
    name = dispute_about(disputes, _pulled(context.discrepancy.finding), resolution.discrepancy)
    found = (each for each in disputes if each.id == name and each.state is state)
    return next(found, None)


def _named(resolution: DiscrepancyResolution | None) -> PaymentId | None:
    is_about_dispute = resolution is not None and resolution.action in DISPUTE_STATES
    return resolution.payment if resolution is not None and is_about_dispute else None


def _pulled(finding: Finding) -> Money:
    return Money(abs(finding.difference_paise))
