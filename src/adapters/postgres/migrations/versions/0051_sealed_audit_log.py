"""
The audit log is sealed: leaves and signed checkpoints of a Merkle tree, written outside of money transactions.

Each new entry notes its transaction, which says when no other can come before it. Entries from before have none
and are sealed first, in the order of their numbers; nothing is rewritten. Where a request came from can be erased
from an entry, and nothing else of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None
still_serves = (
    "The triggers refuse what they refused before, but for emptying two columns together, which no release did;"
    " the new column fills itself."
)

TRANSACTION = "((pg_current_xact_id())::text)::bigint"
REFUSE = "EXECUTE FUNCTION shulk_refuse('the audit trail is only ever added to')"
ONLY_ADDED = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}
"""
NEVER_EMPTIED = """
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}
"""
NEVER_DELETED = f"""
CREATE TRIGGER audit_log_never_deleted BEFORE DELETE ON audit_log FOR EACH ROW {REFUSE}
"""
ONLY_ERASED = f"""
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log FOR EACH ROW
WHEN (NEW.ip <> '' OR NEW.user_agent <> ''
      OR to_jsonb(NEW) - 'ip' - 'user_agent' IS DISTINCT FROM to_jsonb(OLD) - 'ip' - 'user_agent')
{REFUSE}
"""
EARLIER = f"""
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW {REFUSE}
"""


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("tx", sa.BigInteger(), nullable=True))
    op.alter_column("audit_log", "tx", server_default=sa.text(TRANSACTION))
    op.create_index(
        "audit_log_sealing",
        "audit_log",
        ["tx", "id"],
        postgresql_where=sa.text("audit_log.tx IS NOT NULL"),
    )
    op.create_table(
        "audit_leaf",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("leaf_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("origin_sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="audit_leaf_pkey"),
        sa.UniqueConstraint("audit_id", name="audit_leaf_entry_once"),
        sa.CheckConstraint("octet_length(leaf_sha256) = 32", name=op.f("ck_audit_leaf_leaf")),
        sa.CheckConstraint("octet_length(origin_sha256) = 32", name=op.f("ck_audit_leaf_origin")),
    )
    op.create_table(
        "audit_origin",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="audit_origin_pkey"),
        sa.CheckConstraint("octet_length(salt) = 16", name=op.f("ck_audit_origin_salt")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subtrees", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tx", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="audit_checkpoint_pkey"),
    )
    for table in ("audit_leaf", "audit_checkpoint"):
        op.execute(ONLY_ADDED.format(table=table, refuse=REFUSE))
        op.execute(NEVER_EMPTIED.format(table=table, refuse=REFUSE))
    op.execute("DROP TRIGGER IF EXISTS audit_log_append_only ON audit_log")
    op.execute(ONLY_ERASED)
    op.execute(NEVER_DELETED)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_log_never_deleted ON audit_log")
    op.execute("DROP TRIGGER audit_log_append_only ON audit_log")
    op.execute(EARLIER)
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_origin")
    op.drop_table("audit_leaf")
    op.drop_index("audit_log_sealing", "audit_log")
    op.drop_column("audit_log", "tx")
