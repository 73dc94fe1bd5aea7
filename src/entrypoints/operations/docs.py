"""Generated pages: printed from the code, so that they cannot differ from it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from domain.payments.payment_state import STEPS, Event, State
from domain.payments.refund_state import REFUND_STEPS, RefundEvent, RefundState
from entrypoints.http.problem_pages import problems_page
from entrypoints.logs.page import log_events_page
from entrypoints.settings.page import env_example, settings_page

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
    RefundState.REJECTED: "The second member of staff said no.",
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
        f"|{'---|' * (len(State) + 1)}\n{rows}{_refunds()}"
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
        f"|{'---|' * (len(RefundState) + 1)}\n{rows}"
    )


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/states.md": states_page,
    "docs/problems.md": problems_page,
    "docs/settings.md": settings_page,
    "docs/log-events.md": log_events_page,
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
