"""Write what follows from a resolution: in reconciliation, and at the payment whose dispute it records."""

from application.order_status.write_effects import write_effects
from application.reconciliation.write_decision import ResolutionStanding, write_decision
from domain.reconciliation.resolution_context import ResolutionContext, ResolutionDecision
from ports.audit_log import Origin
from ports.unit_of_work import Work


def write_resolution(
    work: Work, context: ResolutionContext, decision: ResolutionDecision, origin: Origin
) -> ResolutionStanding:
    """Collect all that follows from *decision*, and return how things stand then."""
    if (disputed := decision.disputed) is not None:
        write_effects(work, disputed.decision, disputed.basis, origin=origin, at=context.at)
    return write_decision(work, context, decision, origin)
