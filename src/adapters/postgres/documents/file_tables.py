"""Where it stands which file is which copy of a document: one row per filing, only ever added to."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from adapters.postgres.engine.tables import metadata

document_file = Table(
    "document_file",
    metadata,
    Column("gstin", String(15), nullable=False),
    Column("number", String(16), nullable=False),
    Column("copy", String(10), nullable=False),
    Column("ordinal", SmallInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    # Whether the page says that the document is cancelled.
    Column("void", Boolean, nullable=False),
    Column("release", String(60), nullable=False),
    Column("filed_at", DateTimeUTC(timezone=True), nullable=False),
    PrimaryKeyConstraint("gstin", "number", "copy", "ordinal", name="document_file_pkey"),
    ForeignKeyConstraint(
        ["gstin", "number"],
        ["tax_document.gstin", "tax_document.number"],
        name="document_file_document",
    ),
    CheckConstraint("copy IN ('original', 'duplicate')", name="copy"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    CheckConstraint("ordinal > 0", name="ordinal"),
    CheckConstraint("size_bytes > 0", name="size"),
)
