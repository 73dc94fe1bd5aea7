"""Every table of ours, for whoever looks at all of them at once: migrations, and tests that empty them."""

from typing import Final

from sqlalchemy import MetaData

from adapters.postgres.documents import file_tables
from adapters.postgres.documents import tables as document_tables
from adapters.postgres.engine import tables
from adapters.postgres.queues import order_poll_table
from adapters.postgres.refunds import tables as refund_tables
from adapters.postgres.staff import tables as staff_tables

AREAS: Final = (
    document_tables,
    file_tables,
    order_poll_table,
    refund_tables,
    staff_tables,
    tables,
)
"""A module with tables of its own has to be named here, or nobody finds them."""

metadata: Final[MetaData] = tables.metadata
