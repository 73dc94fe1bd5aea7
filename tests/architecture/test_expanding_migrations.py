"""A migration only adds, so that processes of the release before go on serving, or says that they may not."""

from types import ModuleType
from typing import Final

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import ops

from adapters.postgres.schema import revisions
from architecture.migration_steps import (
    Finding,
    Schema,
    contractions,
    operations_of,
    steps,
)

SERVING_SINCE: Final = "0019"
"""From this step on the schema says who may serve on it; before it no two releases could."""


def before_and_operations() -> list[tuple[ModuleType, Schema, list[ops.MigrateOperation]]]:
    """Return each step with the schema before it and what it does."""
    found, tables, checks, unique = [], set[str](), dict[str, str](), set[str]()
    for step in steps():
        operations = operations_of(step)
        found.append((step, Schema(set(tables), dict(checks), set(unique)), operations))
        after = Schema(tables, checks, unique)
        for each in operations:
            after.take(each)
    return found


STEPS: Final = before_and_operations()
JUDGED: Final = [each for each in STEPS if each[0].revision > SERVING_SINCE]


def complaints(step: ModuleType, findings: list[Finding]) -> list[str]:
    """Return what of *findings* the step neither forbids the release before nor explains."""
    if getattr(step, "serves_from", None) == step.revision:
        return []
    explained = bool(getattr(step, "still_serves", ""))
    return [each.what for each in findings if each.certain or not explained]


def test_every_step_adds_or_says_who_may_serve() -> None:
    """
    Whoever takes something away sets ``serves_from`` to the step's own number, and earlier releases
    refuse to serve. ``still_serves`` says why they bear a trigger on their tables, or rewritten rows.
    """
    told = {
        step.revision: left
        for step, before, operations in JUDGED
        if (left := complaints(step, contractions(operations, before)))
    }

    assert not told


def test_who_may_serve_is_said_of_the_step_itself() -> None:
    """
    ``serves_from`` is the step's own number or is not there.
    """
    assert {
        step.revision: step.serves_from
        for step, _, _ in STEPS
        if getattr(step, "serves_from", step.revision) != step.revision
    } == {}


def test_the_steps_are_all_read() -> None:
    """
    What is judged is what runs, and the steps from before the rule that were no mere additions are known.
    """
    assert tuple(step.revision for step, _, _ in STEPS) == revisions()
    contracting = {
        step.revision
        for step, before, operations in STEPS
        if any(each.certain for each in contractions(operations, before))
    }
    assert {each for each in contracting if each <= SERVING_SINCE} == {"0005", "0010"}


def growing(text: str) -> None:
    op.drop_constraint("ck_a_state", "a", type_="check")
    op.create_check_constraint("ck_a_state", "a", text)


BEFORE: Final = Schema(
    tables={"a", "c"},
    checks={"ck_a_state": "state IN ('new', 'done')"},
    unique={"a_once"},
)


def on_two_tables() -> None:
    op.add_column("a", sa.Column("x", sa.Text(), nullable=True))
    op.create_index("c_x", "c", ["x"])


BAD: Final = {
    "drop table": lambda: op.drop_table("a"),
    "rename table": lambda: op.rename_table("a", "b"),
    "drop column": lambda: op.drop_column("a", "x"),
    "rename column": lambda: op.alter_column("a", "x", new_column_name="y"),
    "not null": lambda: op.alter_column("a", "x", nullable=False),
    "default": lambda: op.alter_column("a", "x", server_default=None),
    "narrower text": lambda: op.alter_column(
        "a", "x", existing_type=sa.String(40), type_=sa.String(20)
    ),
    "bounded text": lambda: op.alter_column("a", "x", existing_type=sa.Text(), type_=sa.String(20)),
    "unknown width": lambda: op.alter_column("a", "x", type_=sa.String(20)),
    "smaller number": lambda: op.alter_column(
        "a", "x", existing_type=sa.BigInteger(), type_=sa.SmallInteger()
    ),
    "needed column": lambda: op.add_column("a", sa.Column("x", sa.Text(), nullable=False)),
    "new check": lambda: op.create_check_constraint("ck_a_x", "a", "x > 0"),
    "fewer words": lambda: growing("state IN ('new')"),
    "another rule": lambda: growing("state IN ('new', 'done') AND x > 0"),
    "new unique": lambda: op.create_unique_constraint("a_x", "a", ["x"]),
    "new unique index": lambda: op.create_index("a_x", "a", ["x"], unique=True),
    "new foreign key": lambda: op.create_foreign_key("a_b", "a", "b", ["x"], ["id"]),
    "drop unique": lambda: op.drop_constraint("a_once", "a"),
    "drop unique index": lambda: op.drop_index("a_once", table_name="a"),
    "drop in text": lambda: op.execute("ALTER TABLE a DROP COLUMN x"),
    "rename in text": lambda: op.execute("alter table a rename column x to y"),
    "not null in text": lambda: op.execute("ALTER TABLE a ALTER COLUMN x SET NOT NULL"),
    "type in text": lambda: op.execute("ALTER TABLE a ALTER COLUMN x TYPE varchar(5)"),
    "check in text": lambda: op.execute("ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0)"),
    "unique in text": lambda: op.execute("CREATE UNIQUE INDEX c ON a (x)"),
}
DOUBTFUL: Final = {
    "trigger": lambda: op.execute(
        "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()"
    ),
    "rewritten": lambda: op.execute("UPDATE a SET state = 'done'"),
    "rewritten by an expression": lambda: op.execute(
        sa.table("a", sa.column("x")).update().values(x=1)
    ),
    "deleted": lambda: op.execute("DELETE FROM a"),
    "two tables at once": on_two_tables,
}


def on_a_new_table() -> None:
    op.create_table("b", sa.Column("x", sa.Text(), nullable=False), sa.CheckConstraint("x <> ''"))
    op.create_check_constraint("ck_b_x", "b", "x <> ' '")
    op.create_index("b_x", "b", ["x"], unique=True)
    op.execute("CREATE TRIGGER t BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION f()")
    op.execute("UPDATE b SET x = 'y'")


def on_new_columns() -> None:
    op.add_column("a", sa.Column("x", sa.Text(), nullable=True))
    op.add_column("a", sa.Column("y", sa.Text(), nullable=False, server_default="z"))
    op.create_check_constraint("ck_a_x", "a", "x <> y")
    op.create_unique_constraint("a_x", "a", ["x"])


GOOD: Final = {
    "a table": on_a_new_table,
    "columns": on_new_columns,
    "more words": lambda: growing("state IN ('new', 'done', 'dead')"),
    "more room": lambda: op.alter_column(
        "a", "x", existing_type=sa.String(20), type_=sa.String(40)
    ),
    "all room": lambda: op.alter_column("a", "x", existing_type=sa.String(20), type_=sa.Text()),
    "larger number": lambda: op.alter_column(
        "a", "x", existing_type=sa.Integer(), type_=sa.BigInteger()
    ),
    "optional": lambda: op.alter_column("a", "x", nullable=True),
    "an index": lambda: op.create_index("a_y", "a", ["y"]),
    "no index": lambda: op.drop_index("a_y", table_name="a"),
    "no check": lambda: op.drop_constraint("ck_a_state", "a", type_="check"),
    "a function": lambda: op.execute(
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN UPDATE a SET x = 1; END $$"
    ),
}


def seeded(upgrade: object, **says: str) -> ModuleType:
    step = ModuleType("seeded")
    step.__dict__.update(revision="9999", upgrade=upgrade, **says)
    return step


@pytest.mark.parametrize("name", BAD)
def test_what_takes_away_is_refused(name: str) -> None:
    """
    Unless earlier releases are kept from serving; an explanation is not enough.
    """
    step = seeded(BAD[name])
    findings = contractions(operations_of(step), BEFORE)

    assert complaints(step, findings)
    assert complaints(seeded(BAD[name], still_serves="because"), findings)
    assert not complaints(seeded(BAD[name], serves_from="9999"), findings)
    assert complaints(seeded(BAD[name], serves_from="9998"), findings)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_disturb_is_explained_or_refused(name: str) -> None:
    """
    A trigger or rewritten rows can be borne; only who wrote the step knows.
    """
    step = seeded(DOUBTFUL[name])
    findings = contractions(operations_of(step), BEFORE)

    assert complaints(step, findings)
    assert not complaints(seeded(DOUBTFUL[name], still_serves="it reads the column"), findings)


@pytest.mark.parametrize("name", GOOD)
def test_what_only_adds_is_let_through(name: str) -> None:
    """
    Tables, columns with nothing or a default in them, more words and more room.
    """
    assert contractions(operations_of(seeded(GOOD[name])), BEFORE) == []
