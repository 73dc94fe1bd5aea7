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
    alerts,
    causes,
    groups,
    invariants,
    procedures,
    reviews,
    runbook_page,
    task_calls,
    tasks,
)
from entrypoints.settings.settings import VARIABLES
from ports.notifications.outbox import OutboxTask

PAGE: Final = runbook_page()
PEOPLE: Final = (
    *("developer on duty", "finance", "accountant", "bank support", "administrator"),
    *("mail server", "security", "platform's developers"),
)
QUOTED: Final = re.compile(r"`([^`\n]+)`")
COMMANDS: Final = sorted(
    {" ".join(each.split()) for each in QUOTED.findall(PAGE) if each.startswith("shulk ")}
)


@pytest.mark.parametrize("rule", AlertRule)
def test_each_alert_has_an_entry(rule: AlertRule) -> None:
    """
    Whoever is called by its name finds what it means, how to look, what to do, and whom to call.
    """
    entry = PAGE.split(f"\n### `{rule}`\n")[1].split("\n##")[0]
    items = [item.partition(":")[0] for item in entry.split("\n- ")[1:]]

    assert len(items) == 4
    assert [items[1].partition(",")[0], *items[2:]] == ["Look", "Do", "Call"]
    assert any(who in alerts()[rule].call for who in (*PEOPLE, "its group"))


def test_no_entry_is_of_an_alert_that_is_gone() -> None:
    """
    Nor of a task.
    """
    assert set(alerts()) == set(AlertRule)
    assert set(task_calls()) == set(OutboxTask)


@pytest.mark.parametrize("call", [*task_calls().values(), *(each.call for each in groups())])
def test_somebody_is_called(call: str) -> None:
    """
    By a name of the table of people.
    """
    assert any(who in call for who in (*PEOPLE, "nobody"))


@pytest.mark.parametrize("title", ["Discrepancies", "Reviews", "Dead letters"])
def test_a_table_says_how_to_look_and_whom_to_call(title: str) -> None:
    """
    In the words before it, or in a column.
    """
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]

    assert "Look: " in section
    assert "Call" in section


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
    for each in procedures():
        assert all((each.name, each.sees, each.where, each.do, each.never)), each.name
        assert any(who in each.call for who in (*PEOPLE, "nobody")), each.name
