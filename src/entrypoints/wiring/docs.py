"""Documents that are printed from the code, so that they cannot tell a different story."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from domain.payment_state import STEPS, Event, State
from entrypoints.http.problem_pages import problems_page
from entrypoints.wiring.settings_page import env_example, settings_page

ROOT: Final = Path(__file__).parents[3]

OPENING: Final = """\
# How a payment moves

Printed from the table in `domain/payment_state.py` by `shulk docs write`. Whatever is not written
down here cannot happen: news that leads nowhere changes nothing, and a step of our own that the
table does not have is refused.
"""
MEANINGS: Final[Mapping[State, str]] = {
    State.PENDING: "No attempt is known: the student has not begun to pay, or we have not heard.",
    State.PROCESSING: "The bank is busy with an attempt; money may be on its way.",
    State.SUCCESS: "The bank charged exactly the quoted amount, or there was nothing to pay.",
    State.FAILED: "The bank declined, or its page could not be opened. A late charge still counts.",
    State.EXPIRED: "The time to pay ran out without an attempt. A late charge still counts.",
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
        f"|{'---|' * (len(State) + 1)}\n{rows}"
    )


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/states.md": states_page,
    "docs/problems.md": problems_page,
    "docs/settings.md": settings_page,
    ".env.example": env_example,
}
"""Every printed document by its place in the repository."""


def write(root: Path = ROOT) -> None:
    """Write every printed document anew; ``FileNotFoundError`` where there is no repository."""
    for place, page in PAGES.items():
        (root / place).write_text(page(), encoding="utf-8")


def _words(event: Event) -> str:
    return event.replace("_", " ")


def _cell(state: State, event: Event) -> str:
    to = STEPS.get((state, event))
    return f"`{to}`" if to else "-"
