"""Containers that the worlds of one test have taken: they are given back when its database is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol


class Taken(Protocol):
    def give_back(self) -> None: ...


_TAKEN: Final[list[list[Taken]]] = []


def to_be_given_back(taken: Taken) -> None:
    """Remember *taken*; what a fixture of a wider scope takes, before there is a database of a test, stays its own."""
    if _TAKEN:
        _TAKEN[-1].append(taken)


@contextmanager
def given_back_after() -> Iterator[None]:
    """Give back at the end what was taken within."""
    taken: list[Taken] = []
    _TAKEN.append(taken)
    try:
        yield
    finally:
        _TAKEN.remove(taken)
        for each in taken:
            each.give_back()
