"""What the command line has done for it: schema, courses and codes, each in a short life of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from adapters.postgres import schema
from adapters.postgres.engine.database import Database
from domain.errors import DomainError
from entrypoints.catalogue_import.records import FileWrong, read_courses, read_discounts
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk, build, close
from entrypoints.wiring.storage import database_settings
from ports.audit_log import Origin, Source
from ports.monitoring.money_invariants import Breach, Invariant

BY_COMMAND: Final = Origin(actor="staff:command-line", source=Source.ADMIN)

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many were imported; when anything is wrong, nothing was, and *problems* names it all."""

    count: int
    problems: tuple[str, ...] = ()


def migrate(settings: Settings) -> str:
    """Bring the database to this version's schema and return its revision."""

    async def upgraded(database: Database) -> str:
        await schema.upgrade(database.engine)
        return await schema.revision_of(database.engine) or ""

    return _with_database(settings, upgraded)


def schema_problem(settings: Settings) -> str | None:
    """Return why this version must not serve that database, None when all is well."""
    return _with_database(settings, lambda database: schema.problem_with(database.engine))


def schema_problem_if_reached(settings: Settings) -> str | None:
    """Return the same as ``schema_problem``, and None as well when the database cannot be asked."""
    try:
        return schema_problem(settings)
    except (OSError, TimeoutError, DomainError, SQLAlchemyError):
        return None


def import_courses(settings: Settings, path: Path) -> ImportReport:
    """Add or replace the courses in the CSV or JSON file *path*: all of them or none."""
    try:
        courses = read_courses(path)
    except FileWrong as wrong:
        return ImportReport(0, tuple(map(str, wrong.faults)))

    async def put(container: Shulk) -> None:
        await container.use_cases.replace_courses()(courses, BY_COMMAND)

    with_container(settings, put)
    return ImportReport(len(courses))


def import_discounts(settings: Settings, path: Path) -> ImportReport:
    """Add or replace the discount codes in the CSV or JSON file *path*: all of them or none."""
    try:
        discounts = read_discounts(path)
    except FileWrong as wrong:
        return ImportReport(0, tuple(map(str, wrong.faults)))

    async def put(container: Shulk) -> None:
        await container.use_cases.replace_discounts()(discounts, BY_COMMAND)

    with_container(settings, put)
    return ImportReport(len(discounts))


def money_invariants(
    settings: Settings, *, check: bool
) -> tuple[Sequence[Invariant], Sequence[Breach]]:
    """Return every money invariant, and with *check* those that do not hold now."""

    async def look(container: Shulk) -> tuple[Sequence[Invariant], Sequence[Breach]]:
        known = container.storage.invariants().known
        return known, await container.use_cases.check_invariants()() if check else ()

    return with_container(settings, look)


def _with_database(settings: Settings, act: Callable[[Database], Awaitable[Out]]) -> Out:
    async def run() -> Out:
        database = Database.connect(database_settings(settings))
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())


def with_container(settings: Settings, act: Callable[[Shulk], Awaitable[Out]]) -> Out:
    """Return what *act* returns, given the parts of a process by *settings* that ends with it."""

    async def run() -> Out:
        container = build(settings)
        try:
            return await act(container)
        finally:
            await close(container)

    return asyncio.run(run())
