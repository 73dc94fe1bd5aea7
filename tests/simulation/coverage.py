"""What a life came by, of all that there is: states, steps between them, problems, discrepancies and alerts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from domain.gateway_config.configuration_version import VersionState
from domain.monitoring.alert_rules import AlertRule
from domain.payments.dispute_state import DISPUTE_STEPS, DisputeState
from domain.payments.payment import Payment
from domain.payments.payment_state import STEPS, State
from domain.payments.refund_state import REFUND_STEPS, RefundState
from domain.reconciliation import discrepancy, resolve, run, undo_resolution
from domain.reconciliation.discrepancy_state import DISCREPANCY_STEPS, DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.run_state import RUN_STEPS, RunState
from domain.reconciliation.taxonomy import TAXONOMY
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import ReportState
from entrypoints.http.problem_types import BY_SLUG
from fakes.store import Store
from ports.audit_log import AuditEntry
from simulation.sealed import replaced

SETTLED: Final = "a settled payment"
KEPT_ONLY_WITHIN_A_RUN: Final = frozenset({DiscrepancyState.HEALING})
"""A run reads the order and writes what came of it: nobody finds a discrepancy in this state afterwards."""


def _known() -> Iterator[str]:
    yield from (f"payment {each}" for each in State)
    yield from (f"payment {before} -> {after}" for (before, _), after in STEPS.items())
    yield from (f"refund {each}" for each in RefundState)
    yield from (f"refund {before} -> {after}" for (before, _), after in REFUND_STEPS.items())
    yield from (f"dispute {each}" for each in DisputeState)
    yield from (f"dispute {before} -> {after}" for (before, _), after in DISPUTE_STEPS.items())
    yield from (f"run {each}" for each in RunState)
    yield from (f"run {before} -> {after}" for (before, _), after in RUN_STEPS.items())
    yield from (
        f"discrepancy {each}" for each in DiscrepancyState if each not in KEPT_ONLY_WITHIN_A_RUN
    )
    yield from (
        f"discrepancy {before} -> {after}"
        for (before, _), after in DISCREPANCY_STEPS.items()
        if before is not after
    )
    yield from (f"resolution {each}" for each in ResolutionState)
    yield from (f"action {each}" for each in ResolutionAction)
    yield from (f"file {each}" for each in SettlementFileState)
    yield from (f"report {each}" for each in ReportState)
    yield from (f"configuration {each}" for each in VersionState)
    yield from (f"discrepancy {kind}, {cause}" for kind, cause in TAXONOMY)
    yield from (f"alert {each}" for each in AlertRule)
    yield from (f"problem {slug}" for slug in BY_SLUG)
    yield SETTLED


KNOWN: Final = frozenset(_known())
"""All that a life can come by, as far as the product names it."""


@dataclass(slots=True)
class StepsTaken:
    """Steps that no entry of the audit log tells: of discrepancies and runs as they are decided, and of disputes."""

    names: set[str] = field(default_factory=set)
    _disputes: dict[tuple[str, str], DisputeState] = field(default_factory=dict)

    def noted(self) -> AbstractContextManager[None]:
        """Note what discrepancies and runs step to within the block."""
        return replaced(
            (discrepancy, "discrepancy_after", self._noting("discrepancy", discrepancy)),
            (resolve, "discrepancy_after", self._noting("discrepancy", resolve)),
            (undo_resolution, "discrepancy_after", self._noting("discrepancy", undo_resolution)),
            (run, "run_after", self._noting("run", run)),
        )

    def look(self, payments: Iterable[Payment]) -> None:
        """Note what disputes of *payments* have stepped to since the last look."""
        for payment in payments:
            for dispute in payment.disputes:
                before = self._disputes.get((payment.id, dispute.id))
                if before is not None and before is not dispute.state:
                    self.names.add(f"dispute {before} -> {dispute.state}")
                self._disputes[payment.id, dispute.id] = dispute.state

    def _noting(self, what: str, module: Any) -> Callable[[Any, Any], Any]:
        own: Callable[[Any, Any], Any] = getattr(module, f"{what}_after")

        def noting(state: Any, event: Any) -> Any:
            after = own(state, event)
            if after is not state:
                self.names.add(f"{what} {state} -> {after}")
            return after

        return noting


def reached(store: Store, problems: Iterable[str], steps: Iterable[str] = ()) -> Counter[str]:
    """Return what a life came by that left *store* behind, with its *problems* and *steps*, each once."""
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
        *(f"resolution {each.state}" for each in store.resolutions.values()),
        *(f"action {each.action}" for each in store.resolutions.values()),
        *(f"file {each.file.state}" for each in store.settlement_files.values()),
        *(f"report {each.state}" for each in store.settlements.values()),
        *(f"configuration {each.state}" for each in store.configurations.values()),
        *_steps(store.audit),
        *steps,
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
