"""The inner rings can be replayed: time, chance and the world outside come in through ports only."""

import ast
import sys
from pathlib import Path
from typing import Final

from architecture.sources import SRC, imported_by, place_of, python_files, tree_of

OURS: Final = frozenset({"domain", "ports", "application"})
INNER: Final = python_files(*(SRC / name for name in sorted(OURS)))
CHANCE: Final = frozenset({"random", "secrets", "uuid", "time", "os", "socket", "subprocess"})
NOW: Final = frozenset({"now", "utcnow", "today", "fromtimestamp", "time", "monotonic"})
FOREIGN_NUMBERS: Final = SRC / "domain" / "text" / "card_number.py"
"""It looks for card numbers in whatever the bank sends, floats included; it counts no money."""

WITHOUT_MONEY: Final = frozenset(
    {
        FOREIGN_NUMBERS,
        SRC / "domain" / "monitoring" / "success_rate.py",
        SRC / "domain" / "monitoring" / "time_histogram.py",
    }
)
"""Shares, their bounds and durations are estimates: floats, in modules that know no amount."""


def test_the_inner_rings_are_standard_library_only() -> None:
    """
    Nothing but Python itself and each other.
    """
    allowed = set(sys.stdlib_module_names) | OURS
    outside = [
        f"{place_of(path)}: {name}"
        for path in INNER
        for name in imported_by(path)
        if name.split(".")[0] not in allowed
    ]

    assert not outside


def test_the_inner_rings_never_look_at_a_clock_or_roll_a_die() -> None:
    """
    No ``datetime.now()``, no ``uuid4()``, no ``random``: a run is a function of what it was given.
    """
    imported = [
        f"{place_of(path)}: {name}"
        for path in INNER
        for name in imported_by(path)
        if name.split(".")[0] in CHANCE
    ]

    assert not imported
    assert not [said for path in INNER for said in _clock_readings(path)]


def test_no_float_touches_money() -> None:
    """
    Not as a literal and not by conversion.
    """
    floats = [
        f"{place_of(path)}: {ast.unparse(node)}"
        for path in INNER
        if path not in WITHOUT_MONEY
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert not floats


def _clock_readings(path: Path) -> list[str]:
    """Return every call that asks for the time, other than of a ``Clock``."""
    return [
        f"{place_of(path)}: {ast.unparse(node)}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in NOW
        and not ast.unparse(node.func.value).endswith("clock")
    ]
