"""A breach is told in words an operator can act on, and by a code that a program understands."""

import pytest
from click.testing import CliRunner

from entrypoints.cli import invariants as command
from entrypoints.cli.main import main
from entrypoints.operations import invariants
from ports.monitoring.money_invariants import Breach, Invariant

BREACH = Breach(
    invariant=Invariant(name="two_sales", means="Sold [twice].", remedy="Refund one."),
    count=21,
    subjects=("SK1", "SK2"),
)


def test_a_breach_fails_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Name, meaning, remedy, how many, and which.
    """

    def looked(_settings: object, *, check: bool) -> tuple[list[Invariant], list[Breach]]:
        return [BREACH.invariant], [BREACH] if check else []

    monkeypatch.setattr(invariants, "money_invariants", looked)
    monkeypatch.setattr(command, "settings_from_environment", lambda: None)

    shown = CliRunner().invoke(main, ["invariants"])

    assert shown.exit_code == 1
    for word in ("two_sales", "Sold [twice].", "Refund one.", "21 found: SK1, SK2 …"):
        assert word in shown.output
    assert command.report_on([BREACH.invariant], [BREACH])["broken"] == [
        {
            "name": "two_sales",
            "means": "Sold [twice].",
            "mends": "Refund one.",
            "count": 21,
            "subjects": ["SK1", "SK2"],
        }
    ]
