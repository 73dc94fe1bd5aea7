"""A container knows of another one what it names, and no more."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from entrypoints.wiring.container import build
from entrypoints.wiring.named_dependencies import NamedDependencies
from worlds.settings import settings_with


class Stock(containers.DeclarativeContainer):
    paper = providers.Object("paper")
    ink = providers.Object("ink")


class Printing(containers.DeclarativeContainer):
    stock = NamedDependencies()
    page = providers.Callable("{} with {}".format, stock.paper, stock.ink)


class Copying(containers.DeclarativeContainer):
    stock = NamedDependencies()
    copy = providers.Callable("a copy on {}".format, stock.paper)


class Office(containers.DeclarativeContainer):
    """As the use cases: it names nothing itself, and passes on what it is given."""

    stock = NamedDependencies()
    printing = providers.Container(Printing, stock=stock)
    copying = providers.Container(Copying, stock=stock)


class House(containers.DeclarativeContainer):
    stock = providers.Container(Stock)
    office = providers.Container(Office, stock=stock)


def test_what_is_named_is_found_however_far_away() -> None:
    """
    Through a container between that names nothing by itself.
    """
    house: Any = House()
    house.check_dependencies()

    assert house.office.printing.page() == "paper with ink"
    assert house.office.copying.copy() == "a copy on paper"
    assert set(house.office.copying.stock.providers) == {"paper"}


def test_what_is_replaced_later_is_replaced_everywhere() -> None:
    """
    A test's own part stands in each container that names it.
    """
    house: Any = House()
    house.stock.paper.override(providers.Object("vellum"))

    assert house.office.printing.page() == "vellum with ink"
    assert house.office.copying.copy() == "a copy on vellum"


def test_what_is_named_later_is_found_as_well() -> None:
    """
    Nobody has to name everything at the beginning.
    """
    house: Any = House()

    assert house.office.copying.stock.ink() == "ink"


def test_what_is_not_there_is_told_when_it_is_built() -> None:
    """
    Not when it is used for the first time.
    """

    class Binding(containers.DeclarativeContainer):
        stock = NamedDependencies()
        book = providers.Callable("{}".format, stock.thread)

    with pytest.raises(AttributeError, match="thread"):
        providers.Container(Binding, stock=providers.Container(Stock))


def test_a_process_makes_no_dependency_that_nobody_names() -> None:
    """
    One for each part of the storage in each container would be three of four providers.
    """
    process: Any = build(settings_with())
    jobs = process.use_cases.jobs.storage

    assert "job_runs" in jobs.providers
    assert "settlement_reads" not in jobs.providers
