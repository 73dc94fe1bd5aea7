"""
Where a student's old requests came from is erased by a function of the owner, so that whoever serves can call it.

The role that serves may change nothing in the audit log. By the function it empties IP address and browser in a
student's own entries that are a year old by the clock of the database, deletes the salts beside them, and does
nothing else. ``apply_grants`` lets the role call it; nobody else may.
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None
still_serves = "The function is called by this release alone, and writes nothing before."

ERASE = """
CREATE FUNCTION shulk_erase_addresses(student text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    theirs bigint[];
    erased bigint;
BEGIN
    SELECT array_agg(id) INTO theirs FROM audit_log
    WHERE actor = 'student:' || student
      AND subject IN (SELECT id FROM payment WHERE student_id = student UNION ALL SELECT 'person:' || student)
      AND at < LEAST(before, now() - interval '365 days');
    DELETE FROM audit_origin WHERE audit_id = ANY (theirs);
    UPDATE audit_log SET ip = '', user_agent = ''
    WHERE id = ANY (theirs) AND (ip <> '' OR user_agent <> '');
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END
$$
"""


def upgrade() -> None:
    op.execute(ERASE)
    op.execute("REVOKE ALL ON FUNCTION shulk_erase_addresses FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP FUNCTION shulk_erase_addresses")
