"""A breach is told in words an operator can act on, and by a code that a program understands."""

from typing import Final

import pytest
from click.testing import CliRunner, Result

from application.monitoring.check_invariants import Findings
from entrypoints.cli import invariants as command
from entrypoints.cli.main import main
from entrypoints.operations import invariants
from ports.monitoring.money_invariants import Breach, Invariant, Unchecked

BREACH: Final = Breach(
    invariant=Invariant(name="two_sales", means="Sold [twice].", remedy="Refund one."),
    count=21,
    subjects=("SK1", "SK2"),
)
LATE: Final = Unchecked(
    invariant=Invariant(name="slow", means="Too much.", remedy="Wait."),
    why="its time limit of 30 s has passed",
)
KNOWN: Final = [BREACH.invariant, LATE.invariant]


def shown(monkeypatch: pytest.MonkeyPatch, findings: Findings, *words: str) -> Result:
    def checked(_settings: object, *, full: bool) -> tuple[list[Invariant], Findings]:
        return KNOWN, findings if full is ("--changed" not in words) else Findings()

    monkeypatch.setattr(invariants, "money_invariants", checked)
    monkeypatch.setattr(command, "settings_from_environment", lambda: None)
    return CliRunner().invoke(main, ["invariants", *words])


@pytest.mark.parametrize("words", [(), ("--changed",)])
def test_a_breach_fails_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """
    Name, meaning, remedy, how many, and which, also when something else could not be checked.
    """
    findings = Findings(broken=[BREACH], unchecked=[LATE])

    told = shown(monkeypatch, findings, *words)

    assert told.exit_code == 1
    for word in ("two_sales", "Sold [twice].", "Refund one.", "21 found: SK1, SK2 …"):
        assert word in told.output
    assert "slow  could not be checked: its time limit of 30 s has passed" in told.output
    assert command.report_on(KNOWN, findings) == {
        "checked": ["two_sales"],
        "broken": [
            {
                "name": "two_sales",
                "means": "Sold [twice].",
                "mends": "Refund one.",
                "count": 21,
                "subjects": ["SK1", "SK2"],
            }
        ],
        "unchecked": [{"name": "slow", "why": "its time limit of 30 s has passed"}],
    }


def test_what_could_not_be_checked_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A code of its own: nothing was found broken, and nobody knows.
    """
    told = shown(monkeypatch, Findings(unchecked=[LATE]))

    assert told.exit_code == 3
    assert "invariants hold" not in told.output


def test_all_hold_only_when_all_were_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Then, and only then, an operator reads it.
    """
    told = shown(monkeypatch, Findings())

    assert told.exit_code == 0
    assert "all 2 invariants hold" in told.output
