"""Every table of ours, for whoever looks at all of them at once: migrations, and tests that empty them."""

from typing import Final

from sqlalchemy import MetaData

from adapters.postgres import (
    document_tables,
    file_tables,
    question_tables,
    refund_tables,
    staff_tables,
    tables,
)

AREAS: Final = (document_tables, file_tables, question_tables, refund_tables, staff_tables, tables)
"""A module with tables of its own has to be named here, or nobody finds them."""

metadata: Final[MetaData] = tables.metadata
