"""What a life came by, of all that there is: states, steps between them, problems, discrepancies and alerts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from domain.monitoring.alert_rules import AlertRule
from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import STEPS, State
from domain.payments.refund_state import REFUND_STEPS, RefundState
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import TAXONOMY
from entrypoints.http.problem_types import BY_SLUG
from fakes.store import Store
from ports.audit_log import AuditEntry

SETTLED: Final = "a settled payment"


def _known() -> Iterator[str]:
    yield from (f"payment {each}" for each in State)
    yield from (f"payment {before} -> {after}" for (before, _), after in STEPS.items())
    yield from (f"refund {each}" for each in RefundState)
    yield from (f"refund {before} -> {after}" for (before, _), after in REFUND_STEPS.items())
    yield from (f"dispute {each}" for each in DisputeState)
    yield from (f"run {each}" for each in RunState)
    yield from (f"discrepancy {each}" for each in DiscrepancyState)
    yield from (f"discrepancy {kind}, {cause}" for kind, cause in TAXONOMY)
    yield from (f"alert {each}" for each in AlertRule)
    yield from (f"problem {slug}" for slug in BY_SLUG)
    yield SETTLED


KNOWN: Final = frozenset(_known())
"""All that a life can come by, as far as the product names it."""


def reached(store: Store, problems: Iterable[str]) -> Counter[str]:
    """Return what a life came by that left *store* behind and was answered with *problems*, each once."""
    payments = store.payments.values()
    found = {
        *(f"problem {slug}" for slug in problems),
        *(f"payment {each.state}" for each in payments),
        *(f"refund {refund.state}" for each in payments for refund in each.refunds),
        *(f"dispute {dispute.state}" for each in payments for dispute in each.disputes),
        *(f"run {each.run.state}" for each in store.runs.values()),
        *(f"discrepancy {each.state}" for each in store.discrepancies.values()),
        *(
            f"discrepancy {each.finding.type}, {each.finding.cause}"
            for each in store.discrepancies.values()
        ),
        *(f"alert {rule}" for rule, _ in store.alert_cases),
        *(f"alert {kind}" for kind, _ in store.raised_alerts),
        *_steps(store.audit),
    }
    if any(each.settled_by is not None for each in store.expectations.values()):
        found.add(SETTLED)
    return Counter(found)


def never_reached(found: Iterable[str]) -> Sequence[str]:
    """Return what is known and not among *found*, in order."""
    return sorted(KNOWN.difference(found))


def _steps(audit: Iterable[AuditEntry]) -> Iterator[str]:
    for entry in audit:
        if entry.from_state is not None and entry.to_state is not None:
            yield f"payment {entry.from_state} -> {entry.to_state}"
            yield f"payment {entry.from_state}"
        if entry.action.startswith("refund.") and "from" in entry.facts:
            before, after = entry.facts["from"], entry.facts["state"]
            yield f"refund {before}"
            if before != after:  # the bank may only have told more about it
                yield f"refund {before} -> {after}"
        if entry.action == "dispute.told":
            yield f"dispute {entry.facts['state']}"
