"""The tables of reconciliation as a page: states of runs, files and discrepancies, types and causes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from domain.reconciliation.discrepancy_state import (
    DISCREPANCY_STEPS,
    DiscrepancyEvent,
    DiscrepancyState,
)
from domain.reconciliation.resolution import (
    RESOLUTION_STEPS,
    ResolutionAction,
    ResolutionEvent,
    ResolutionState,
)
from domain.reconciliation.resolution_rules import (
    ACCOUNTS,
    ALWAYS_SECONDED,
    LAWFUL_ACTIONS,
    LIMITED,
    WAITING,
)
from domain.reconciliation.run_state import RUN_STEPS, RunEvent, RunState
from domain.reconciliation.taxonomy import TAXONOMY, Posting
from domain.settlements.file_state import (
    FILE_STEPS,
    SettlementFileEvent,
    SettlementFileState,
)

StateT = TypeVar("StateT", bound=StrEnum)
EventT = TypeVar("EventT", bound=StrEnum)

RUN_OPENING: Final = """\

# How a reconciliation run moves

Printed from the table in `domain/reconciliation/run_state.py`. A run compares our books with the bank's settlement
files and account statements for a range of business dates. A range has at most one run that has not ended. What has
ended is never changed; a later run of the range takes its place.
"""
RUN_MEANINGS: Final[Mapping[RunState, str]] = {
    RunState.REQUESTED: "Asked for; a worker takes it next.",
    RunState.RUNNING: "A worker compares. When it is lost, another one begins anew.",
    RunState.COMPLETE: "Every file was there and whole, and all of it was compared.",
    RunState.INCOMPLETE: "A file is missing or held: nothing was concluded from what is not in the others.",
    RunState.FAILED: "It could not be done; nothing was changed by it.",
    RunState.SUPERSEDED: "A later run of the range has ended.",
}
DISCREPANCY_OPENING: Final = """\

# How a discrepancy moves

Printed from the table in `domain/reconciliation/discrepancy_state.py`. A discrepancy is the same one over all runs
while its type, cause, subject, id and settlement are. Nothing is deleted: what closes says by what it was closed. What
a person decided holds for the difference that the person saw: another difference opens it again.
"""
DISCREPANCY_MEANINGS: Final[Mapping[DiscrepancyState, str]] = {
    DiscrepancyState.OPEN: "It needs a read of the bank or a person.",
    DiscrepancyState.HEALING: "The order is being read; the bank's answer may repair the books.",
    DiscrepancyState.HEALED: "A read repaired the books.",
    DiscrepancyState.EXPLAINED: "Later evidence explains it, without a person.",
    DiscrepancyState.AWAITING_APPROVAL: "Decided by one person; a second one has to approve it.",
    DiscrepancyState.RESOLVED: "Decided by a named person, with a reason.",
}
FILE_OPENING: Final = """\

# How a settlement file moves

Printed from the table in `domain/settlements/file_state.py`. A file is stored under the hash of its bytes before it is
read; the same bytes again are the same file.
"""
FILE_MEANINGS: Final[Mapping[SettlementFileState, str]] = {
    SettlementFileState.RECEIVED: "Stored; a worker reads it next.",
    SettlementFileState.READING: "A worker reads it. When it is lost, another one begins anew.",
    SettlementFileState.IMPORTED: "Every row was read or counted; its lines may be posted.",
    SettlementFileState.HELD: "A row could not be read, or totals are wrong or missing: nothing is posted for it.",
    SettlementFileState.REFUSED: "Not a report that a preset reads, or over a limit; nothing of it was taken.",
    SettlementFileState.SUPERSEDED: "The bank issued its settlement anew, and that was taken.",
}
RESOLUTION_OPENING: Final = """\

# How a resolution moves

Printed from the table in `domain/reconciliation/resolution.py`. A resolution is what a person decided about a
discrepancy. It stays for good, whatever became of it, and its journal is taken back by its mirror.
"""
RESOLUTION_MEANINGS: Final[Mapping[ResolutionState, str]] = {
    ResolutionState.PROPOSED: "Decided by one person; a second one has to approve it.",
    ResolutionState.IN_FORCE: "It holds, and its journal is posted.",
    ResolutionState.REJECTED: "Another person did not approve it.",
    ResolutionState.WITHDRAWN: "The person who proposed it took it back.",
    ResolutionState.UNDONE: "A later resolution took it back.",
    ResolutionState.OVERTAKEN: "A run found another difference or an explanation; it does not hold any more.",
}
ACTIONS_OPENING: Final = """\

# What a person may do about a discrepancy

Printed from the tables in `domain/reconciliation/resolution_rules.py`. What waits leaves the discrepancy open, because
the money has still to come or to go. To undo is possible wherever something is in force, but for a refund, and needs a
second person when the first decision did.
"""
CAUSES_OPENING: Final = """\

# Why books and bank disagree

Printed from the table in `domain/reconciliation/taxonomy.py`. Each cause is a hypothesis with a test; the first that
holds is the cause. *Expected* is no discrepancy: nothing is missing before its due working day has ended, and nothing
is concluded from what an incomplete file does not hold. Until it is decided, the money stands in the account named.
"""


def reconciliation_states() -> str:
    """Return the part of ``docs/states.md`` that is about reconciliation."""
    runs = machine(RUN_STEPS, RunState, RunEvent, RUN_MEANINGS, RunState.REQUESTED)
    files = machine(
        FILE_STEPS,
        SettlementFileState,
        SettlementFileEvent,
        FILE_MEANINGS,
        SettlementFileState.RECEIVED,
    )
    discrepancies = machine(
        DISCREPANCY_STEPS,
        DiscrepancyState,
        DiscrepancyEvent,
        DISCREPANCY_MEANINGS,
        DiscrepancyState.OPEN,
    )
    resolutions = machine(
        RESOLUTION_STEPS,
        ResolutionState,
        ResolutionEvent,
        RESOLUTION_MEANINGS,
        ResolutionState.PROPOSED,
        ResolutionState.IN_FORCE,
    )
    causes = "".join(
        f"| `{kind}` | `{cause}` | {_words(rule.action)} | {rule.left_to_a_person or '-'}"
        f" | {'-' if rule.posting is Posting.NONE else rule.posting} | {rule.owner} |\n"
        for (kind, cause), rule in TAXONOMY.items()
    )
    return (
        f"{RUN_OPENING}\n{runs}{FILE_OPENING}\n{files}{DISCREPANCY_OPENING}\n{discrepancies}{CAUSES_OPENING}\n"
        f"| Type | Cause | By machine | Left to a person | Stands in | Owner |\n{'|---' * 6}|\n{causes}"
        f"{RESOLUTION_OPENING}\n{resolutions}{ACTIONS_OPENING}\n{_actions()}"
    )


def _actions() -> str:
    rows = "".join(
        f"| `{action}` | {', '.join(f'`{cause}`' for cause in causes)}"
        f" | {'waits' if action in WAITING else 'ends it'} | {_second_person(action)}"
        f" | {', '.join(f'`{each}`' for each in sorted(ACCOUNTS.get(action, ()))) or '-'} |\n"
        for action in ResolutionAction
        if (causes := [cause for cause, lawful in LAWFUL_ACTIONS.items() if action in lawful])
    )
    return f"| Action | Causes | Effect | Second person | Accounts |\n{'|---' * 5}|\n{rows}"


def _second_person(action: ResolutionAction) -> str:
    if action in ALWAYS_SECONDED:
        return "always"
    if action is ResolutionAction.REFUND_STUDENT:
        return "as any refund"
    return "above a limit" if action in LIMITED else "no"


def machine(
    steps: Mapping[tuple[StateT, EventT], StateT],
    states: type[StateT],
    events: type[EventT],
    meanings: Mapping[StateT, str],
    *first: StateT,
) -> str:
    begins = "".join(f"    [*] --> {each}\n" for each in first)
    arrows = "".join(
        f"    {before} --> {then}: {_words(event)}\n"
        for (before, event), then in steps.items()
        if before is not then
    )
    means = "".join(f"| `{state}` | {meanings[state]} |\n" for state in states)
    rows = "".join(
        f"| {_words(event)} | {' | '.join(_cell(steps.get((state, event))) for state in states)} |\n"
        for event in events
    )
    return (
        f"```mermaid\nstateDiagram-v2\n{begins}{arrows}```\n\n"
        f"| State | Meaning |\n|---|---|\n{means}\n"
        f"Where each event leads from each state; a dash means nowhere:\n\n"
        f"| Event | {' | '.join(f'`{state}`' for state in states)} |\n"
        f"|{'---|' * (len(states) + 1)}\n{rows}"
    )


def _cell(then: StrEnum | None) -> str:
    return "-" if then is None else f"`{then}`"


def _words(member: StrEnum) -> str:
    return member.replace("_", " ")
