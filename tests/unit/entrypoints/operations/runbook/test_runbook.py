"""The runbook has an entry for whatever may call a person, and names only what exists."""

import re
from collections import Counter
from contextlib import suppress
from typing import Final

import pytest
import rich_click as click

from domain.monitoring.alert_rules import AlertRule
from domain.payments.order_facts import ReviewReason
from domain.reconciliation.taxonomy import Cause
from entrypoints.cli.main import main
from entrypoints.operations.runbook.page import (
    causes,
    groups,
    invariants,
    procedures,
    reviews,
    runbook_page,
    tasks,
)
from entrypoints.settings.settings import VARIABLES
from ports.notifications.outbox import OutboxTask

PAGE: Final = runbook_page()
QUOTED: Final = re.compile(r"`([^`\n]+)`")
COMMANDS: Final = sorted(
    {" ".join(each.split()) for each in QUOTED.findall(PAGE) if each.startswith("shulk ")}
)


def test_each_alert_has_an_entry() -> None:
    """
    Whoever is called by its name finds it.
    """
    assert [each for each in AlertRule if f"\n### `{each}`\n" not in PAGE] == []


def test_each_invariant_stands_in_one_group() -> None:
    """
    A new one fails here until somebody says where one looks and whom one calls.
    """
    grouped = Counter(name for group in groups() for name in group.invariants)

    assert grouped == Counter(each.name for each in invariants())
    assert all(f"| `{name}` |" in PAGE for name in grouped)


@pytest.mark.parametrize(
    ("told", "known"), [(causes(), Cause), (reviews(), ReviewReason), (tasks(), OutboxTask)]
)
def test_each_cause_review_and_task_is_told(told: dict[str, str], known: type[Cause]) -> None:
    """
    No more and no less than there are.
    """
    assert set(told) == set(known)
    assert all(text.endswith(".") for text in told.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_that_is_named_exists(command: str) -> None:
    """
    Somebody types it at night.
    """
    found: click.Command = main
    words = ["1" if each.isupper() else each for each in command.split()[1:]]
    while words and isinstance(found, click.Group) and words[0] in found.commands:
        found = found.commands[words.pop(0)]

    assert found is not main
    if words:
        # Raises for an option or a value that the command does not have; not all that it needs is written down.
        with suppress(click.MissingParameter):
            found.make_context(command, words)


def test_each_setting_that_is_named_exists() -> None:
    """
    As with the commands.
    """
    named = set(re.findall(r"SHULK_[A-Z_]+", PAGE))

    assert named - {each.name for each in VARIABLES} == set()


def test_each_procedure_says_who_is_called() -> None:
    """
    From the table of people, which the operator fills in; an empty text helps nobody.
    """
    people = ("developer on duty", "finance", "bank support", "administrator", "mail server")
    others = ("security", "nobody")

    for each in procedures():
        assert all((each.name, each.sees, each.where, each.do, each.never)), each.name
        assert any(who in each.call for who in (*people, *others)), each.name
