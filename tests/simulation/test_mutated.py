"""Taking safeguards out in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

import simulation.chance
from mutation.record import ROOT, DoesNotApply, Edit, Mutation
from simulation.mutated import AlreadyRead, is_lived_in, mutations_of, take_out

TESTS = Path(__file__).parents[1]


def change(file: str, before: str, after: str) -> Mutation:
    """Return the mutation that puts *after* in the place of *before*."""
    edit = Edit(file=file, before=before, after=after)
    return Mutation(without="a rule", edits=(edit,), caught_by=("a test",))


def test_what_is_taken_out_is_found_by_its_words() -> None:
    """
    Whoever remembers a word of a safeguard finds it.
    """
    found = mutations_of("IN FLIGHT do not count")
    assert [safeguard.name for safeguard, _ in found] == ["Never more than was captured"]


def test_parts_that_are_not_lived_in_are_left_out() -> None:
    """
    No life could miss a rule of PostgreSQL.
    """
    assert is_lived_in(change("src/domain/money.py", "a", "b"))
    assert not is_lived_in(change("src/adapters/postgres/schema.py", "a", "b"))
    assert not is_lived_in(change("docs/pci.md", "a", "b"))


def test_a_module_that_was_read_cannot_be_changed_any_more() -> None:
    """
    Lives would go well then, and prove nothing.
    """
    file = str(Path(simulation.chance.__file__).relative_to(ROOT))
    with pytest.raises(AlreadyRead):
        take_out(change(file, "BYTES_AT_ONCE: Final = 4096", "BYTES_AT_ONCE: Final = 1"))


def test_a_text_that_is_not_there_is_told() -> None:
    """
    A mutation that changes nothing proves nothing.
    """
    with pytest.raises(DoesNotApply):
        take_out(change("src/domain/money.py", "no such text", "another"))


def test_the_changed_module_is_the_one_that_is_read() -> None:
    """
    In a process of its own, where nothing was read before; the file stays as it is.
    """
    program = """
from mutation.record import Edit, Mutation
from simulation.mutated import take_out
edit = Edit(file="src/domain/money.py", before='CURRENCY: Final = "INR"', after='CURRENCY: Final = "XXX"')
take_out(Mutation(without="", edits=(edit,), caught_by=()))
from domain.money import CURRENCY
print(CURRENCY)
"""
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{TESTS}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "XXX"


EXCHANGED = """
import domain.money
from mutation.record import Edit, Mutation
from simulation.mutated import exchange
def taken_out(before, after):
    edit = Edit(file="src/domain/money.py", before=before, after=after)
    return exchange(Mutation(without="", edits=(edit,), caught_by=()))
ten = domain.money.Money(10)
print(taken_out("self.paise + other.paise", "self.paise - other.paise"), (ten + ten).paise, (ten - ten).paise)
print(taken_out('CURRENCY: Final = "INR"', 'CURRENCY: Final = "XXX"'), domain.money.CURRENCY)
"""


def test_functions_that_were_read_are_exchanged_where_nothing_else_differs() -> None:
    """
    Whoever holds the function already calls the other one; a constant stays, and that is said.
    """
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", EXCHANGED],
        env={"PYTHONPATH": f"{TESTS}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines() == ["True 0 0", "False INR"]
