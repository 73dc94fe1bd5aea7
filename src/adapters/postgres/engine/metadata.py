"""The SQLAlchemy metadata in which every table of the schema is registered."""

from typing import Final

from advanced_alchemy.base import orm_registry
from sqlalchemy import MetaData

metadata: Final[MetaData] = orm_registry.metadata
