"""The runbook: for each alert, invariant, discrepancy, review and dead letter what it means and what one does."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from adapters.postgres.invariants.card_scan import FORBIDDEN
from adapters.postgres.invariants.invariants import QUERIES
from domain.monitoring.alert_rules import RULES, AlertRule
from domain.payments.order_facts import ReviewReason
from domain.reconciliation.taxonomy import TAXONOMY, Posting
from ports.monitoring.money_invariants import Invariant
from ports.notifications.outbox import OutboxTask

FOLDER: Final = Path(__file__).parent
LINE_MAX: Final = 120

OPENING: Final = """\
# Runbook

For whoever is called. Printed by `shulk docs write` from the rules of the code and the texts in
`entrypoints/operations/runbook/`. Find the word that the alert, the command or the console shows; each entry says what
it means, how to look, what to do, and whom to call. What can be done has a command or a page, which leaves a line in
the audit trail. SQL, as the owner of the tables, is for the few invariants that ask for it, once their cause is found.

Write down who these people are before the first payment:

| Called here | Who, and how to reach them |
|---|---|
| the developer on duty | |
| finance | |
| the accountant | |
| bank support | |
| the administrator of the database, of the store | |
| whoever keeps the mail server | |
| whoever answers for security | |
| the platform's developers | |

Each morning: *Reviews* and *Discrepancies* of the console to zero, the mail of the reconciliation, the age of the last
backup. Each week: dead letters, slow statements, limits that were reached. Each month: a backup restored into another
place and checked, who has which role and signed in when, the ages of keys. Each year: the questionnaire of PCI
([pci.md](pci.md)), new keys, a day on which the loss of the machine is practised.
"""
SECTIONS: Final = (
    ("Symptoms", ""),
    ("Alerts", "When each fires and is resolved: [alerts.md](alerts.md)."),
    (
        "Invariants",
        """`shulk invariants` checks all of them and names the subjects of a breach. A breach is an alert within
        minutes: `invariant_broken`, or `invariant_unchecked` where it could not be found out.""",
    ),
    (
        "Discrepancies",
        """Look: `shulk discrepancies show` says which cause was found, with its evidence. What may be done with which
        account: [states.md](states.md). Call: the owner of each; when the bank is meant, finance asks it.""",
    ),
    (
        "Reviews",
        """Look: `shulk payments review`, or *Reviews* in the console, and the payment's timeline there. Which ends are
        lawful: [states.md](states.md). Call: finance; bank support, with the order id, for what only the bank knows;
        the developer on duty for a word of the bank that is not known here.""",
    ),
    (
        "Dead letters",
        """Look: `shulk dead-letters list` says why a task was given up. Do: `requeue` tries it again, `close` ends it
        undone.""",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """What one *sees*, *where* one looks, what is done and what never, and who is called."""

    name: str
    sees: str
    where: str
    do: str
    never: str
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """*where* one looks when an alert fires, and who is called."""

    where: str
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """*invariants*, by name, whose breaches are looked into in one place."""

    name: str
    where: str
    call: str
    invariants: Sequence[str]


def procedures() -> Sequence[Procedure]:
    return [Procedure(**each) for each in _read("procedures")["procedure"]]


def groups() -> Sequence[Group]:
    return [Group(**each) for each in _read("invariants")["group"]]


def alerts() -> Mapping[str, AlertEntry]:
    return {name: AlertEntry(**each) for name, each in _read("alerts").items()}


def invariants() -> Sequence[Invariant]:
    """Return every invariant that is checked, in that order."""
    return (*(each.invariant for each in QUERIES), FORBIDDEN)


def causes() -> Mapping[str, str]:
    """Return what each cause of a discrepancy means."""
    return _texts("causes", "means")


def reviews() -> Mapping[str, str]:
    """Return what each reason for a review means and what is done first."""
    return _texts("reviews", "reasons")


def tasks() -> Mapping[str, str]:
    """Return what it means that each task of the outbox was given up."""
    return _texts("tasks", "tasks")


def task_calls() -> Mapping[str, str]:
    """Return who is called for each task that was given up."""
    return _texts("tasks", "calls")


def runbook_page() -> str:
    """Return ``docs/runbook.md`` as it has to be."""
    parts = (_symptoms(), _alerts(), _invariants(), _discrepancies(), _reviews(), _dead_letters())
    return OPENING + "".join(
        f"\n## {title}\n{_paragraph(about)}{''.join(part)}"
        for (title, about), part in zip(SECTIONS, parts, strict=True)
    )


def _symptoms() -> Iterator[str]:
    for each in procedures():
        yield _entry(
            each.name,
            f"Seen as: {each.sees}",
            f"Look: {each.where}",
            f"Do: {each.do}",
            f"Never: {each.never}",
            f"Call: {each.call}.",
        )


def _alerts() -> Iterator[str]:
    entries = alerts()
    for rule in AlertRule:
        terms, entry = RULES[rule], entries[rule]
        soon = "at once" if terms.severity == "urgent" else "today"
        yield _entry(
            f"`{rule}`",
            terms.means,
            f"Look, {soon}: {entry.where}",
            f"Do: {terms.remedy}",
            f"Call: {entry.call}.",
        )


def _invariants() -> Iterator[str]:
    known = {each.name: each for each in invariants()}
    for group in groups():
        yield f"\n### {group.name}\n\n"
        yield _item(f"Look: {group.where}")
        yield _item(f"Call: {group.call}.")
        yield "\n| Invariant | Its breach means | To do |\n|---|---|---|\n"
        for name in group.invariants:
            yield f"| `{name}` | {known[name].means} | {known[name].remedy} |\n"


def _discrepancies() -> Iterator[str]:
    means = causes()
    yield "\n| Type and cause | It means | By machine | Left to a person | Stands in | Owner |\n"
    yield f"{'|---' * 6}|\n"
    for (kind, cause), rule in TAXONOMY.items():
        stands = "-" if rule.posting is Posting.NONE else str(rule.posting)
        yield (
            f"| `{kind}` `{cause}` | {means[cause]} | {rule.action.replace('_', ' ')}"
            f" | {rule.left_to_a_person or '-'} | {stands} | {rule.owner} |\n"
        )


def _reviews() -> Iterator[str]:
    told = reviews()
    yield "\n| Reason | What it means, and what to do first |\n|---|---|\n"
    for reason in ReviewReason:
        yield f"| `{reason}` | {told[reason]} |\n"


def _dead_letters() -> Iterator[str]:
    told, calls = tasks(), task_calls()
    yield "\n| Task | What it means, and what to do | Call |\n|---|---|---|\n"
    for task in OutboxTask:
        yield f"| `{task}` | {told[task]} | {calls[task]} |\n"


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _texts(name: str, table: str) -> Mapping[str, str]:
    found: Mapping[str, str] = _read(name)[table]
    return found


def _entry(title: str, *items: str) -> str:
    return f"\n### {title}\n\n{''.join(map(_item, items))}"


def _item(text: str) -> str:
    words = " ".join(text.split())
    filled = fill(
        words,
        LINE_MAX,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled + "\n"


def _paragraph(text: str) -> str:
    return f"\n{fill(' '.join(text.split()), LINE_MAX, break_on_hyphens=False)}\n" if text else ""
