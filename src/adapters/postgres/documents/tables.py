"""The tables of tax documents: the register, the last number of each series, and the filings."""

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.postgres.engine.metadata import metadata

document_number = Table(
    "document_number",
    metadata,
    Column("gstin", String(15), nullable=False),
    Column("series", String(3), nullable=False),
    Column("financial_year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("gstin", "series", "financial_year", name="document_number_pkey"),
    # An eighth digit would make the number longer than 16 characters (CGST Rules 2017, rule 46(b)).
    CheckConstraint("last BETWEEN 1 AND 9999999", name="last"),
)

tax_document = Table(
    "tax_document",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("gstin", String(15), nullable=False),
    Column("series", String(3), nullable=False),
    Column("financial_year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("number", String(16), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("document_date", Date, nullable=False),
    Column("issued_at", DateTimeUTC(timezone=True), nullable=False),
    Column("payment_id", String(20), nullable=False),
    Column("refund_id", String(100)),
    Column("original_number", String(16)),
    Column("ordinal", Integer),
    Column("buyer_gstin", String(15)),
    Column("place_code", String(2), nullable=False),
    Column("sac", String(6), nullable=False),
    Column("gst_rate", Numeric(5, 2), nullable=False),
    Column("taxable_paise", BigInteger, nullable=False),
    Column("cgst_paise", BigInteger, nullable=False),
    Column("sgst_paise", BigInteger, nullable=False),
    Column("igst_paise", BigInteger, nullable=False),
    # The document itself. The columns before it repeat what queries search and add up.
    Column("snapshot", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("cancelled_at", DateTimeUTC(timezone=True)),
    Column("cancelled_why", String(200)),
    CheckConstraint(
        "kind IN ('tax_invoice', 'bill_of_supply', 'credit_note', 'commercial_credit')",
        name="kind",
    ),
    CheckConstraint("state IN ('issued', 'cancelled')", name="state"),
    CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
    CheckConstraint("number ~ '^[A-Z1-9][A-Z0-9/-]{0,15}$'", name="number"),
    CheckConstraint("number = left(number, 9) || lpad(sequence::text, 7, '0')", name="sequence"),
    CheckConstraint(
        "cgst_paise = sgst_paise AND least(taxable_paise, cgst_paise, igst_paise) >= 0"
        " AND taxable_paise + cgst_paise + sgst_paise + igst_paise > 0",
        name="heads",
    ),
    CheckConstraint(
        "kind NOT IN ('bill_of_supply', 'commercial_credit') OR cgst_paise + igst_paise = 0",
        name="untaxed",
    ),
    CheckConstraint(
        "num_nonnulls(refund_id, original_number, ordinal)"
        " = CASE WHEN kind IN ('credit_note', 'commercial_credit') THEN 3 ELSE 0 END",
        name="note",
    ),
    CheckConstraint("starts_with(snapshot, '{\"number\":\"' || number || '\"')", name="own_number"),
    CheckConstraint("sha256 = encode(sha256(convert_to(snapshot, 'UTF8')), 'hex')", name="hash"),
    UniqueConstraint("gstin", "number", name="tax_document_number_once"),
    Index("tax_document_sha256", "sha256", unique=True),
    Index(
        "tax_document_one_invoice",
        "payment_id",
        unique=True,
        postgresql_where=text("refund_id IS NULL AND state = 'issued'"),
    ),
    Index(
        "tax_document_one_note",
        "payment_id",
        "refund_id",
        unique=True,
        postgresql_where=text("refund_id IS NOT NULL AND state = 'issued'"),
    ),
    Index("tax_document_note_order", "gstin", "original_number", "ordinal", unique=True),
    Index("tax_document_period", "gstin", "document_date"),
    Index("tax_document_of_payment", "payment_id", "id"),
)

document_file = Table(
    "document_file",
    metadata,
    Column("gstin", String(15), nullable=False),
    Column("number", String(16), nullable=False),
    Column("copy", String(10), nullable=False),
    Column("ordinal", SmallInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    # Whether the PDF says that the document is cancelled.
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
