"""Generated pages: printed from the code, so that they cannot differ from it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from domain.payments.dispute_state import DISPUTE_STEPS, DisputeState
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import STEPS, Event, State
from domain.payments.refund_state import REFUND_STEPS, RefundEvent, RefundState
from domain.payments.resolution import ANY, ENDED, LAWFUL, LIVE, OWNERS, SOLD, Resolution
from entrypoints.http.problem_pages import problems_page
from entrypoints.logs.page import log_events_page
from entrypoints.operations.alerts_page import alerts_page
from entrypoints.operations.archive_states import archive_states
from entrypoints.operations.compliance.pages import asvs_page, pci_page
from entrypoints.operations.ledger_page import ledger_page
from entrypoints.operations.permissions_page import permissions_page
from entrypoints.operations.reconciliation_states import reconciliation_states
from entrypoints.operations.runbook.page import runbook_page
from entrypoints.settings.page import env_example, settings_page
from entrypoints.telemetry.page import metrics_page

ROOT: Final = Path(__file__).parents[3]

OPENING: Final = """\
# How a payment moves

Printed from the table in `domain/payments/payment_state.py` by `shulk docs write`. Whatever is not written down here
cannot happen. News that leads nowhere changes nothing. A step of our own that the table does not have is refused.
"""
MEANINGS: Final[Mapping[State, str]] = {
    State.PENDING: "No attempt is known: the student has not tried to pay, or the bank has not told.",
    State.PROCESSING: "The bank is busy with an attempt; money may be on its way.",
    State.SUCCESS: "The bank charged exactly the quoted amount, or there was nothing to pay.",
    State.FAILED: "The bank declined, or its page could not be created. A late charge still counts.",
    State.EXPIRED: "The session ended without an attempt. A late charge still counts.",
    State.PARTIALLY_REFUNDED: "Part of what was charged has reached the student again.",
    State.REFUNDED: "All that was charged has reached the student again; the enrolment has ended.",
}
REFUND_OPENING: Final = """\

# How a refund moves

Printed from the table in `domain/payments/refund_state.py`. A refund above the limit for one member of staff waits for
a second one. One that is made outside (in the bank's dashboard, or by the bank itself) begins where the bank says it
is. Money that has gone back is never denied: a refund that the bank called failed may still turn out to be paid, as
long as no more goes back than was taken.
"""
REFUND_MEANINGS: Final[Mapping[RefundState, str]] = {
    RefundState.AWAITING_APPROVAL: "A second member of staff has to agree; the bank does not know of it.",
    RefundState.REQUESTED: "Written down and being sent; a read tells whether the bank has it.",
    RefundState.PENDING: "The bank has it and has not paid yet.",
    RefundState.MANUAL_REVIEW: "The bank works on it by hand; a person has to ask.",
    RefundState.SUCCESS: "The money is back with the student.",
    RefundState.FAILED: "The bank did not give it back; the amount can be asked for under a new id.",
    RefundState.REJECTED: "The second member of staff said no, or nobody decided in time.",
    RefundState.WITHDRAWN: "Who asked for it took it back before anybody agreed.",
}


def states_page() -> str:
    """Return ``docs/states.md`` as it has to be: a diagram, the states, and the table itself."""
    arrows = "".join(
        f"    {state} --> {to}: {_words(event)}\n" for (state, event), to in STEPS.items()
    )
    states = "".join(
        f"| `{state}` | {'yes' if state.is_live else 'no'} | {MEANINGS[state]} |\n"
        for state in State
    )
    rows = "".join(
        f"| {_words(event)} | {' | '.join(_cell(state, event) for state in State)} |\n"
        for event in Event
    )
    return (
        f"{OPENING}\n```mermaid\nstateDiagram-v2\n    [*] --> {State.PENDING}\n{arrows}```\n\n"
        f"| State | Holds the course's place | Meaning |\n|---|---|---|\n{states}\n"
        f"Where each event leads from each state; a dash means nowhere:\n\n"
        f"| Event | {' | '.join(f'`{state}`' for state in State)} |\n"
        f"|{'---|' * (len(State) + 1)}\n{rows}{_refunds()}{_reviews()}{reconciliation_states()}{archive_states()}"
    )


def _refunds() -> str:
    begins = "".join(
        f"    [*] --> {state}\n" for state in (RefundState.AWAITING_APPROVAL, RefundState.REQUESTED)
    )
    arrows = "".join(
        f"    {state} --> {to}: {_words(event)}\n" for (state, event), to in REFUND_STEPS.items()
    )
    states = "".join(
        f"| `{state}` | {'yes' if state.is_in_flight else 'no'} | {REFUND_MEANINGS[state]} |\n"
        for state in RefundState
    )
    rows = "".join(
        f"| {_words(event)} | {' | '.join(_refund_cell(state, event) for state in RefundState)} |\n"
        for event in RefundEvent
    )
    return (
        f"{REFUND_OPENING}\n```mermaid\nstateDiagram-v2\n{begins}{arrows}```\n\n"
        f"| State | Its amount is reserved | Meaning |\n|---|---|---|\n{states}\n"
        f"Where each event leads from each state; a dash means nowhere:\n\n"
        f"| Event | {' | '.join(f'`{state}`' for state in RefundState)} |\n"
        f"|{'---|' * (len(RefundState) + 1)}\n{rows}{_disputes()}"
    )


DISPUTE_OPENING: Final = """\

# How a dispute moves

Printed from the table in `domain/payments/dispute_state.py`. A dispute begins where the bank says it is, and goes
forward only; any state may be skipped. While one is open nothing of the payment is refunded, and what was lost is
never refunded again. An alert names each open dispute within minutes of when it became known, and again once a day
from `SHULK_DISPUTE_ALERT_HOURS` before its deadline until it ends.
"""
DISPUTE_MEANINGS: Final[Mapping[DisputeState, str]] = {
    DisputeState.RECEIVED: "The payer's bank contests the charge; also a word of the bank that is not known here.",
    DisputeState.EVIDENCE_REQUIRED: "The bank asks for evidence until the deadline.",
    DisputeState.UNDER_REVIEW: "The evidence is with the bank.",
    DisputeState.WITHDRAWN: "The payer gave it up, or a refund has settled it.",
    DisputeState.WON: "The merchant keeps the money; the next instance may still decide otherwise.",
    DisputeState.LOST: "The payer has the disputed amount; finance decides about the documents.",
}


def _disputes() -> str:
    rows = "".join(
        f"| `{state}` | {'yes' if state.is_open else 'no'} | {DISPUTE_MEANINGS[state]}"
        f" | {' '.join(f'`{to}`' for before, to in DISPUTE_STEPS if before is state) or '-'} |\n"
        for state in DisputeState
    )
    return f"{DISPUTE_OPENING}\n| State | Open | Meaning | May become |\n|---|---|---|---|\n{rows}"


REVIEW_OPENING: Final = """\

# How a review ends

Printed from the tables in `domain/payments/resolution.py`. A payment is under review for a set of reasons. Each has an
owner, an age and an end of its own; another reason on top changes none of this. `shulk payments review` and
`GET /api/admin/payments/review` list the payments, oldest first. An alert a day names each reason with its age
(`SHULK_REVIEW_REMINDER_HOURS`).

- **read again** reads the order at the bank and applies the answer. It ends the reason if the answer does.
- **close** ends the session without a sale. The student may begin again; a charge reported later still counts.
- **give back** refunds all that is left, by the ordinary way: above the limit a second person approves it.
- **accept** says that what the bank did stands. The same answer of the bank does not open the reason again.

Every action is written to the audit log with its reason; all but *read again* need a TOTP code. *live* means pending or
processing, *ended* every other state, *sold* success and the refunded states; a dash means never.
"""
REVIEW_ENDS: Final[Mapping[ReviewReason, str]] = {
    ReviewReason.AUTHORISED_ONLY: "the bank says that it charged, declined, or something else",
    ReviewReason.VOIDED: "the bank says that it charged, declined, or something else",
    ReviewReason.CAPTURE_PENDING: "the bank says that it charged, declined, or something else",
    ReviewReason.AUTO_REFUNDED: "the bank charges the order after all",
    ReviewReason.PARTLY_CHARGED: "the bank says that it charged, declined, or something else",
    ReviewReason.UNKNOWN_STATUS: "the bank says that it charged, declined, or something else",
    ReviewReason.AMOUNT_DIFFERS: "all of it has gone back, or the bank charges the quoted amount",
    ReviewReason.CURRENCY_DIFFERS: "all of it has gone back, or the bank charges the quoted amount",
    ReviewReason.PAID_TWICE: "all of it has gone back",
    ReviewReason.COURSE_CLOSED: "all of it has gone back",
    ReviewReason.REFUND_OUTSIDE: "never",
    ReviewReason.REFUND_FAILED: "a new refund is requested, the failed one is paid, or all has gone back",
    ReviewReason.REFUND_IN_REVIEW: "the bank's own review of the refund ends",
    ReviewReason.REFUND_OVERDUE: "no refund is overdue at the bank any more",
    ReviewReason.REFUND_DIFFERS: "the bank reports it as it was requested here",
    ReviewReason.REFUND_UNCLEAR: "the bank reports it clearly",
    ReviewReason.REFUNDS_EXCEED: "an amount is free, and the order is read again",
    ReviewReason.EFFECTIVE_AMOUNT_DIFFERS: "never",
    ReviewReason.DISPUTED: "no dispute is open any more",
    ReviewReason.DISPUTE_LOST: "never",
    ReviewReason.DISPUTE_UNCLEAR: "the bank says something of the dispute that is known",
    ReviewReason.UNRESOLVED: "the payment moves",
}
STATES_CALLED: Final = {ANY: "any", LIVE: "live", ENDED: "ended", SOLD: "sold"}


def _reviews() -> str:
    rows = "".join(
        f"| `{reason}` | {OWNERS[reason]} | {REVIEW_ENDS[reason]}"
        f" | {' | '.join(_lawful_cell(reason, each) for each in Resolution)} |\n"
        for reason in ReviewReason
    )
    actions = " | ".join(resolution.replace("_", " ") for resolution in Resolution)
    return (
        f"{REVIEW_OPENING}\n| Reason | Owner | Ends by itself when | {actions} |\n"
        f"|{'---|' * (len(Resolution) + 3)}\n{rows}"
    )


def _lawful_cell(reason: ReviewReason, resolution: Resolution) -> str:
    states = LAWFUL.get((reason, resolution))
    return STATES_CALLED[states] if states else "-"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/states.md": states_page,
    "docs/problems.md": problems_page,
    "docs/ledger.md": ledger_page,
    "docs/settings.md": settings_page,
    "docs/log-events.md": log_events_page,
    "docs/permissions.md": permissions_page,
    "docs/alerts.md": alerts_page,
    "docs/runbook.md": runbook_page,
    "docs/metrics.md": metrics_page,
    "docs/pci.md": pci_page,
    "docs/asvs.md": asvs_page,
    ".env.example": env_example,
}
"""Every generated page by its place in the repository."""


def write(root: Path = ROOT) -> None:
    """Write every generated page anew; raises ``FileNotFoundError`` outside the repository."""
    for place, page in PAGES.items():
        (root / place).write_text(page(), encoding="utf-8")


def _words(event: Event | RefundEvent) -> str:
    return event.replace("_", " ")


def _cell(state: State, event: Event) -> str:
    to = STEPS.get((state, event))
    return f"`{to}`" if to else "-"


def _refund_cell(state: RefundState, event: RefundEvent) -> str:
    to = REFUND_STEPS.get((state, event))
    return f"`{to}`" if to else "-"
