"""The register of tax documents, and the counters that number them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# All notes against one document together stay within it, head by head. The original is locked
# against being cancelled meanwhile; two notes at once are told apart by their ordinal.
WITHIN_ORIGINAL = """
CREATE FUNCTION shulk_note_within_original() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    charged record;
    fits boolean;
BEGIN
    SELECT * INTO charged FROM tax_document
    WHERE gstin = NEW.gstin AND number = NEW.original_number FOR SHARE;
    IF NOT FOUND OR charged.state <> 'issued' OR charged.payment_id <> NEW.payment_id
       OR charged.refund_id IS NOT NULL THEN
        RAISE EXCEPTION 'a note refers to an issued document about the same payment'
        USING ERRCODE = 'SK002';
    END IF;
    SELECT
        sum(taxable_paise + cgst_paise + sgst_paise + igst_paise)
            <= charged.taxable_paise + charged.cgst_paise + charged.sgst_paise + charged.igst_paise
        AND coalesce(sum(taxable_paise) FILTER (WHERE kind = 'credit_note'), 0)
            <= charged.taxable_paise
        AND sum(cgst_paise) <= charged.cgst_paise
        AND sum(igst_paise) <= charged.igst_paise
    INTO fits FROM tax_document
    WHERE gstin = NEW.gstin AND original_number = NEW.original_number AND state = 'issued';
    IF NOT fits THEN
        RAISE EXCEPTION 'the notes against % pass what it charged', NEW.original_number
        USING ERRCODE = 'SK002';
    END IF;
    RETURN NULL;
END
$$
"""
CANCELLED_ONCE = """
CREATE FUNCTION shulk_only_cancelled() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'issued' OR NEW.state <> 'cancelled'
       OR to_jsonb(OLD) - '{state,cancelled_at,cancelled_why}'::text[]
          <> to_jsonb(NEW) - '{state,cancelled_at,cancelled_why}'::text[] THEN
        RAISE EXCEPTION 'an issued document is never changed' USING ERRCODE = 'SK002';
    END IF;
    IF EXISTS (
        SELECT FROM tax_document
        WHERE gstin = OLD.gstin AND original_number = OLD.number AND state = 'issued'
    ) THEN
        RAISE EXCEPTION 'a document with notes against it is not cancelled' USING ERRCODE = 'SK002';
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGERS = (
    """
    CREATE TRIGGER tax_document_note_within_original AFTER INSERT ON tax_document FOR EACH ROW
    WHEN (NEW.refund_id IS NOT NULL) EXECUTE FUNCTION shulk_note_within_original()
    """,
    """
    CREATE TRIGGER tax_document_only_cancelled BEFORE UPDATE ON tax_document FOR EACH ROW
    EXECUTE FUNCTION shulk_only_cancelled()
    """,
    """
    CREATE TRIGGER tax_document_append_only BEFORE DELETE ON tax_document FOR EACH ROW
    EXECUTE FUNCTION shulk_refuse('a document is never taken out of the register')
    """,
    """
    CREATE TRIGGER tax_document_never_emptied BEFORE TRUNCATE ON tax_document FOR EACH STATEMENT
    EXECUTE FUNCTION shulk_refuse('a document is never taken out of the register')
    """,
    """
    CREATE TRIGGER document_number_from_one BEFORE INSERT ON document_number FOR EACH ROW
    WHEN (NEW.last <> 1) EXECUTE FUNCTION shulk_refuse('a series begins at one')
    """,
    """
    CREATE TRIGGER document_number_one_by_one BEFORE UPDATE ON document_number FOR EACH ROW
    WHEN ((NEW.gstin, NEW.series, NEW.financial_year, NEW.last)
          IS DISTINCT FROM (OLD.gstin, OLD.series, OLD.financial_year, OLD.last + 1))
    EXECUTE FUNCTION shulk_refuse('numbers are given one by one')
    """,
    """
    CREATE TRIGGER document_number_kept BEFORE DELETE ON document_number FOR EACH ROW
    EXECUTE FUNCTION shulk_refuse('a series is never begun anew')
    """,
    """
    CREATE TRIGGER document_number_never_emptied BEFORE TRUNCATE ON document_number
    FOR EACH STATEMENT EXECUTE FUNCTION shulk_refuse('a series is never begun anew')
    """,
)


def upgrade() -> None:
    op.execute(WITHIN_ORIGINAL)
    op.execute(CANCELLED_ONCE)
    op.create_table(
        "document_number",
        sa.Column("gstin", sa.String(length=15), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last BETWEEN 1 AND 9999999", name=op.f("ck_document_number_last")),
        sa.PrimaryKeyConstraint("gstin", "series", "financial_year", name="document_number_pkey"),
    )
    op.create_table(
        "tax_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gstin", sa.String(length=15), nullable=False),
        sa.Column("series", sa.String(length=3), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.String(length=20), nullable=False),
        sa.Column("refund_id", sa.String(length=100), nullable=True),
        sa.Column("original_number", sa.String(length=16), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("buyer_gstin", sa.String(length=15), nullable=True),
        sa.Column("place_code", sa.String(length=2), nullable=False),
        sa.Column("sac", sa.String(length=6), nullable=False),
        sa.Column("gst_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_why", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_tax_document_cancelled"),
        ),
        sa.CheckConstraint(
            "kind IN ('tax_invoice', 'bill_of_supply', 'credit_note', 'commercial_credit')",
            name=op.f("ck_tax_document_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('bill_of_supply', 'commercial_credit') OR cgst_paise + igst_paise = 0",
            name=op.f("ck_tax_document_untaxed"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(refund_id, original_number, ordinal)"
            " = CASE WHEN kind IN ('credit_note', 'commercial_credit') THEN 3 ELSE 0 END",
            name=op.f("ck_tax_document_note"),
        ),
        sa.CheckConstraint(
            "number = left(number, 9) || lpad(sequence::text, 7, '0')",
            name=op.f("ck_tax_document_sequence"),
        ),
        sa.CheckConstraint(
            "number ~ '^[A-Z1-9][A-Z0-9/-]{0,15}$'", name=op.f("ck_tax_document_number")
        ),
        sa.CheckConstraint(
            "sha256 = encode(sha256(convert_to(snapshot, 'UTF8')), 'hex')",
            name=op.f("ck_tax_document_hash"),
        ),
        sa.CheckConstraint("state IN ('issued', 'cancelled')", name=op.f("ck_tax_document_state")),
        sa.CheckConstraint(
            "cgst_paise = sgst_paise AND least(taxable_paise, cgst_paise, igst_paise) >= 0"
            " AND taxable_paise + cgst_paise + sgst_paise + igst_paise > 0",
            name=op.f("ck_tax_document_heads"),
        ),
        sa.CheckConstraint(
            "starts_with(snapshot, '{\"number\":\"' || number || '\"')",
            name=op.f("ck_tax_document_own_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_document")),
        sa.UniqueConstraint("gstin", "number", name="tax_document_number_once"),
    )
    op.create_index(
        "tax_document_note_order",
        "tax_document",
        ["gstin", "original_number", "ordinal"],
        unique=True,
    )
    op.create_index("tax_document_of_payment", "tax_document", ["payment_id", "id"], unique=False)
    op.create_index(
        "tax_document_one_invoice",
        "tax_document",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("refund_id IS NULL AND state = 'issued'"),
    )
    op.create_index(
        "tax_document_one_note",
        "tax_document",
        ["payment_id", "refund_id"],
        unique=True,
        postgresql_where=sa.text("refund_id IS NOT NULL AND state = 'issued'"),
    )
    op.create_index("tax_document_period", "tax_document", ["gstin", "document_date"], unique=False)
    op.create_index("tax_document_sha256", "tax_document", ["sha256"], unique=True)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("tax_document")
    op.drop_table("document_number")
    op.execute("DROP FUNCTION shulk_only_cancelled")
    op.execute("DROP FUNCTION shulk_note_within_original")
