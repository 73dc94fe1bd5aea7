"""The schema goes forwards and backwards without leftovers, is what the code believes, and blocks nobody for long."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from adapters.postgres import schema
from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Database
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import run_sql
from domain.documents.invoicing import invoice_for
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, sold

MIGRATORS: Final = 3
ONE_MIGRATOR: Final = 5_301_447
"""The lock that migrators of every version agree on; it must never change."""

MIGRATE: Final = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
asyncio.run(schema.upgrade(Database.connect(DatabaseSettings(url=sys.argv[1])).engine))
"""
WAITING: Final = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"""
START_SECONDS_MAX: Final = 60.0
SOURCES: Final = str(Path(schema.__file__).parents[2])
SECONDS_MAX: Final = 10.0
BEFORE_THE_FIRST: Final = "base"

CATALOGUE: Final = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision,
               numeric_scale, is_nullable, column_default, identity_generation, udt_name
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "storage": """
        SELECT relname, reloptions::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')""",
}
CODE: Final = {
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal""",
}
BOOKKEEPING: Final = "alembic_version"

Catalogue = dict[str, set[tuple[Any, ...]]]


async def catalogue(url: str, *, with_code: bool = True) -> Catalogue:
    """Return what PostgreSQL itself says it holds, alembic's own table left out."""
    connection = await asyncpg.connect(url)
    questions = {**CATALOGUE, **(CODE if with_code else {})}
    try:
        found = {what: await connection.fetch(sql) for what, sql in questions.items()}
    finally:
        await connection.close()
    return {
        what: {tuple(row) for row in rows if not str(row[0]).startswith(BOOKKEEPING)}
        for what, rows in found.items()
    }


@pytest.mark.parametrize(
    "each_server", ["newest", pytest.param("oldest", marks=pytest.mark.thorough)], indirect=True
)
async def test_every_revision_goes_up_down_and_up_again(empty: Database, empty_url: str) -> None:
    """
    A step back undoes all of its step forward, and the way forward is open again.
    """
    reached = {BEFORE_THE_FIRST: await catalogue(empty_url)}
    for revision in schema.revisions():
        await schema.upgrade(empty.engine, revision)
        before, reached[revision] = [*reached.values()][-1], await catalogue(empty_url)
        assert reached[revision] != before

    last, *earlier = reversed(reached)
    for revision in earlier:
        await schema.downgrade(empty.engine, revision)
        assert await catalogue(empty_url) == reached[revision], revision
    await schema.upgrade(empty.engine, last)
    assert await catalogue(empty_url) == reached[last]


async def test_alembic_finds_no_drift(migrated: Database) -> None:
    """
    A table changed in the code and not in a migration fails here.
    """

    def differences(sync: Connection) -> Any:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(sync, opts=options), metadata)

    async with migrated.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_postgres_finds_no_drift(
    migrated: Database, migrated_url: str, each_server: str
) -> None:
    """
    Alembic looks away from checks, predicates and fill factors; the catalogue does not.
    """
    by_migrations = await catalogue(migrated_url, with_code=False)
    await run_sql(migrated_url, "DROP SCHEMA public CASCADE")
    await run_sql(migrated_url, "CREATE SCHEMA public")
    async with migrated.engine.connect() as connection:
        await connection.run_sync(metadata.create_all)

    assert await catalogue(migrated_url, with_code=False) == by_migrations
    assert {"fillfactor=85"} <= {str(row[1]).strip("{}") for row in by_migrations["storage"]}
    assert any(" WHERE " in row[2] for row in by_migrations["indexes"])
    assert any(row[2].startswith("CHECK") for row in by_migrations["constraints"])


async def test_a_migration_gives_up_behind_a_held_lock(
    migrated: Database, migrated_url: str
) -> None:
    """
    It would make every query behind it wait; and giving up leaves nothing half done.
    """
    before = await catalogue(migrated_url)
    reader = await asyncpg.connect(migrated_url)
    async with reader.transaction():
        # The table that the way back drops last but two: others are gone by then.
        await reader.execute("LOCK TABLE course IN ACCESS SHARE MODE")
        async with asyncio.timeout(SECONDS_MAX):
            with pytest.raises(DBAPIError, match="lock timeout"):
                await schema.downgrade(migrated.engine, BEFORE_THE_FIRST)
    await reader.close()

    assert await catalogue(migrated_url) == before
    assert await schema.problem_with(migrated.engine) is None


@pytest.mark.thorough
async def test_of_many_migrators_at_once_one_migrates(
    database_url: str, postgres_server: str
) -> None:
    """
    Replicas start at the same time: they queue up behind one lock, none fails, the schema is made once.
    """
    await run_sql(database_url, "DROP SCHEMA public CASCADE")
    await run_sql(database_url, "CREATE SCHEMA public")
    gate = await asyncpg.connect(database_url)
    await gate.execute(f"SELECT pg_advisory_lock({ONE_MIGRATOR})")
    migrators = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", MIGRATE, database_url, SOURCES), stderr=asyncio.subprocess.PIPE
        )
        for _ in range(MIGRATORS)
    ]
    async with asyncio.timeout(START_SECONDS_MAX):
        while not any(migrator.returncode for migrator in migrators):
            if await gate.fetchval(WAITING) == MIGRATORS:
                break
            await asyncio.sleep(0.02)
    await gate.execute(f"SELECT pg_advisory_unlock({ONE_MIGRATOR})")
    errors = [(await migrator.communicate())[1] for migrator in migrators]

    assert [migrator.returncode for migrator in migrators] == [0] * MIGRATORS, errors
    assert await gate.fetchval(f"SELECT count(*) FROM {BOOKKEEPING}") == 1  # noqa: S608 - our own word
    await gate.close()


async def test_the_code_knows_which_schema_it_may_serve(
    migrated: Database, migrated_url: str
) -> None:
    """
    An empty or older schema asks for a migration, a newer one for a newer program.
    """
    assert await schema.problem_with(migrated.engine) is None

    await schema.downgrade(migrated.engine, BEFORE_THE_FIRST)
    problem = await schema.problem_with(migrated.engine)
    assert problem is not None
    assert "nothing" in problem
    assert "shulk migrate" in problem

    await run_sql(migrated_url, f"INSERT INTO {BOOKKEEPING} VALUES ('9999')")  # noqa: S608 - our own word
    problem = await schema.problem_with(migrated.engine)
    assert problem is not None
    assert "9999" in problem
    assert "newer" in problem


ADDS: Final = "op.add_column('course', sa.Column('added', sa.Text(), nullable=True))"
TAKES: Final = "op.drop_column('course', 'added')"
LATER: Final = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
{says}


def upgrade() -> None:
    {does}
"""


async def test_a_release_serves_beside_its_successor(migrated: Database, tmp_path: Path) -> None:
    """
    After a migration that adds, a process of ours may start again. After one that takes away it may
    not, and says so.
    """
    successor = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, successor)
    for revision, before, says, does in (
        ("9998", schema.revisions()[-1], "", ADDS),
        ("9999", "9998", 'serves_from = "9999"', TAKES),
    ):
        step = successor / "versions" / f"{revision}_later.py"
        step.write_text(
            LATER.format(revision=revision, before=before, says=says, does=does), encoding="utf-8"
        )

    await schema.upgrade(migrated.engine, "9998", migrations=successor)
    await schema.require_known(migrated.engine)
    await schema.upgrade(migrated.engine, "9999", migrations=successor)
    with pytest.raises(schema.SchemaUnknown, match="9999"):
        await schema.require_known(migrated.engine)


async def test_a_database_nobody_migrated_is_at_nothing(empty: Database) -> None:
    """
    A new database has not even a place to say which schema it has.
    """
    assert await schema.revision_of(empty.engine) is None
    assert await schema.problem_with(empty.engine) is not None


async def test_documents_from_before_are_filed_and_their_letters_not_lost(empty: Database) -> None:
    """
    The workers get an errand for each payment; on the way back a letter that waited for a file goes
    out without one, as it did then.
    """
    before, filed = "0008", "0009"
    await schema.upgrade(empty.engine, before)
    async with PostgresUnitOfWork(empty)() as work:
        work.documents.register.issue(invoice_for(sold(), a_company(), POLICY, NOON))

    await schema.upgrade(empty.engine, filed)
    assert await dead_letters(empty) == ["file_documents new"]
    await schema.downgrade(empty.engine, before)

    assert await dead_letters(empty) == ["payment_confirmation new"]


OLD_WORDS: Final = """
INSERT INTO inbox (event_id, body_sha256, event_name, order_id, status, only_sale, received_at, state, due_at)
VALUES ('e', 'x', 'n', 'o', 's', false, now(), 'parked', now());
INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at)
VALUES ('mend_files', 'p', 's', now(), 'parked', now());
INSERT INTO question (id, student_id, since, state, due_at) VALUES ('p', 's', now(), 'parked', now());
INSERT INTO refund_watch (payment_id, refund_id, watched_since, state, due_at)
VALUES ('p', 'r', now(), 'parked', now())
"""
WORDS: Final = """
SELECT (SELECT state FROM inbox), (SELECT state FROM outbox), (SELECT errand FROM outbox),
       (SELECT state FROM question), (SELECT state FROM refund_watch)
"""


async def test_entries_from_before_are_called_by_the_new_words(empty: Database) -> None:
    """
    What waited still waits, what was given up still is, and the way back knows the old words.
    """
    before, renamed = "0009", "0010"
    await schema.upgrade(empty.engine, before)
    async with empty.borrow() as connection:
        await connection.driver.execute(OLD_WORDS)

    await schema.upgrade(empty.engine, renamed)
    assert await words(empty) == ["deferred", "dead", "regenerate_files", "dead", "dead"]
    await schema.downgrade(empty.engine, before)

    assert await words(empty) == ["parked", "parked", "mend_files", "parked", "parked"]


async def words(database: Database) -> list[str]:
    async with database.borrow() as connection:
        return list(await connection.driver.fetchrow(WORDS))


async def dead_letters(database: Database) -> list[str]:
    async with database.borrow() as connection:
        rows = await connection.driver.fetch("SELECT errand, state FROM outbox")
    return [" ".join(row) for row in rows]


FLAGGED: Final = """
INSERT INTO payment (
    id, student_id, student_name, student_email, student_phone, course_id, course_title,
    list_price_paise, discount_paise, taxable_paise, cgst_paise, sgst_paise, igst_paise, payable_paise,
    supply, place_code, price_mode, sac, gst_rate, exempt, rounding_policy, buyer_name, buyer_state,
    state, opened_at, expires_at, closed_at, attention, version)
SELECT id, 's', 's', 's@example.com', '', 'c', 'c', 1, 0, 1, 0, 0, 0, 1,
       'intra_state', '27', 'inclusive', '999293', 0, false, 'p', 's', '27',
       'failed', '2026-08-01 06:00+00', '2026-08-01 06:15+00', closed_at, attention, 1
FROM (VALUES ('told', timestamptz '2026-08-01 07:00+00', 'voided'), ('untold', NULL, 'unresolved'),
             ('fine', NULL, NULL)) AS p (id, closed_at, attention);
INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
VALUES ('2026-08-01 06:30+00', 'bank', 'poll', 'payment.flagged', 'told', '', '', '',
        '{"attention": "voided"}')
"""


async def test_reasons_for_a_review_from_before_are_carried_over(empty: Database) -> None:
    """
    Each with the instant that the audit log knows, or the payment's own.
    """
    before, reviewed = "0010", "0011"
    await schema.upgrade(empty.engine, before)
    async with empty.borrow() as connection:
        await connection.driver.execute(FLAGGED)

    await schema.upgrade(empty.engine, reviewed)

    async with empty.borrow() as connection:
        rows = await connection.driver.fetch(
            "SELECT id, review ->> attention, review_since::text FROM payment ORDER BY id"
        )
    assert [tuple(row) for row in rows] == [
        ("fine", None, None),
        ("told", "2026-08-01T06:30:00+00:00", "2026-08-01 06:30:00+00"),
        ("untold", "2026-08-01T06:00:00+00:00", "2026-08-01 06:00:00+00"),
    ]
    await schema.downgrade(empty.engine, before)


async def test_orders_with_refunds_refused_before_are_read_once_more(empty: Database) -> None:
    """
    Nobody remembered what was refused; the others are left alone.
    """
    await schema.upgrade(empty.engine, "0010")
    async with empty.borrow() as connection:
        await connection.driver.execute(FLAGGED.replace("'voided')", "'refunds_exceed')"))

    await schema.upgrade(empty.engine, "0014")

    async with empty.borrow() as connection:
        rows = await connection.driver.fetch("SELECT id, student_id, state FROM question")
    assert [tuple(row) for row in rows] == [("told", "s", "open")]
