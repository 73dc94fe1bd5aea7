"""The collection that every table of ours is a part of."""

from typing import Final

from advanced_alchemy.base import orm_registry
from sqlalchemy import MetaData

metadata: Final[MetaData] = orm_registry.metadata
