"""Imports courses and discount codes from files: all of a file, or nothing of it."""

from dataclasses import dataclass
from pathlib import Path

from entrypoints.catalogue_import.files import FileWrong
from entrypoints.catalogue_import.whole_files import read_courses, read_discounts
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many were imported; when anything is wrong, nothing was, and *problems* names what, up to a number."""

    count: int
    problems: tuple[str, ...] = ()


def import_courses(settings: Settings, path: Path) -> ImportReport:
    """Add or replace the courses in the CSV or JSON file *path*: all of them or none."""
    try:
        courses = read_courses(path, settings.accepted_tax)
    except FileWrong as wrong:
        return ImportReport(0, wrong.shown)

    async def replaced(container: Shulk) -> None:
        await container.use_cases().catalogue().replace_courses()(courses, BY_COMMAND)

    run_in_container(settings, replaced)
    return ImportReport(len(courses))


def import_discounts(settings: Settings, path: Path) -> ImportReport:
    """Add or replace the discount codes in the CSV or JSON file *path*: all of them or none."""
    try:
        discounts = read_discounts(path)
    except FileWrong as wrong:
        return ImportReport(0, wrong.shown)

    async def replaced(container: Shulk) -> None:
        await container.use_cases().catalogue().replace_discounts()(discounts, BY_COMMAND)

    run_in_container(settings, replaced)
    return ImportReport(len(discounts))
