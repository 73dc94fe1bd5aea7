"""Which file is which copy of a document; what was issued before is filed by the workers, one after the other."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# One filing after the other; a page that says cancelled belongs to a document that is.
ONE_BY_ONE = """
CREATE FUNCTION shulk_filed_one_by_one() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT ordinal, sha256 INTO last FROM document_file
    WHERE gstin = NEW.gstin AND number = NEW.number AND copy = NEW.copy
    ORDER BY ordinal DESC LIMIT 1;
    -- Whoever files what was filed meanwhile meets the key, and decides again.
    IF NEW.ordinal > coalesce(last.ordinal, 0) + 1 THEN
        RAISE EXCEPTION 'copies are filed one by one' USING ERRCODE = 'SK002';
    END IF;
    IF NEW.ordinal > last.ordinal AND NEW.sha256 = last.sha256 THEN
        RAISE EXCEPTION 'the same file is not filed again' USING ERRCODE = 'SK002';
    END IF;
    IF NEW.void AND NOT EXISTS (
        SELECT FROM tax_document
        WHERE gstin = NEW.gstin AND number = NEW.number AND state = 'cancelled'
    ) THEN
        RAISE EXCEPTION 'this document is not cancelled' USING ERRCODE = 'SK002';
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGERS = (
    """
    CREATE TRIGGER document_file_one_by_one BEFORE INSERT ON document_file FOR EACH ROW
    EXECUTE FUNCTION shulk_filed_one_by_one()
    """,
    """
    CREATE TRIGGER document_file_append_only BEFORE UPDATE OR DELETE ON document_file FOR EACH ROW
    EXECUTE FUNCTION shulk_refuse('what was filed stays on record')
    """,
    """
    CREATE TRIGGER document_file_never_emptied BEFORE TRUNCATE ON document_file FOR EACH STATEMENT
    EXECUTE FUNCTION shulk_refuse('what was filed stays on record')
    """,
)
# Spread out, so that today's sales do not wait behind those of all the years before.
BACKLOG = """
INSERT INTO outbox (errand, payment_id, subject, written_at, due_at, state)
SELECT 'file_documents', payment_id, payment_id, now(),
       now() + row_number() OVER (ORDER BY min(id)) * interval '100 milliseconds', 'new'
FROM tax_document GROUP BY payment_id
"""
# Letters that waited for a file go out without one, as they did before.
LETTERS = """
INSERT INTO outbox (errand, payment_id, subject, written_at, due_at, state)
SELECT CASE WHEN d.refund_id IS NULL THEN 'payment_confirmation' ELSE 'refund_confirmation' END,
       d.payment_id, coalesce(d.refund_id, d.payment_id), now(), now(), 'new'
FROM tax_document d
JOIN outbox o ON o.payment_id = d.payment_id AND o.errand = 'file_documents' AND o.state = 'new'
WHERE NOT EXISTS (
    SELECT FROM document_file f WHERE f.gstin = d.gstin AND f.number = d.number)
ON CONFLICT ON CONSTRAINT outbox_once DO NOTHING
"""


def upgrade() -> None:
    op.execute(ONE_BY_ONE)
    op.create_table(
        "document_file",
        sa.Column("gstin", sa.String(length=15), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("copy", sa.String(length=10), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("release", sa.String(length=60), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("copy IN ('original', 'duplicate')", name=op.f("ck_document_file_copy")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_document_file_sha256")),
        sa.CheckConstraint("ordinal > 0", name=op.f("ck_document_file_ordinal")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_document_file_size")),
        sa.ForeignKeyConstraint(
            ["gstin", "number"],
            ["tax_document.gstin", "tax_document.number"],
            name="document_file_document",
        ),
        sa.PrimaryKeyConstraint("gstin", "number", "copy", "ordinal", name="document_file_pkey"),
    )
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute(BACKLOG)


def downgrade() -> None:
    op.execute(LETTERS)
    op.execute("DELETE FROM outbox WHERE errand IN ('file_documents', 'mend_files')")
    op.drop_table("document_file")
    op.execute("DROP FUNCTION shulk_filed_one_by_one")
