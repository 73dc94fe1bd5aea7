"""The SQLAlchemy metadata in which every table of the schema is registered."""

from enum import StrEnum
from typing import Final

from advanced_alchemy.base import orm_registry
from sqlalchemy import MetaData

metadata: Final[MetaData] = orm_registry.metadata


def listed(words: type[StrEnum]) -> str:
    """Return the values of *words* as a check constraint lists them: ``'live', 'held'``."""
    return ", ".join(f"'{word.value}'" for word in words)
