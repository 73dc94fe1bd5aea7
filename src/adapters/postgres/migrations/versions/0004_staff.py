"""Members of staff, with the sealed seeds of their second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The last seat belt of a rule the domain keeps already: a code that was used is used for good.
TRIGGER = """
CREATE TRIGGER staff_code_once BEFORE UPDATE OF last_step ON staff FOR EACH ROW
WHEN (OLD.last_step IS NOT NULL AND NEW.last_step IS DISTINCT FROM OLD.last_step
      AND NOT coalesce(NEW.last_step > OLD.last_step, false))
EXECUTE FUNCTION shulk_refuse('a code that was used is used for good')
"""


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("totp_seed", sa.Text(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cardinality(roles) > 0", name=op.f("ck_staff_roles")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_staff_attempts")),
        sa.CheckConstraint(
            "totp_seed ~ '^[A-Za-z0-9._-]{1,32}:.'", name=op.f("ck_staff_totp_seed")
        ),
        sa.PrimaryKeyConstraint("id", name="staff_pkey"),
    )
    op.execute(TRIGGER)


def downgrade() -> None:
    op.drop_table("staff")
